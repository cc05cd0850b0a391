/// Why an agent does not answer a v3 request, by the counter that its Report carries (RFC 3411 to 3414).
enum SNMPReport: Hashable, Sendable {
    case unsupportedSecurityLevel
    case notInTimeWindow
    case unknownUser
    case unknownEngine
    case wrongDigest
    case decryptionError
    case unknownContext
    case unavailableContext
    case unknownSecurityModel
    case invalidMessage
    case unknownPDUHandler
    case other

    init(_ object: ObjectID?) {
        self =
            object.flatMap { Self.known[Array($0.parts.prefix(10))] ?? Self.known[Array($0.parts.prefix(9))] } ?? .other
    }

    private static let known: [[UInt]: SNMPReport] = [
        usm + [1]: .unsupportedSecurityLevel, usm + [2]: .notInTimeWindow, usm + [3]: .unknownUser,
        usm + [4]: .unknownEngine, usm + [5]: .wrongDigest, usm + [6]: .decryptionError,
        [1, 3, 6, 1, 6, 3, 12, 1, 4]: .unavailableContext, [1, 3, 6, 1, 6, 3, 12, 1, 5]: .unknownContext,
        dispatcher + [1]: .unknownSecurityModel, dispatcher + [2]: .invalidMessage,
        dispatcher + [3]: .unknownPDUHandler,
    ]
    private static let usm: [UInt] = [1, 3, 6, 1, 6, 3, 15, 1, 1]
    private static let dispatcher: [UInt] = [1, 3, 6, 1, 6, 3, 11, 2, 1]

    /// What it means, in words that say what to look at.
    func words(_ address: String, _ user: String) -> String {
        switch self {
        case .unsupportedSecurityLevel:
            "\(address) does not let user '\(user)' ask with this protection (usmStatsUnsupportedSecLevels): compare snmp.auth and snmp.priv with the user's settings on the device"
        case .notInTimeWindow:
            "\(address) says that our time is not its time, even after it told us (usmStatsNotInTimeWindows): does something else answer for it, or does its clock leap?"
        case .unknownUser:
            "\(address) does not know the user '\(user)' (usmStatsUnknownUserNames): correct snmp.user, or add the user on the device"
        case .unknownEngine:
            "\(address) gives one engine id and answers to another (usmStatsUnknownEngineIDs)"
        case .wrongDigest:
            "\(address) does not accept the key of user '\(user)' (usmStatsWrongDigests): correct snmp.auth or snmp.auth_key"
        case .decryptionError:
            "\(address) cannot decrypt what user '\(user)' asks (usmStatsDecryptionErrors): correct snmp.priv or snmp.priv_key"
        case .unknownContext: "\(address) has no such context (snmpUnknownContexts): correct snmp.context"
        case .unavailableContext: "\(address) cannot answer for this context now (snmpUnavailableContexts)"
        case .unknownSecurityModel: "\(address) does not speak the user-based security of SNMP v3"
        case .invalidMessage: "\(address) finds our message invalid (snmpInvalidMsgs)"
        case .unknownPDUHandler:
            "nothing at \(address) answers for this context (snmpUnknownPDUHandlers): correct snmp.context"
        case .other: "\(address) refuses to answer, for a reason that no standard names"
        }
    }
}

public import RolloutEngine

/// What can be wrong with a simulated device, for as long as it is set.
public enum Fault: Hashable, Codable, Sendable {
    /// It cannot be reached for management; its traffic flows on.
    case unreachable
    /// It takes so long to answer on its management session.
    case slow(Timespan)
    /// It answers with another hostname, as the wrong device at the right address does.
    case wrongHostname(String)
    /// It shows another host key than the one known.
    case changedHostKey
    /// It does what it is told, and its answer is lost.
    case dropsReply(Call)
    /// It acknowledges changes and makes none.
    case liar
    /// Its SNMP agent does not answer.
    case snmpSilent
    /// Its traffic is held down to this rate, although its configuration says otherwise and nothing is counted as lost.
    case strangled(BitsPerSecond)
    /// Its interfaces count so many errors a second.
    case errors(perSecond: Double)
    /// Its interfaces drop so many packets a second.
    case discards(perSecond: Double)
    /// Its interfaces are down.
    case interfaceDown
    /// One of its neighbours, of every routing protocol and sensor, is lost.
    case peerDown

    /// What can be asked of a device that changes it.
    public enum Call: String, Codable, Sendable, CaseIterable {
        /// Arm and apply.
        case push
        /// Disarm.
        case confirm
        /// Put back.
        case rollBack = "roll-back"
    }
}

extension Fault: CustomStringConvertible {
    /// How faults are written, one example each.
    public static let examples = [
        "unreachable", "slow 30s", "hostname other", "host-key", "drops confirm", "liar", "snmp-silent",
        "strangled 5Mbit", "errors 20", "discards 50", "interface-down", "peer-down",
    ]

    /// As in `examples`.
    public var description: String {
        switch self {
        case .unreachable: "unreachable"
        case .slow(let span): "slow \(span)"
        case .wrongHostname(let name): "hostname \(name)"
        case .changedHostKey: "host-key"
        case .dropsReply(let call): "drops \(call.rawValue)"
        case .liar: "liar"
        case .snmpSilent: "snmp-silent"
        case .strangled(let rate): "strangled \(rate)"
        case .errors(let rate): "errors \(Self.plain(rate))"
        case .discards(let rate): "discards \(Self.plain(rate))"
        case .interfaceDown: "interface-down"
        case .peerDown: "peer-down"
        }
    }

    private static func plain(_ rate: Double) -> String {
        Int64(exactly: rate).map(String.init) ?? String(rate)
    }

    /// Reads what `description` writes; nil for anything else.
    public init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        let value = words.count > 1 ? words[1] : nil
        let rate = value.flatMap(Double.init).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
        let fault: Fault? =
            switch (words.first, value) {
            case ("unreachable", nil): .unreachable
            case ("slow", let value?): Timespan(value).map(Fault.slow)
            case ("hostname", let value?): .wrongHostname(value)
            case ("host-key", nil): .changedHostKey
            case ("drops", let value?): Call(rawValue: value).map(Fault.dropsReply)
            case ("liar", nil): .liar
            case ("snmp-silent", nil): .snmpSilent
            case ("strangled", let value?): BitsPerSecond(value).map(Fault.strangled)
            case ("errors", _): rate.map(Fault.errors)
            case ("discards", _): rate.map(Fault.discards)
            case ("interface-down", nil): .interfaceDown
            case ("peer-down", nil): .peerDown
            default: nil
            }
        guard let fault else { return nil }
        self = fault
    }
}

/// A fault that is set on a device.
public struct SetFault: Hashable, Codable, Sendable {
    /// What is wrong.
    public var fault: Fault
    /// When given, it is only wrong while the device's configuration is not the one of this digest: damage that a change
    /// does and that putting it back heals.
    public var unlessConfig: Digest?

    /// A fault, on a device as it is or only while its configuration is another than this.
    public init(_ fault: Fault, unlessConfig: Digest? = nil) {
        self.fault = fault
        self.unlessConfig = unlessConfig
    }
}

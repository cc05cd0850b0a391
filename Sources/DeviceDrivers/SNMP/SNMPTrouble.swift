import RolloutEngine

/// Why an agent could not be read as a whole.
struct SNMPTrouble: Error, Hashable, Sendable {
    /// The reason that the sample carries.
    var reason: UnknownReason

    init(_ code: UnknownReason.Code, _ detail: String) { reason = UnknownReason(code, detail) }
}

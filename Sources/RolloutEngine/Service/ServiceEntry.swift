/// One entry of the service journal.
public struct ServiceEntry: Hashable, Codable, Sendable {
    /// Its place, from 1, without gaps.
    public var sequence: Int64
    /// When it was appended.
    public var at: Instant
    /// Who said so: a person, a token's name, or `rollout serve`.
    public var by: String
    /// Why, if said.
    public var reason: String?
    /// What.
    public var fact: ServiceFact
    /// The digest of the entry before it and of all of this one; see `ServiceChain`.
    public var chain: Digest

    /// An entry as it is stored. Use `ServiceChain.entry` to make one.
    public init(sequence: Int64, at: Instant, by: String, reason: String?, fact: ServiceFact, chain: Digest) {
        self.sequence = sequence
        self.at = at
        self.by = by
        self.reason = reason
        self.fact = fact
        self.chain = chain
    }
}

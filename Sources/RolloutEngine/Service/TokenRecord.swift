/// The right to use the HTTP interface, as it is kept: never the secret itself.
public struct TokenRecord: Hashable, Codable, Sendable {
    /// By what people name it to revoke it; unique in its store.
    public var id: String
    /// Who or what uses it, in a person's words.
    public var name: String
    /// What it may do.
    public var role: TokenRole
    /// The product ranges of the devices that it may touch or see; empty for all.
    public var ranges: [RangeName]
    /// The datacentres of the devices that it may touch or see; empty for all.
    public var datacentres: [DatacentreName]
    /// The SHA-256 of its secret. The secret is random and long, so that nobody finds it by trying.
    public var secretDigest: Digest
    /// When it runs out; nil for never.
    public var expiresAt: Instant?

    /// A token as it is kept.
    public init(
        id: String, name: String, role: TokenRole, ranges: [RangeName] = [], datacentres: [DatacentreName] = [],
        secretDigest: Digest, expiresAt: Instant? = nil
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.ranges = ranges
        self.datacentres = datacentres
        self.secretDigest = secretDigest
        self.expiresAt = expiresAt
    }
}

/// What a token may do. Each may do what those before it may.
public enum TokenRole: String, Hashable, Codable, Sendable, CaseIterable, Comparable {
    /// Look.
    case viewer
    /// Pause, resume, retry, put back, abort; stop the line.
    case `operator`
    /// Approve, let a wave through that did not pass, release the line.
    case approver
    /// Everything else.
    case admin

    /// The role that may do less first.
    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What became of another tool's inventory. It holds keys and places, never a value.
public struct ImportReport: Codable, Sendable {
    /// A key that is not taken over.
    public struct DroppedKey: Codable, Hashable, Sendable {
        /// The key.
        public let key: String
        /// Why.
        public let reason: String
        /// Every place where it stands.
        public let places: [SourceLocation]
    }

    /// A secret that has to be put where the inventory refers to it.
    public struct MissingSecret: Codable, Hashable, Sendable {
        /// Where the inventory looks for it, such as `env:ROLLOUT_SSH_PASSWORD`.
        public let reference: String
        /// How it was kept: `written out`, `encrypted`, or `a template`.
        public let kept: String
        /// Every place where it stood.
        public let places: [SourceLocation]
    }

    /// A host, or a file, that is not taken over as a whole.
    public struct LeftOut: Codable, Hashable, Sendable {
        /// Its name.
        public let name: String
        /// Where it stands.
        public let place: SourceLocation
        /// Why.
        public let reason: String
    }

    /// How many devices were taken over.
    public var devices = 0
    /// How many there are in each datacentre.
    public var datacentres: [String: Int] = [:]
    /// How many there are in each product range.
    public var ranges: [String: Int] = [:]
    /// What was not taken over, by key.
    public var dropped: [DroppedKey] = []
    /// What has to be filled in.
    public var secrets: [MissingSecret] = []
    /// What is not a device.
    public var leftOut: [LeftOut] = []
    /// What our own reader warns of.
    public var warnings: [Complaint] = []
}

/// What a person decides about an import.
public struct ImportOptions: Sendable {
    /// What says the datacentre, and which one is meant where it says nothing.
    public var datacentreFrom: KeySource?
    /// The datacentre of hosts of which nothing says it.
    public var datacentre: String?
    /// What says the product range.
    public var rangeFrom: KeySource?
    /// The product range of hosts of which nothing says it.
    public var range: String?
    /// The platform of hosts of which nothing says it.
    public var platform: String?
    /// Our platforms by what the other tool calls them.
    public var platforms: [String: String] = [:]
    /// Keys by the setting that they give.
    public var mappings: [String: String] = [:]
    /// What the fields of a `router.db` are.
    public var columns = ["name", "model", "group"]

    /// Nothing is decided.
    public init() {}

    /// The settings that `mappings` may name.
    public static var mappableSettings: [String] { ForeignKeys.mappable }
}

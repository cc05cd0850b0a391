/// One router, switch or server, with every setting resolved.
public struct Device: Hashable, Codable, Sendable {
    /// The name, unique in its inventory.
    public var name: DeviceName
    /// Where it is reached for management: an address or a name to look up.
    public var address: String
    /// Which driver speaks to it.
    public var platform: PlatformName
    /// The product range it belongs to.
    public var range: RangeName
    /// The datacentre it stands in.
    public var datacentre: DatacentreName
    /// The hostname it must answer with before anything is sent to it. The device's name unless the inventory says otherwise.
    public var hostname: String
    /// The serial number that it must have before anything is sent to it: the inventory's, else what it said when the plan was
    /// made. Nil where neither says one.
    public var serial: String?
    /// What must not fail together with it, one value a kind: `pair: eco-01`, `rack: r7`. Sorted by kind.
    public var domains: [FailureDomain]
    /// The shared links that its traffic loads.
    @Shared public var links: [LinkName]
    /// The interfaces whose counters are watched, by the name that the device gives them (ifName).
    @Shared public var interfaces: [String]
    /// Free marks for selections.
    @Shared public var tags: [String]
    /// The groups it is in, in the order in which they were applied.
    @Shared public var groups: [GroupName]
    /// How it is reached over SSH.
    @Shared public var ssh: SSHSettings
    /// How its counters are read.
    @Shared public var snmp: SNMPSettings
    /// What templates may use, by name.
    @Shared public var variables: [String: Variable]

    /// A device with every setting resolved.
    public init(
        name: DeviceName, address: String, platform: PlatformName, range: RangeName, datacentre: DatacentreName,
        hostname: String? = nil, serial: String? = nil, domains: [FailureDomain] = [], links: [LinkName] = [],
        interfaces: [String] = [],
        tags: [String] = [], groups: [GroupName] = [], ssh: SSHSettings = SSHSettings(),
        snmp: SNMPSettings = SNMPSettings(), variables: [String: Variable] = [:]
    ) {
        self.name = name
        self.address = address
        self.platform = platform
        self.range = range
        self.datacentre = datacentre
        self.hostname = hostname ?? name.rawValue
        self.serial = serial
        self.domains = domains
        self.links = links
        self.interfaces = interfaces
        self.tags = tags
        self.groups = groups
        self.ssh = ssh
        self.snmp = snmp
        self.variables = variables
    }
}

/// Devices that must not be touched together: the two of a redundant pair, those of one rack.
public struct FailureDomain: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// What it is: `pair`, `rack`.
    public var kind: String
    /// Which one it is: `eco-01`, `r7`.
    public var value: String

    /// Names a failure domain.
    public init(kind: String, value: String) {
        self.kind = kind
        self.value = value
    }

    /// `pair eco-01`.
    public var description: String { "\(kind) \(value)" }
    /// By kind, then by value.
    public static func < (left: Self, right: Self) -> Bool {
        left.kind != right.kind ? left.kind < right.kind : naturallyPrecedes(left.value, right.value)
    }
}

/// A value for templates.
public enum Variable: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Text.
    case text(String)
    /// A whole number.
    case number(Int64)
    /// Yes or no.
    case flag(Bool)
    /// A list.
    case list([Variable])

    /// As a template would print it.
    public var description: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        case .list(let items): items.map(\.description).joined(separator: ", ")
        }
    }

    /// Reads text, a whole number, a flag or a list.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            self = .list(try container.decode([Variable].self))
        }
    }

    /// Writes the bare value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .list(let items): try container.encode(items)
        }
    }
}

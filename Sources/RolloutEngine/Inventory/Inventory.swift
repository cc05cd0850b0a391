/// A fleet as given: devices, the links they share, and the places they stand in.
public struct Inventory: Hashable, Codable, Sendable {
    /// The name, that of its folder.
    public var name: String
    /// Every device, sorted by name.
    public var devices: [Device]
    /// Every shared link, sorted by name.
    public var links: [Link]
    /// Every datacentre, in the order in which the inventory lists them.
    public var datacentres: [Datacentre]
    /// Every product range, in the order in which the inventory lists them.
    public var ranges: [RangeName]
    /// Every group, in the order in which the inventory lists them.
    public var groups: [GroupName]
    /// Each file that was read, with the digest of its bytes, sorted by path.
    public var files: [InputDigest]

    /// An inventory whose references have been checked.
    public init(
        name: String, devices: [Device], links: [Link], datacentres: [Datacentre], ranges: [RangeName],
        groups: [GroupName] = [], files: [InputDigest] = []
    ) {
        self.name = name
        self.devices = devices
        self.links = links
        self.datacentres = datacentres
        self.ranges = ranges
        self.groups = groups
        self.files = files
    }
}

/// A shared, constrained link: an uplink that several devices load.
public struct Link: Hashable, Codable, Sendable {
    /// The name, unique in its inventory.
    public var name: LinkName
    /// What it can carry in one direction.
    public var capacity: BitsPerSecond
    /// Where its own counters are read.
    public var counters: LinkCounters

    /// A link with its capacity and where its counters are read.
    public init(name: LinkName, capacity: BitsPerSecond, counters: LinkCounters) {
        self.name = name
        self.capacity = capacity
        self.counters = counters
    }
}

/// Where a link's counters are read: an interface of some agent, which need not be a device of the inventory.
public struct LinkCounters: Hashable, Codable, Sendable {
    /// The agent's address.
    public var address: String
    /// The interface, by the agent's name for it (ifName).
    public var interface: String
    /// The direction that fills up first.
    public var direction: Direction
    /// How the agent is asked.
    public var snmp: SNMPSettings

    /// Names an interface of an agent.
    public init(address: String, interface: String, direction: Direction = .out, snmp: SNMPSettings = SNMPSettings()) {
        self.address = address
        self.interface = interface
        self.direction = direction
        self.snmp = snmp
    }

    /// A direction as the agent sees it.
    public enum Direction: String, Codable, Sendable {
        /// Received by the agent.
        case `in`
        /// Sent by the agent.
        case out
    }
}

/// A datacentre with its own time and its own hours for work.
public struct Datacentre: Hashable, Codable, Sendable {
    /// The name, unique in its inventory.
    public var name: DatacentreName
    /// The time zone, by its IANA name: `Europe/Paris`.
    public var timeZone: String
    /// When work may be done; nil means at any time.
    public var window: MaintenanceWindow?
    /// The days on which none may be done all the same; nil when there are none.
    public var blackouts: [Blackout]?

    /// A datacentre with its time zone, its window and its blackouts.
    public init(
        name: DatacentreName, timeZone: String, window: MaintenanceWindow? = nil, blackouts: [Blackout]? = nil
    ) {
        self.name = name
        self.timeZone = timeZone
        self.window = window
        self.blackouts = blackouts
    }
}

/// Hours of local time in which work may be done, on the days given. A window may pass midnight: 22:00 to 05:30.
public struct MaintenanceWindow: Hashable, Codable, Sendable {
    /// The first minute, counted from local midnight.
    public var startMinute: Int
    /// The minute at which it closes, counted from local midnight. At or before the start, it is on the next day.
    public var endMinute: Int
    /// The days on which it opens, 1 for Monday to 7 for Sunday. Sorted, never empty.
    public var days: [Int]

    /// A window in minutes from local midnight.
    public init(startMinute: Int, endMinute: Int, days: [Int] = Array(1...7)) {
        self.startMinute = startMinute
        self.endMinute = endMinute
        self.days = days
    }
}

/// A file that was read, with the SHA-256 of its bytes.
public struct InputDigest: Hashable, Codable, Sendable {
    /// The path, as the user would type it.
    public var path: String
    /// The digest.
    public var digest: Digest

    /// Names a file and what was in it.
    public init(path: String, digest: Digest) {
        self.path = path
        self.digest = digest
    }
}

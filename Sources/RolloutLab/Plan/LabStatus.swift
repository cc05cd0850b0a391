public import RolloutEngine

/// How a lab is doing. Pure.
public struct LabStatus: Codable, Sendable {
    /// Where it is written down.
    public var folder: String
    /// What it is made of.
    public var kind: LabRecord.Kind
    /// Whether everything that was started still runs.
    public var isWhole: Bool
    /// The inventory to reach it with.
    public var inventory: String
    /// Every device.
    public var devices: [DeviceStatus]
    /// Every uplink.
    public var uplinks: [UplinkStatus]

    /// How one device is doing.
    public struct DeviceStatus: Codable, Sendable {
        /// Its name.
        public var name: String
        /// Where it is reached.
        public var address: String
        /// Whether its SSH server listens.
        public var ssh: Bool
        /// Whether its SNMP agent answers.
        public var snmp: Bool
        /// Whether its traffic flows.
        public var traffic: Bool
        /// What it is shaped to; nil when it is not.
        public var cap: BitsPerSecond?
        /// What it sends now.
        public var rate: BitsPerSecond
        /// The faults that are set on it.
        public var faults: [String]

        /// How one device is doing.
        public init(
            name: String, address: String, ssh: Bool, snmp: Bool, traffic: Bool, cap: BitsPerSecond?,
            rate: BitsPerSecond, faults: [String]
        ) {
            self.name = name
            self.address = address
            self.ssh = ssh
            self.snmp = snmp
            self.traffic = traffic
            self.cap = cap
            self.rate = rate
            self.faults = faults
        }
    }

    /// How one uplink is doing.
    public struct UplinkStatus: Codable, Sendable {
        /// Its name.
        public var name: String
        /// What it can carry.
        public var capacity: BitsPerSecond
        /// What it carries now.
        public var rate: BitsPerSecond
        /// Whether its SNMP agent answers.
        public var snmp: Bool

        /// How one uplink is doing.
        public init(name: String, capacity: BitsPerSecond, rate: BitsPerSecond, snmp: Bool) {
            self.name = name
            self.capacity = capacity
            self.rate = rate
            self.snmp = snmp
        }
    }

    /// How a lab is doing.
    public init(
        folder: String, kind: LabRecord.Kind, isWhole: Bool, inventory: String, devices: [DeviceStatus],
        uplinks: [UplinkStatus]
    ) {
        self.folder = folder
        self.kind = kind
        self.isWhole = isWhole
        self.inventory = inventory
        self.devices = devices
        self.uplinks = uplinks
    }
}

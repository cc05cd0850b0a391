public import RolloutEngine

/// What a lab is made of: its devices, the datacentres they stand in, and every name and address. Pure.
///
/// Management is a network of its own, as in most datacentres: a link that is full or strangled never hides a device from
/// SSH or SNMP. All addresses are of 198.18.0.0/15, which RFC 2544 keeps for tests, and all are inside the namespaces.
public struct LabTopology: Hashable, Codable, Sendable {
    /// What the names of all namespaces begin with.
    public var prefix: String
    /// How many devices each product range has in each datacentre.
    public var devicesPerGroup: Int
    /// The datacentres, each with a router and a capped uplink to the core.
    public var datacentres: [String]
    /// The product ranges, each with the rate that its devices start with.
    public var ranges: [LabRange]

    /// Whether there are routers and switches among the devices, played behind a real SSH server.
    public var isMixed: Bool

    /// What a device is.
    public struct Kind: Hashable, Sendable {
        /// Its platform, as inventories name it.
        public var platform: String
        /// What its configuration calls the interface that carries its traffic.
        public var interface: String
        /// What runs on it beside the usual services.
        public var runs = Program.nothing

        /// A real program that makes a host a router or a switch, or one that plays such a device.
        public enum Program: String, Sendable {
            case nothing
            /// The device is played behind its SSH server.
            case played
            /// Open vSwitch, to which the interface belongs as a port.
            case openVSwitch = "openvswitch"
            /// BIRD 2.
            case bird
            /// FRR's zebra and staticd.
            case frr

            /// What has to be installed for it, as the file and the Debian package.
            var needs: [(file: String, package: String)] {
                switch self {
                case .nothing, .played: []
                case .openVSwitch:
                    [("/usr/sbin/ovs-vswitchd", "openvswitch-switch"), ("/usr/sbin/ethtool", "ethtool")]
                case .bird: [("/usr/sbin/bird", "bird2")]
                case .frr: [("/usr/lib/frr/zebra", "frr"), ("/usr/lib/frr/frr-reload.py", "frr-pythontools")]
                }
            }
        }

        /// Whether it asks for a password of its own before it lets itself be configured.
        public var asksForPassword: Bool { ["cisco_iosxe", "arista_eos"].contains(platform) }
        /// Whether its SSH server has only what the built-in client has not.
        public var isModern: Bool { platform == "cisco_iosxe" }

        /// A Linux host.
        public static let linux = Kind(platform: "linux", interface: LabDevice.interface)

        /// What a mixed lab has, one after the other.
        public static let mixture =
            [linux]
            + [
                ("arista_eos", "Ethernet1"), ("juniper_junos", "ge-0/0/1"), ("cisco_iosxe", "GigabitEthernet0/0/1"),
                ("cisco_iosxr", "GigabitEthernet0/0/0/1"), ("huawei_vrp", "GigabitEthernet0/1/1"), ("vyos", "eth1"),
                ("cisco_nxos", "Ethernet1/1"), ("nokia_srlinux", "ethernet-1/1"), ("mikrotik_routeros", "ether1"),
                ("sonic", "Ethernet0"),
            ].map { Kind(platform: $0, interface: $1, runs: .played) }
            + [
                Kind(platform: "openvswitch", interface: LabDevice.interface, runs: .openVSwitch),
                Kind(platform: "bird", interface: LabDevice.interface, runs: .bird),
                Kind(platform: "linux", interface: LabDevice.interface, runs: .frr),
            ]
    }

    /// A product range of the lab.
    public struct LabRange: Hashable, Codable, Sendable {
        /// Its name.
        public var name: String
        /// The rate that its devices are shaped to at the start, in Mbit/s.
        public var megabits: UInt64

        /// A product range.
        public init(name: String, megabits: UInt64) {
            self.name = name
            self.megabits = megabits
        }
    }

    /// The ranges of the usual lab: rates that a small machine carries with ease, also doubled.
    public static let usualRanges = [
        LabRange(name: "eco", megabits: 4), LabRange(name: "adv", megabits: 8), LabRange(name: "hg", megabits: 12),
    ]

    /// The usual lab has two datacentres, three ranges and four devices of each range in each datacentre: 24.
    public init(
        prefix: String = "rlab", devicesPerGroup: Int = 4, datacentres: [String] = ["gra", "rbx"],
        ranges: [LabRange] = LabTopology.usualRanges, isMixed: Bool = false
    ) {
        self.prefix = prefix
        self.devicesPerGroup = devicesPerGroup
        self.datacentres = datacentres
        self.ranges = ranges
        self.isMixed = isMixed
    }

    /// Why no lab can be made of this; nil when one can.
    public var complaint: String? {
        let isPrefix =
            (1...12).contains(prefix.utf8.count)
            && prefix.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
        guard isPrefix else { return "the prefix '\(prefix)' is not 1 to 12 small letters and digits" }
        guard (1...80).contains(devicesPerGroup) else {
            return "\(devicesPerGroup) devices of a range in a datacentre: expected 1 to 80"
        }
        return nil
    }

    // MARK: Names

    /// The namespace from which everything is reached: management, and where the traffic goes.
    public var core: String { "\(prefix)-core" }
    /// The namespace of a datacentre's router.
    public func router(_ datacentre: String) -> String { "\(prefix)-\(datacentre)" }
    /// Every namespace, the core first.
    public var namespaces: [String] { [core] + datacentres.map(router) + devices.map(\.namespace) }

    // MARK: Addresses

    /// Where the core is reached by management.
    public static let coreAddress = "198.18.0.1"
    /// Where the traffic goes.
    public static let sinkAddress = "198.19.255.1"
    /// The first port of those that take traffic, one a device.
    public static let firstPort = 5201

    /// Where a datacentre's router is reached by management.
    public func routerAddress(_ index: Int) -> String { "198.18.0.\(11 + index)" }
    /// The router's address for its devices.
    func gateway(_ index: Int) -> String { "198.19.\(index + 1).254" }
    /// The core's end of a datacentre's uplink.
    func coreEnd(_ index: Int) -> String { "198.19.0.\(4 * index + 1)" }
    /// The router's end of its uplink.
    func routerEnd(_ index: Int) -> String { "198.19.0.\(4 * index + 2)" }

    /// The name of a datacentre's uplink.
    public func uplink(_ datacentre: String) -> String { "\(datacentre)-core-1" }

    /// What an uplink can carry: the doubled traffic of all its devices is 75 % of it, rounded up to 10 Mbit/s.
    public var uplinkCapacity: BitsPerSecond {
        let doubled = ranges.map(\.megabits).reduce(0, +) * 2 * UInt64(devicesPerGroup)
        let megabits = (doubled * 100 / 75 / 10 + 1) * 10
        return BitsPerSecond(megabits * 1_000_000)
    }

    /// Every device, datacentre by datacentre and range by range.
    public var devices: [LabDevice] {
        var devices: [LabDevice] = []
        for (place, datacentre) in datacentres.enumerated() {
            var number = 0
            for range in ranges {
                for index in 1...max(1, devicesPerGroup) {
                    number += 1
                    devices.append(
                        LabDevice(
                            topology: self, datacentre: datacentre, range: range, index: index,
                            management: "198.18.\(place + 1).\(number)", address: "198.19.\(place + 1).\(number)",
                            port: Self.firstPort + devices.count,
                            kind: isMixed ? Kind.mixture[devices.count % Kind.mixture.count] : .linux))
                }
            }
        }
        return devices
    }
}

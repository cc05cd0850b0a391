import RolloutEngine

/// Small fleets and plans, valid by default; a test then alters one thing.
enum Samples {
    static let start = Instant(milliseconds: 1_770_000_000_000)

    static func config(_ megabits: UInt64) -> DeviceConfig {
        DeviceConfig(sections: [
            .init(name: "qdisc eth0", lines: ["tbf rate \(megabits * 1_000_000)bit burst 32768b latency 50000us"])
        ])
    }

    static func device(
        _ name: String, range: String = "eco", datacentre: String = "gra", pair: String? = nil,
        links: [String] = ["up-gra"]
    ) -> Device {
        Device(
            name: DeviceName(rawValue: name), address: "198.51.100.1", platform: "linux",
            range: RangeName(rawValue: range),
            datacentre: DatacentreName(rawValue: datacentre),
            domains: pair.map { [FailureDomain(kind: "pair", value: $0)] } ?? [],
            links: links.map { LinkName(rawValue: $0) }, interfaces: ["eth0"],
            snmp: SNMPSettings(community: .environment("COMMUNITY")))
    }

    static func target(from old: UInt64 = 100, to new: UInt64 = 200) -> Target {
        Target(
            intents: [
                .shape(
                    interface: "eth0", rate: BitsPerSecond(new * 1_000_000), burst: ByteCount(65536), trafficClass: nil)
            ], base: config(old), desired: config(new), growth: BitsPerSecond((max(new, old) - old) * 1_000_000))
    }

    static func link(_ name: String, megabits: UInt64) -> Link {
        Link(
            name: LinkName(rawValue: name), capacity: BitsPerSecond(megabits * 1_000_000),
            counters: LinkCounters(address: "198.51.100.254", interface: "up"))
    }

    static func inventory(_ devices: [Device], links: [Link]? = nil) -> Inventory {
        let names = Set(devices.flatMap(\.links)).sorted()
        return Inventory(
            name: "test", devices: devices.sorted { $0.name < $1.name },
            links: links ?? names.map { link($0.rawValue, megabits: 100_000) },
            datacentres: Set(devices.map(\.datacentre)).sorted().map { Datacentre(name: $0, timeZone: "Europe/Paris") },
            ranges: Set(devices.map(\.range)).sorted())
    }

    static func policy() -> Policy {
        Policy(
            name: "test", soak: .seconds(30), watch: WatchRule(poll: .seconds(10), baseline: .seconds(60)),
            gates: [GateRule(name: "traffic", condition: .interfaces, onFail: .rollBack)])
    }

    static func input(
        _ devices: [Device], policy: Policy = policy(), links: [Link]? = nil, load: UInt64 = 0,
        target: Target = target()
    ) -> Planner.Input {
        let inventory = inventory(devices, links: links)
        var loads: [LinkName: LinkLoad] = [:]
        for link in inventory.links { loads[link.name] = .known(BitsPerSecond(load * 1_000_000)) }
        return Planner.Input(
            tool: "test", now: start, inventory: inventory, inputs: [],
            change: Change(name: "double", intents: [.shape(ShapingIntent(interface: "eth0", egressRate: "200Mbit"))]),
            policy: policy, limit: nil, surveyed: devices.map { SurveyedDevice(device: $0, finding: .target(target)) },
            loads: loads)
    }

    /// Ranges eco and hg in gra and rbx, `perGroup` devices each, in pairs.
    static func fleet(perGroup: Int = 4) -> [Device] {
        ["eco", "hg"].flatMap { range in
            ["gra", "rbx"].flatMap { place in
                (1...perGroup).map { number in
                    device(
                        "\(place)-\(range)-\(number)", range: range, datacentre: place,
                        pair: "\(place)-\(range)-p\((number + 1) / 2)", links: ["up-\(place)"])
                }
            }
        }
    }
}

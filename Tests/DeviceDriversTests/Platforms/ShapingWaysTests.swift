import ConsoleDevices
import RolloutEngine
import Testing

@testable import DeviceDrivers

/// Platforms on which an interface can be shaped in more than one way.
@Suite("Ways of shaping")
struct ShapingWaysTests {
    /// An interface that goes one way.
    struct Way: Sendable, CustomTestStringConvertible {
        let platform: ConsolePlatform
        let interface: String
        var direction: TrafficDirection?
        /// What somebody typed before.
        var typed: [String] = []
        /// The rate that is found, in Mbit/s.
        var before: UInt64?
        /// Lines that the change to 300 Mbit/s leaves.
        let left: [String]
        var testDescription: String { "\(platform) \(interface): \(typed.last ?? "nothing")" }
    }

    static let ways: [Way] = [
        // Junos: units, and profiles instead of rates of one's own.
        Way(
            platform: .juniperJunos, interface: "ge-0/0/0.100", before: nil,
            left: ["unit 100 {", "shaping-rate 300000000;", "shaping-rate 500m;"]),
        Way(
            platform: .juniperJunos, interface: "ge-0/0/0.100",
            typed: ["set class-of-service interfaces ge-0/0/0 unit 100 shaping-rate 200m"], before: 200,
            left: ["shaping-rate 300000000;", "shaping-rate 500m;"]),
        Way(
            platform: .juniperJunos, interface: "ge-0/0/0.100",
            typed: [
                "set class-of-service traffic-control-profiles GOLD shaping-rate 200m",
                "set class-of-service interfaces ge-0/0/0 unit 100 output-traffic-control-profile GOLD",
            ], before: 200, left: ["GOLD {", "shaping-rate 300000000;", "output-traffic-control-profile GOLD;"]),
        Way(
            platform: .juniperJunos, interface: "ge-0/0/0.100",
            typed: [
                "set class-of-service traffic-control-profiles GOLD scheduler-map FAIR",
                "set class-of-service traffic-control-profiles GOLD shaping-rate 200m",
                "set class-of-service interfaces ge-0/0/0 unit 100 output-traffic-control-profile GOLD",
                "set class-of-service interfaces ge-0/0/0 unit 200 output-traffic-control-profile GOLD",
            ], before: 200,
            left: [
                "rollout-ge-0-0-0-100 {", "scheduler-map FAIR;", "shaping-rate 200m;",
                "output-traffic-control-profile rollout-ge-0-0-0-100;", "output-traffic-control-profile GOLD;",
            ]),
        Way(
            platform: .juniperJunos, interface: "ge-0/0/1",
            typed: [
                "delete class-of-service interfaces ge-0/0/1",
                "set class-of-service traffic-control-profiles GOLD shaping-rate 200m",
                "set class-of-service interfaces ge-0/0/1 output-traffic-control-profile GOLD",
            ], before: 200, left: ["shaping-rate 300000000;", "output-traffic-control-profile GOLD;"]),
        // A family that holds nothing else stays when its policer goes.
        Way(
            platform: .juniperJunos, interface: "ge-0/0/1.0", direction: .ingress,
            typed: ["delete interfaces ge-0/0/1", "set interfaces ge-0/0/1 unit 0 family inet"], before: nil,
            left: ["bandwidth-limit 300000000;", "input rollout-input-ge-0-0-1-0;"]),
        // EOS: profiles.
        Way(
            platform: .aristaEOS, interface: "Ethernet1",
            typed: [
                "qos profile GOLD", "qos trust dscp", "shape rate 200000 kbps", "interface Ethernet1", "no shape rate",
                "service-profile GOLD",
            ], before: 200, left: ["qos profile GOLD", "shape rate 300000 kbps", "service-profile GOLD"]),
        Way(
            platform: .aristaEOS, interface: "Ethernet1",
            typed: [
                "qos profile GOLD", "qos trust dscp", "shape rate 200000 kbps", "interface Ethernet2", "no shape rate",
                "service-profile GOLD", "interface Ethernet1", "no shape rate", "service-profile GOLD",
            ], before: 200,
            left: [
                "qos profile ROLLOUT-Ethernet1", "shape rate 200000 kbps", "service-profile ROLLOUT-Ethernet1",
                "service-profile GOLD",
            ]),
        // EOS: traffic policies that take one family.
        Way(
            platform: .aristaEOS, interface: "Ethernet1", direction: .ingress,
            typed: trafficPolicy() + ["interface Ethernet1", "traffic-policy input IN"], before: 200,
            left: [
                "traffic-policy IN", "police rate 300000 kbps burst-size 1875000 bytes", "drop",
                "traffic-policy input IN",
            ]),
        Way(
            platform: .aristaEOS, interface: "Ethernet1", direction: .ingress,
            typed: trafficPolicy() + [
                "interface Ethernet1", "traffic-policy input IN", "interface Ethernet2", "traffic-policy output IN",
            ], before: 200,
            left: [
                "traffic-policy ROLLOUT-input-Ethernet1", "police rate 300000 kbps burst-size 1875000 bytes",
                "traffic-policy input ROLLOUT-input-Ethernet1", "police rate 200 mbps burst-size 400 kbytes",
                "traffic-policy output IN",
            ]),
        // SONiC: a port without a policy, with one of its own, and with one that another has as well.
        Way(
            platform: .sonic, interface: "Ethernet4", typed: ["interface Ethernet4", "no scheduler-policy"],
            before: nil,
            left: [
                "qos scheduler-policy ROLLOUT-Ethernet4", "pir 300000", "scheduler-policy ROLLOUT-Ethernet4",
                "pir 500000",
            ]),
        Way(
            platform: .sonic, interface: "Ethernet4",
            typed: [
                "qos scheduler-policy GOLD", "queue 1", "type strict", "port", "pir 200000", "pbs 16384",
                "interface Ethernet4", "scheduler-policy GOLD",
            ], before: 200, left: ["type strict", "pir 300000", "pbs 16384", "scheduler-policy GOLD", "pir 500000"]),
        Way(
            platform: .sonic, interface: "Ethernet4",
            typed: [
                "qos scheduler-policy GOLD", "queue 1", "type strict", "pir 100000", "interface Ethernet4",
                "scheduler-policy GOLD",
            ], before: nil, left: ["type strict", "pir 100000", "port", "pir 300000", "scheduler-policy GOLD"]),
        Way(
            platform: .sonic, interface: "Ethernet4", before: 500,
            left: [
                "qos scheduler-policy ROLLOUT-Ethernet4\n queue 3\n  type dwrr\n  weight 40\n port\n  pir 300000",
                "pir 500000", "scheduler-policy CUSTOMERS", "scheduler-policy ROLLOUT-Ethernet4",
            ]),
        // SR OS: a port with nothing else, what goes out of a SAP, and what comes in.
        Way(
            platform: .nokiaSROS, interface: "1/1/2",
            typed: ["delete configure port 1/1/2", "set configure port 1/1/2"], before: nil, left: ["rate 300000"]),
        Way(
            platform: .nokiaSROS, interface: "1/1/1:100",
            typed: [
                "set configure service epipe c0 customer \"see sap 1/1/1:100 of c1\"",
                "set configure service epipe c1 customer 1",
                "set configure service epipe c1 sap 1/1/1:100 ingress qos sap-ingress policy-name KEPT",
            ], before: nil,
            left: [
                "policy-name KEPT",
                "sap-egress ROLLOUT-1-1-1:100 {", "pir 300000", "policy-name ROLLOUT-1-1-1:100", "rate 500000",
            ]),
        Way(
            platform: .nokiaSROS, interface: "1/1/1:100",
            typed: [
                "set configure qos sap-egress GOLD queue 1 rate pir 200000",
                "set configure service vprn v1 interface to-c1 sap 1/1/1:100 egress qos sap-egress policy-name GOLD",
            ], before: 200, left: ["pir 300000", "policy-name GOLD"]),
        Way(
            platform: .nokiaSROS, interface: "1/1/1:100",
            typed: [
                "set configure qos sap-egress GOLD queue 1 rate pir 200000",
                "set configure service vpls v1 sap 1/1/1:100 egress qos sap-egress policy-name GOLD",
                "set configure service ies v2 interface to-c2 sap 1/1/1:200 egress qos sap-egress policy-name GOLD",
            ], before: 200,
            left: ["pir 300000", "pir 200000", "policy-name ROLLOUT-1-1-1:100", "policy-name GOLD"]),
        Way(
            platform: .nokiaSROS, interface: "1/1/1:100", direction: .ingress,
            typed: ["set configure service vpls v1 sap 1/1/1:100"], before: nil,
            left: [
                "sap-ingress ROLLOUT-1-1-1:100 {", "pir 300000", "mbs 1875000", "policer 1",
                "broadcast-policer 1", "policy-name ROLLOUT-1-1-1:100",
            ]),
    ]

    /// A traffic policy of EOS that polices what is IPv4, and what it does with what is IPv6.
    private static func trafficPolicy(_ six: String = "drop", first: [String] = []) -> [String] {
        ["traffic-policies", "traffic-policy IN"] + first + [
            "match ipv4-all-default ipv4", "actions", "police rate 200 mbps burst-size 400 kbytes", "count",
            "match ipv6-all-default ipv6", "actions", six,
        ]
    }

    private static func type(_ lines: [String], on bench: ConsoleBench) throws {
        switch bench.storage.device.platform {
        case .aristaEOS: try bench.type(["enable", "enable", "configure terminal"] + lines + ["end"])
        case .sonic: try bench.type(["sonic-cli", "configure terminal"] + lines + ["end"])
        case .nokiaSROS:
            // Typed from the root, each.
            let rooted = lines.map { line in
                line.hasPrefix("set ") ? "/" + line.dropFirst(4) : line.replacing("delete ", with: "delete /")
            }
            try bench.type(["edit-config exclusive"] + rooted + ["commit", "quit-config"])
        default: try bench.type(["configure"] + lines + ["commit", "exit"])
        }
    }

    private static func order(_ bench: ConsoleBench, _ way: Way) async throws -> (CLIDriver, PushOrder, ResolvedIntent)
    {
        let driver = try bench.driver()
        let rate = BitsPerSecond(300_000_000)
        let intent: ResolvedIntent =
            if let direction = way.direction {
                .police(
                    interface: way.interface, direction: direction, rate: rate, burst: BurstRule.policing(rate))
            } else {
                .shape(interface: way.interface, rate: rate, burst: ByteCount(1 << 20), trafficClass: nil)
            }
        let base = try await driver.observe(
            bench.device, scope: ConfigScope(of: [intent]), within: .seconds(20)
        ).config
        var order = PushOrder(
            device: bench.device, base: base, desired: try driver.render([intent], onto: base, for: bench.device),
            mark: "rollout-217-edge-1", revertAfter: .minutes(5), limit: .seconds(60))
        order.withoutTimer = !driver.armsRevertTimer
        return (driver, order, intent)
    }

    @Test("found, changed, planned again for nothing, and put back as it was", arguments: ways)
    func life(_ way: Way) async throws {
        let bench = ConsoleBench(way.platform)
        try Self.type(way.typed, on: bench)
        let before = bench.storage.device.runningText
        let (driver, order, intent) = try await Self.order(bench, way)
        #expect(order.base.sections[0].shapedRate == way.before.map { BitsPerSecond($0 * 1_000_000) }, "\(before)")
        _ = try await driver.push(order)
        let confirmed = try await driver.confirm(order)
        let text = bench.storage.device.runningText
        for line in way.left { #expect(text.contains(line), "\(line) in \(text)") }
        #expect(confirmed.config.sections[0].shapedRate == BitsPerSecond(300_000_000))
        if way.direction == nil { #expect(bench.storage.device.shapedRates[way.interface] == 300_000_000, "\(text)") }
        #expect(
            try driver.render([intent], onto: confirmed.config, for: bench.device).isEquivalent(to: confirmed.config))
        _ = try await driver.rollBack(order)
        #expect(bench.storage.device.runningText == before)
    }

    @Test(
        "what would make the rate untrue is refused by name",
        arguments: [
            (
                Way(
                    platform: .juniperJunos, interface: "ge-0/0/0.100",
                    typed: [
                        "set class-of-service traffic-control-profiles GOLD shaping-rate 200m",
                        "set class-of-service interfaces ge-0/0/0 unit 100 output-traffic-control-profile GOLD",
                        "set class-of-service interfaces ge-0/0/0 unit 100 shaping-rate 100m",
                    ], left: []), "unit 100 shaping-rate 100m"
            ),
            (
                Way(
                    platform: .aristaEOS, interface: "Ethernet1",
                    typed: [
                        "qos profile GOLD", "shape rate 200000 kbps", "interface Ethernet1", "service-profile GOLD",
                    ],
                    left: []), "interface Ethernet1 / shape rate 500000 kbps"
            ),
            (
                Way(
                    platform: .aristaEOS, interface: "Ethernet1", direction: .ingress,
                    typed: trafficPolicy("police rate 200 mbps burst-size 400 kbytes") + [
                        "interface Ethernet1", "traffic-policy input IN",
                    ],
                    left: []),
                "does not say 'traffic-policies / traffic-policy IN / match ipv6-all-default ipv6 / actions / drop'"
            ),
            (
                Way(
                    platform: .aristaEOS, interface: "Ethernet1", direction: .ingress,
                    typed: trafficPolicy(first: ["match VOICE ipv4", "actions", "set traffic class 5"]) + [
                        "interface Ethernet1", "traffic-policy input IN",
                    ],
                    left: []), "traffic-policies / traffic-policy IN / match VOICE ipv4"
            ),
            (
                Way(
                    platform: .aristaEOS, interface: "Ethernet1", direction: .ingress,
                    typed: trafficPolicy() + ["drop", "match ipv4-all-default ipv4", "actions", "drop"] + [
                        "interface Ethernet1", "traffic-policy input IN",
                    ],
                    left: []), "match ipv4-all-default ipv4 / actions / drop"
            ),
            (
                Way(
                    platform: .aristaEOS, interface: "Ethernet1", direction: .ingress,
                    typed: trafficPolicy() + [
                        "policy-map type quality-of-service P", "class class-default",
                        "police rate 50 mbps burst-size 400 kbytes", "interface Ethernet1", "traffic-policy input IN",
                        "service-policy type qos input P",
                    ],
                    left: []), "interface Ethernet1 / service-policy type qos input P"
            ),
            (
                Way(
                    platform: .aristaEOS, interface: "Ethernet1", direction: .ingress,
                    typed: ["interface Ethernet1", "policer profile GOLD input"], left: []),
                "interface Ethernet1 / policer profile GOLD input"
            ),
            (
                Way(
                    platform: .nokiaSROS, interface: "1/1/1:100",
                    typed: [
                        "set configure qos sap-egress GOLD queue 1 rate pir 200000",
                        "set configure qos sap-egress GOLD queue 2 rate pir 100000",
                        "set configure service vpls v1 sap 1/1/1:100 egress qos sap-egress policy-name GOLD",
                    ], left: []), "/configure qos sap-egress GOLD queue 2 rate pir 100000"
            ),
            (
                Way(
                    platform: .nokiaSROS, interface: "1/1/1:100", direction: .ingress,
                    typed: [
                        "set configure qos sap-ingress IN policer 1 rate pir 200000",
                        "set configure qos sap-ingress IN fc be policer 1",
                        "set configure qos sap-ingress IN dot1p 5 fc ef",
                        "set configure service vpls v1 sap 1/1/1:100 ingress qos sap-ingress policy-name IN",
                    ], left: []), "/configure qos sap-ingress IN dot1p 5 fc ef"
            ),
            (
                Way(
                    platform: .sonic, interface: "Ethernet4",
                    typed: ["qos scheduler-policy CUSTOMERS", "port", "meter-type packets"], left: []),
                "qos scheduler-policy CUSTOMERS / port / meter-type packets"
            ),
            (Way(platform: .nokiaSROS, interface: "1/1/1:300", left: []), "1/1/1:300 is not found"),
            (
                Way(platform: .nokiaSROS, interface: "1/1/1", direction: .ingress, left: []),
                "no line begins with '/configure service … sap 1/1/1'"
            ),
        ] as [(Way, String)])
    func refused(_ way: Way, _ why: String) async throws {
        let bench = ConsoleBench(way.platform)
        if !way.typed.isEmpty { try Self.type(way.typed, on: bench) }
        let error = await #expect(throws: DriverError.self) { _ = try await Self.order(bench, way) }
        #expect(error?.code == .unsupported && error?.message.contains(why) == true, "\(error?.message ?? "")")
    }
}

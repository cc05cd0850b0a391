import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Reading what devices say")
struct DeviceReaderTests {
    private func timer(_ platform: PlatformName, _ text: String) throws -> PendingTimer? {
        let definition = try #require(try PlatformLibrary().definition(named: platform))
        return try DeviceReader(definition).timer(in: text.split(separator: "\n").map(String.init))
    }

    @Test("pending timers, as each platform tells of them")
    func timers() throws {
        #expect(
            try timer(
                "arista_eos",
                "  Name   State                User     Terminal  Commit Time Left\n* rollout-7 pendingCommitTimer   admin   vty3    00:04:59"
            ) == PendingTimer(who: "rollout-7", remaining: .seconds(299)))
        #expect(try timer("arista_eos", "  rollout-7  completed   admin   vty3") == nil)
        #expect(
            try timer(
                "juniper_junos",
                "0   2026-11-26 12:00:00 UTC by admin via cli commit confirmed, rollback in 5mins\n    rollout-7\n"
                    + "1   2026-11-26 11:00:00 UTC by admin via cli\n    rollout-6"
            ) == PendingTimer(who: "rollout-7", remaining: .minutes(5)))
        #expect(
            try timer("cisco_iosxe", "Timer type: absolute timer\nTimer value: 5 min\nUser: admin")
                == PendingTimer(who: "admin", remaining: .minutes(5)))
        #expect(try timer("cisco_iosxe", "%No Rollback Confirmed Change pending") == nil)
        #expect(
            try timer("cisco_iosxr", "     User: clab                           Client: commit-confirm")
                == PendingTimer(who: "clab", remaining: nil))
        #expect(
            try timer("huawei_vrp", "Trial status: active\nLeft time: 295s\nUser: admin")
                == PendingTimer(who: "admin", remaining: .seconds(295)))
        #expect(try timer("huawei_vrp", "Trial status: inactive") == nil)
    }

    @Test("the mark of an older commit does not make somebody's timer ours")
    func olderMark() throws {
        #expect(
            try timer(
                "juniper_junos",
                "0   2026-11-26 12:00:00 UTC by bob via cli commit confirmed, rollback in 5mins\n"
                    + "1   2026-11-26 11:00:00 UTC by admin via cli\n    rollout-7")?.who == "somebody")
    }

    @Test(
        "lengths of time",
        arguments: [
            ("00:04:59", 299_000), ("1:30", 90_000), ("5mins", 300_000), ("5 min", 300_000), ("300 sec", 300_000),
            ("2 hours", 7_200_000), ("7", 420_000),
        ])
    func spans(_ text: String, _ milliseconds: Int64) {
        #expect(DeviceReader.span(text, unit: .minutes(1)) == .milliseconds(milliseconds))
    }
}

@Suite("Shaping in the text of a configuration")
struct ShapingTextTests {
    private static let policies = ShapingRules(
        lines: [
            ["policy-map {policy}", "class class-default", "shape average {rate}"],
            ["interface {interface}", "service-policy output {policy}"],
        ], policy: "ROLLOUT-{interface}", rateUnit: 1, burstUnit: 8)
    private static let shared = ConfigOutline([
        "policy-map SHAPE", " class VOICE", "  priority percent 10", " class class-default",
        "  shape average 500000000",
        "interface Gi1/0", " description a", " service-policy output SHAPE", "interface Gi1/1",
        " service-policy output SHAPE", "interface Gi1/2", " service-policy output OWN", "policy-map OWN",
        " class class-default", "  shape average 7000000 28000 0", "interface Gi1/3", " no ip address",
    ])

    private func shaped(_ interface: String, to rate: UInt64 = 1_000_000_000) throws -> [String] {
        let text = ShapingText(Self.policies, interface: interface)
        return try text.shaped(try text.find(in: Self.shared), to: BitsPerSecond(rate), burst: ByteCount(1))
    }

    @Test("a policy that others use is copied with all it has, and left alone")
    func copied() throws {
        let found = try ShapingText(Self.policies, interface: "Gi1/0").find(in: Self.shared)
        #expect(found.lines == ["interface Gi1/0", " service-policy output SHAPE"])
        #expect(found.rate == BitsPerSecond(500_000_000))
        #expect(
            try shaped("Gi1/0") == [
                "policy-map ROLLOUT-Gi1-0", " class VOICE", "  priority percent 10", " class class-default",
                "  shape average 1000000000", "interface Gi1/0", " service-policy output ROLLOUT-Gi1-0",
            ])
    }

    @Test("a policy of one's own is changed, and one that is not there is made")
    func ownPolicies() throws {
        #expect(
            try shaped("Gi1/2") == [
                "policy-map OWN", " class class-default", "  shape average 1000000000", "interface Gi1/2",
                " service-policy output OWN",
            ])
        #expect(
            try shaped("Gi1/3") == [
                "policy-map ROLLOUT-Gi1-3", " class class-default", "  shape average 1000000000", "interface Gi1/3",
                " service-policy output ROLLOUT-Gi1-3",
            ])
        #expect(try ShapingText(Self.policies, interface: "Gi1/3").find(in: Self.shared).rate == nil)
    }

    @Test("interfaces whose names begin alike are not taken for each other")
    func alike() throws {
        let rules = ShapingRules(
            lines: [["set cos interfaces {interface} shaping-rate {rate}"]], policy: nil, rateUnit: 1, burstUnit: 8)
        let outline = ConfigOutline([
            "set cos interfaces ge-0/0/1 shaping-rate 500m", "set cos interfaces ge-0/0/10 shaping-rate 2g",
        ])
        #expect(try ShapingText(rules, interface: "ge-0/0/1").find(in: outline).rate == BitsPerSecond(500_000_000))
        #expect(try ShapingText(rules, interface: "ge-0/0/10").find(in: outline).rate == BitsPerSecond(2_000_000_000))
        #expect(try ShapingText(rules, interface: "ge-0.0/1").find(in: outline).rate == nil)
    }

    @Test("what cannot be said is refused")
    func refusals() throws {
        let rules = ShapingRules(
            lines: [["interface {interface}", "shape rate {rate} kbps"]], policy: nil, rateUnit: 1000, burstUnit: 8)
        let text = ShapingText(rules, interface: "Et1")
        let found = try text.find(in: ConfigOutline(["interface Et1", " shape rate 40 percent"]))
        #expect(found.rate == nil)
        #expect(throws: DriverError.self) { try text.shaped(found, to: BitsPerSecond(8000), burst: ByteCount(1)) }
        let none = try text.find(in: ConfigOutline(["interface Et1"]))
        #expect(throws: DriverError.self) { try text.shaped(none, to: BitsPerSecond(1500), burst: ByteCount(1)) }
        #expect(
            try text.shaped(none, to: BitsPerSecond(8000), burst: ByteCount(1)) == [
                "interface Et1", " shape rate 8 kbps",
            ])
    }

    @Test("rates are read in whatever unit a device shows them")
    func units() throws {
        let rules = ShapingRules(
            lines: [["policy-map P", "shape average {rate} bps"]], policy: nil, rateUnit: 1, burstUnit: 8)
        for (shown, rate) in [
            ("500000 kbps", 500_000_000), ("500 mbps", 500_000_000), ("1 gbps", 1_000_000_000),
            ("7000000 bps", 7_000_000),
            ("7000000", 7_000_000),
        ] as [(String, UInt64)] {
            let outline = ConfigOutline(["policy-map P", " shape average \(shown)"])
            #expect(try ShapingText(rules, interface: "x").find(in: outline).rate == BitsPerSecond(rate), "\(shown)")
        }
    }
}

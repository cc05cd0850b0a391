import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Reading what devices say")
struct DeviceReaderTests {
    private func timer(_ platform: PlatformName, _ text: String) throws -> PendingTimer? {
        let definition = try #require(try PlatformLibrary().definition(named: platform))
        return try DeviceReader(KeptDefinition(definition)).timer(in: text.split(separator: "\n").map(String.init))
    }

    @Test("who a device is, in every wording that is known of its platform")
    func identities() throws {
        typealias Finding = KeyPath<PlatformDefinition.Identity, PlatformDefinition.Finding?>
        let wordings: [(PlatformName, Finding, String, String?)] = [
            ("arista_eos", \.serial, "Serial number:       ABC12345678", "ABC12345678"),
            ("arista_eos", \.serial, "Serial number: ABC12345678", "ABC12345678"),
            ("arista_eos", \.serial, "Serial number:       \nHardware MAC address: 001c.7300.0001", nil),
            (
                "arista_eos", \.firmware, "Software image version: 4.31.1F-34554157.4311F (engineering build)",
                "4.31.1F-34554157.4311F (engineering build)"
            ),
            (
                "cisco_iosxe", \.model, "cisco C9300-48U (X86) processor with 1331521K/6147K bytes of memory.",
                "C9300-48U"
            ),
            (
                "cisco_iosxe", \.model, "Cisco CISCO2911/K9 (revision 1.0) with 483328K/40960K bytes of memory.",
                "CISCO2911/K9"
            ),
            ("cisco_iosxe", \.model, "Cisco IOS Software [Amsterdam], Virtual XE Software, Version 17.3.4a", nil),
            ("cisco_iosxe", \.serial, "Processor board ID FCZ1101A2B3", "FCZ1101A2B3"),
            ("cisco_iosxe", \.serial, "Processor board ID FCZ1101A2B3, with hardware revision 0000", "FCZ1101A2B3"),
            ("cisco_nxos", \.hostname, "switchname dist-2", "dist-2"),
            ("cisco_nxos", \.model, "  cisco Nexus9000 C9336C-FX2 Chassis ", "Nexus9000 C9336C-FX2"),
            ("cisco_nxos", \.model, "  cisco Nexus5596 Chassis (\"O2 48X10GE/Modular Supervisor\")", "Nexus5596"),
            (
                "cisco_nxos", \.model, "  cisco Nexus7000 C7009 (9 Slot) Chassis (\"Supervisor module-2\")",
                "Nexus7000 C7009"
            ),
            ("cisco_nxos", \.model, "  cisco N9K-C9372PX (\"supervisor\")", "N9K-C9372PX"),
            ("cisco_nxos", \.serial, "  Processor Board ID FDO2301ABCD", "FDO2301ABCD"),
            ("cisco_iosxr", \.model, "cisco NCS-5500 () processor", "NCS-5500"),
            ("juniper_junos", \.firmware, "Junos: 21.4R3-S5.4", "21.4R3-S5.4"),
            ("juniper_junos", \.firmware, "JUNOS Base OS boot [12.3R12.4]", "12.3R12.4"),
            ("juniper_junos", \.firmware, "JUNOS Software Release [15.1X49-D170.4]", "15.1X49-D170.4"),
            ("juniper_junos", \.firmware, "JUNOS EX  Software Suite [12.3R9.4]", "12.3R9.4"),
            (
                "juniper_junos", \.serial, "Chassis                                JN12AB34CAFA      MX480",
                "JN12AB34CAFA"
            ),
            ("huawei_vrp", \.model, "HUAWEI CE6881-48S6CQ uptime is 12 days, 3 hours, 4 minutes", "CE6881-48S6CQ"),
            ("huawei_vrp", \.model, "Huawei AR6121 Router uptime is 0 week, 1 day", "AR6121 Router"),
            ("nokia_srlinux", \.model, "Chassis Type         : 7220 IXR-D3L", "7220 IXR-D3L"),
            ("nokia_srlinux", \.serial, "Serial Number        : Sim Serial No.", "Sim Serial No."),
            ("nokia_sros", \.model, "System Type            : 7750 SR-1", "7750 SR-1"),
            ("vyos", \.model, "Hardware model:   PowerEdge R640", "PowerEdge R640"),
            ("vyos", \.serial, "Hardware S/N:     ABC1234", "ABC1234"),
            ("mikrotik_routeros", \.model, "               board-name: hAP ac lite", "hAP ac lite"),
            ("mikrotik_routeros", \.serial, "     serial-number: HD1234ABCDE", "HD1234ABCDE"),
            ("mikrotik_routeros", \.serial, "       routerboard: no", nil),
        ]
        for (platform, finding, text, value) in wordings {
            let definition = try #require(try PlatformLibrary().definition(named: platform))
            let rule = try #require(definition.identity[keyPath: finding], "\(platform): \(text)")
            let lines = text.split(separator: "\n").map(String.init)
            #expect(DeviceReader.value(rule, in: lines) == value, "\(platform): \(text)")
        }
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
        let timers = "Thu 2026-11-26 15:05:00 UTC 4min 59s left -    -   commit-confirm.timer commit-confirm.service"
        #expect(
            try timer("vyos", "\(timers)\n|1795705200|admin|cli|rollout-7|")
                == PendingTimer(who: "rollout-7", remaining: .seconds(299)))
        // As newer and older releases of systemd write it.
        for left in ["4min 59s -      -", "4min 59s left n/a  n/a"] {
            #expect(
                try timer("vyos", "Thu 2026-11-26 15:05:00 UTC \(left) commit-confirm.timer commit-confirm.service")
                    == PendingTimer(who: "somebody", remaining: .seconds(299)))
        }
        #expect(try timer("vyos", "cat: /tmp/commit-rev-entry: No such file or directory") == nil)
        #expect(try timer("vyos", "|1795705200|admin|cli|rollout-7|") == nil)
    }

    @Test("of SR Linux's commits the one that waits is found, with the name that stands before it")
    func commits() throws {
        func commit(_ number: Int, _ name: String, _ status: String) -> String {
            "commit \(number) {\n type private\n name \(name)\n status \(status)\n username admin\n }\n"
        }
        let older = commit(1, "rollout-6", "complete")
        #expect(
            try timer("nokia_srlinux", older + commit(2, "rollout-7", "unconfirmed"))
                == PendingTimer(who: "rollout-7", remaining: nil))
        #expect(
            try timer("nokia_srlinux", commit(2, "default", "unconfirmed") + commit(3, "rollout-7", "failed"))
                == PendingTimer(who: "default", remaining: nil))
        #expect(try timer("nokia_srlinux", older) == nil)
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
            ("2 hours", 7_200_000), ("7", 420_000), ("4min 59s", 299_000), ("1h 5min", 3_900_000),
            ("9 minutes 59 seconds", 599_000), ("500ms", 500), ("1 1 1 1 1 1 1 1", 240_000),
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
        let text = try ShapingText(Self.policies, interface: interface)
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
        let text = try ShapingText(rules, interface: "Et1")
        let found = try text.find(in: ConfigOutline(["interface Et1", " shape rate 40 percent"]))
        #expect(found.rate == nil)
        #expect(throws: DriverError.self) { try text.shaped(found, to: BitsPerSecond(8000), burst: ByteCount(1)) }
        let queue = ShapingRules(
            lines: [["class Q", "shape min 0 kbps max {rate} kbps"]], policy: nil, rateUnit: 1000, burstUnit: 8)
        let guarded = try ShapingText(queue, interface: "Et1")
        let minimum = try guarded.find(in: ConfigOutline(["class Q", " shape min 10 mbps max 500 mbps"]))
        #expect(minimum.rate == nil)
        #expect(throws: DriverError.self) { try guarded.shaped(minimum, to: BitsPerSecond(8000), burst: ByteCount(1)) }
        let none = try text.find(in: ConfigOutline(["interface Et1"]))
        #expect(throws: DriverError.self) { try text.shaped(none, to: BitsPerSecond(1500), burst: ByteCount(1)) }
        #expect(
            try text.shaped(none, to: BitsPerSecond(8000), burst: ByteCount(1)) == [
                "interface Et1", " shape rate 8 kbps",
            ])
    }

    @Test("a burst is written beside its rate, rounded up, and may be missing where it was never set")
    func bursts() throws {
        let rules = ShapingRules(
            lines: [["policy-map P", "shape average {rate} burst {burst}"]], policy: nil, rateUnit: 1, burstUnit: 3000)
        let text = try ShapingText(rules, interface: "x")
        for shown in ["shape average 500000000", "shape average 500000000 burst 7"] {
            let found = try text.find(in: ConfigOutline(["policy-map P", " \(shown)"]))
            #expect(found.rate == BitsPerSecond(500_000_000), "\(shown)")
            #expect(found.lines == ["policy-map P", " \(shown)"])
            // 1000 bytes are two and two thirds of 3000 bits.
            #expect(
                try text.shaped(found, to: BitsPerSecond(1_000_000_000), burst: ByteCount(1000)) == [
                    "policy-map P", " shape average 1000000000 burst 3",
                ])
        }
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

    private static let paths = ShapingRules(
        lines: [
            ["set qos policy shaper {policy} bandwidth {rate}bit"], ["set qos interface {interface} egress {policy}"],
        ], kept: [["set qos policy shaper {policy} default bandwidth 100%"]], policy: "ROLLOUT-{interface}",
        rateUnit: 1, burstUnit: 8)
    private static let whole = ConfigOutline([
        "set qos interface eth0 egress SHAPE", "set qos interface eth1 egress SHAPE",
        "set qos interface eth2 egress OWN",
        "set qos policy shaper SHAPE bandwidth 500mbit", "set qos policy shaper SHAPE default bandwidth 90%",
        "set qos policy shaper SHAPE default queue-type fq-codel", "set qos policy shaper SHAPER bandwidth 7mbit",
        "set qos policy shaper OWN bandwidth 7mbit",
    ])

    @Test(
        "whole paths are read and set by the same rules",
        arguments: [
            // Shared: copied with all it has.
            (
                "eth0", 500_000_000,
                [
                    "set qos policy shaper ROLLOUT-eth0 bandwidth 1000000000bit",
                    "set qos policy shaper ROLLOUT-eth0 default bandwidth 90%",
                    "set qos policy shaper ROLLOUT-eth0 default queue-type fq-codel",
                    "set qos interface eth0 egress ROLLOUT-eth0",
                ]
            ),
            // One's own: changed, and what it lacks is added.
            (
                "eth2", 7_000_000,
                [
                    "set qos policy shaper OWN bandwidth 1000000000bit",
                    "set qos policy shaper OWN default bandwidth 100%",
                    "set qos interface eth2 egress OWN",
                ]
            ),
            // None: made. Nobody else's is taken for it.
            (
                "eth3", nil,
                [
                    "set qos policy shaper ROLLOUT-eth3 bandwidth 1000000000bit",
                    "set qos policy shaper ROLLOUT-eth3 default bandwidth 100%",
                    "set qos interface eth3 egress ROLLOUT-eth3",
                ]
            ),
            // A name that the platform takes.
            (
                "eth3.100", nil,
                [
                    "set qos policy shaper ROLLOUT-eth3_100 bandwidth 1000000000bit",
                    "set qos policy shaper ROLLOUT-eth3_100 default bandwidth 100%",
                    "set qos interface eth3.100 egress ROLLOUT-eth3_100",
                ]
            ),
        ] as [(String, UInt64?, [String])])
    func wholePaths(_ interface: String, _ rate: UInt64?, _ lines: [String]) throws {
        let text = try ShapingText(Self.paths, interface: interface)
        let found = try text.find(in: Self.whole)
        #expect(found.rate == rate.map { BitsPerSecond($0) })
        #expect(!found.shared.contains { $0.contains("SHAPER") })
        #expect(
            try text.shaped(found, to: BitsPerSecond(1_000_000_000), burst: ByteCount(1)).sorted() == lines.sorted())
    }
}

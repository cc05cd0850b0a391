import Foundation
import Testing

@testable import RolloutEngine

@Suite("Policing: what should become true")
struct PolicingTests {
    private func load(_ text: String) throws(InputError) -> LoadedChange {
        try ChangeFile.load("change.yaml") { _ in Array(text.utf8) }
    }

    private func complaints(_ text: String) -> [String] {
        do throws(InputError) {
            _ = try load(text)
            return []
        } catch { return error.complaints.map(\.description) }
    }

    private func resolve(_ intents: [Intent]) throws -> [ResolvedIntent] {
        try IntentResolver.resolve(Change(name: "c", intents: intents), for: Samples.device("d1"))
    }

    @Test("a change says what is policed, which way and to what, in the order in which it is written")
    func reading() throws {
        let loaded = try load(
            """
            change:
              name: limits
              police:
                - {interface: "{{ uplink }}", direction: ingress, rate: "{{ cap }}"}
                - {interface: e1, direction: egress, rate: 20Mbit, burst: 20ms}
              shape:
                - {interface: e2, egress_rate: 5Mbit}
            """)
        #expect(
            loaded.change.intents == [
                .police(PolicingIntent(interface: "{{ uplink }}", direction: .ingress, rate: "{{ cap }}")),
                .police(PolicingIntent(interface: "e1", direction: .egress, rate: "20Mbit", burst: "20ms")),
                .shape(ShapingIntent(interface: "e2", egressRate: "5Mbit")),
            ])
        #expect(loaded.places["police[1].rate"]?.line == 5)
    }

    @Test(
        "what is wrong is said with its place",
        arguments: [
            ("{direction: ingress, rate: 1Mbit}", "change.yaml:4:7: "),
            ("{interface: e0, rate: 1Mbit}", "direction"),
            ("{interface: e0, direction: ingress}", "rate"),
            (
                "{interface: e0, direction: inwards, rate: 1Mbit}",
                "change.yaml:4:34: direction of police[0] is 'inwards', expected one of ingress, egress"
            ),
            ("{interface: e0, direction: egress, rate: 1}", "change.yaml:4:48: rate is '1'"),
            (
                "{interface: e0, direction: egress, rate: 1Mbit, burst: lots}",
                "change.yaml:4:62: burst is 'lots', expected auto, a number of bytes such as 128KiB"
            ),
            ("{interface: e0, direction: egress, rate: 1Mbit, egress_rate: 2Mbit}", "egress_rate"),
        ])
    func places(_ item: String, _ expected: String) {
        let found = complaints("change:\n  name: c\n  police:\n    - \(item)\n")
        #expect(found.contains { $0.contains(expected) }, "\(found)")
    }

    @Test("an empty list, and a map in its place, are complaints that show what is expected")
    func noList() {
        for text in ["[]", "{interface: e0}"] {
            let found = complaints("change: {name: c, police: \(text)}\n")
            #expect(found.contains { $0.contains("{interface: e0, direction: ingress, rate: 500Mbit}") }, "\(found)")
        }
    }

    @Test(
        "the bucket is what arrives in a round trip, in the time that is stated, or as many bytes",
        arguments: [
            ("500Mbit", "auto", 3_125_000), ("1Gbit", "auto", 6_250_000), ("1Mbit", "auto", 65_536),
            ("500Mbit", "20ms", 1_250_000), ("12345678bit", "100ms", 154_321), ("500Mbit", "2MiB", 2_097_152),
            ("100Gbit", "auto", 625_000_000),
        ])
    func buckets(_ rate: String, _ burst: String, _ bytes: UInt64) throws {
        let intent = PolicingIntent(interface: "e0", direction: .ingress, rate: rate, burst: burst)
        guard case .police("e0", .ingress, let resolved, let bucket) = try resolve([.police(intent)]).first else {
            Issue.record("no policer")
            return
        }
        #expect(resolved == BitsPerSecond(rate) && bucket == ByteCount(bytes))
    }

    @Test(
        "a bucket that is too small for its rate is refused, with the least and what to write instead",
        arguments: [
            ("1Gbit", "128KiB", "needs at least 625000B"), ("1Gbit", "4ms", "needs at least 625000B"),
            ("64kbit", "10KiB", "needs at least 15140B"), ("1Gbit", "128KiB", "use 'auto' (6250000B, 50ms of it)"),
            ("1Gbit", "128KiB", "police[0].burst for device d1"),
        ])
    func tooSmall(_ rate: String, _ burst: String, _ expected: String) {
        let intent = PolicingIntent(interface: "e0", direction: .ingress, rate: rate, burst: burst)
        let error = #expect(throws: InputError.self) { try resolve([.police(intent)]) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test("what is computed is never complained about, and grows with the rate")
    func monotonic() {
        var (rate, last) = (UInt64(1), ByteCount(0))
        while rate < 4_000_000_000_000 {
            let burst = BurstRule.policing(BitsPerSecond(rate))
            #expect(burst >= last)
            #expect(BurstRule.policingComplaint(burst: burst, rate: BitsPerSecond(rate)) == nil)
            last = burst
            rate += rate / 5 + 1
        }
        #expect(BurstRule.arriving(at: BitsPerSecond(.max), within: .seconds(1)).value == UInt64.max / 8 + 1)
    }

    // MARK: Planning

    private func police(_ interface: String, _ direction: TrafficDirection, _ megabits: UInt64) -> ResolvedIntent {
        .police(
            interface: interface, direction: direction, rate: BitsPerSecond(megabits * 1_000_000),
            burst: ByteCount(1 << 20))
    }

    private func shape(_ interface: String, _ megabits: UInt64) -> ResolvedIntent {
        .shape(
            interface: interface, rate: BitsPerSecond(megabits * 1_000_000), burst: ByteCount(1 << 20),
            trafficClass: nil)
    }

    private func base(_ sections: [(String, UInt64?)]) -> DeviceConfig {
        DeviceConfig(
            sections: sections.map { name, megabits in
                .init(name: name, lines: [], shapedRate: megabits.map { BitsPerSecond($0 * 1_000_000) })
            })
    }

    @Test(
        "a higher limit is growth, whichever way; a first limit and a lower one are not; of two limits the smaller counts"
    )
    func growth() {
        func growth(_ intents: [ResolvedIntent], _ sections: [(String, UInt64?)]) -> UInt64 {
            Survey.growth(of: intents, onto: base(sections)).value / 1_000_000
        }
        #expect(growth([police("e0", .ingress, 300)], [("police-ingress e0", 100)]) == 200)
        #expect(growth([police("e0", .egress, 300)], [("police-egress e0", 100)]) == 200)
        #expect(growth([police("e0", .ingress, 50)], [("police-ingress e0", 100)]) == 0)
        #expect(growth([police("e0", .ingress, 300)], [("police-ingress e0", nil)]) == 0)
        let both = [shape("e0", 500), police("e0", .egress, 300)]
        #expect(growth(both, [("qdisc e0", 400), ("police-egress e0", 100)]) == 200)
        #expect(growth(both, [("qdisc e0", 50), ("police-egress e0", 100)]) == 250)
        #expect(growth(both, [("qdisc e0", 200), ("police-egress e0", nil)]) == 100)
        let ways = [shape("e0", 500), police("e0", .ingress, 300)]
        #expect(growth(ways, [("qdisc e0", 400), ("police-ingress e0", 100)]) == 300)
    }

    @Test("a lower limit is warned of as less bandwidth")
    func slower() throws {
        var planned = Samples.target()
        planned.intents = [police("e0", .ingress, 50)]
        planned.base = base([("police-ingress e0", 100)])
        planned.desired = base([("police-ingress e0", 50)])
        let input = Samples.input([Samples.device("d1")], target: planned)
        #expect(try Planner.plan(input).warnings.contains { $0.hasPrefix("1 device gets LESS bandwidth") })
    }

    @Test("what is policed is in scope beside what is shaped, and neither is taken for the other")
    func scope() throws {
        let intents = [police("e0", .ingress, 1), police("e0", .egress, 1), police("e0", .ingress, 2), shape("e1", 1)]
        let scope = ConfigScope(of: intents)
        #expect(scope.interfaces == ["e1"] && scope.allInterfaces == ["e1", "e0"])
        #expect(scope.policed?.map(\.section) == ["police-ingress e0", "police-egress e0"])
        let config = base([("qdisc e1", 1), ("police-ingress e0", 2), ("police-egress e0", 3), ("file /x", nil)])
        #expect(ConfigScope(of: config) == ConfigScope(interfaces: ["e1"], files: ["/x"], policed: scope.policed))
        #expect(config.shapedRate(of: "e0") == nil)
        #expect(config.policedRate(of: "e0", .egress) == BitsPerSecond(3_000_000))
        // Scopes and plans from before there were policers read as they did.
        let old = Data(#"{"interfaces":["e1"],"files":[]}"#.utf8)
        #expect(try JSONDecoder().decode(ConfigScope.self, from: old) == ConfigScope(interfaces: ["e1"]))
        let stored = try JSONEncoder().encode(
            Intent.police(PolicingIntent(interface: "e0", direction: .ingress, rate: "1Mbit")))
        #expect(String(decoding: stored, as: UTF8.self).hasPrefix(#"{"police":{"policing":{"#))
    }
}

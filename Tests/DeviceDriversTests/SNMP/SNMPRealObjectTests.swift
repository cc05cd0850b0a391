import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

/// Gates on objects from a real agent to the verdict: the poller reads them as in a rollout, the gates judge what it read.
@Suite("Object gates with a real snmpd", .timeLimit(.minutes(10)))
struct SNMPRealObjectTests {
    private typealias Object = [UInt32]

    private static let processor: Object = [1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2, 768]
    private static let firstPeer: Object = [1, 3, 6, 1, 2, 1, 15, 3, 1, 2, 192, 0, 2, 1]
    private static let secondPeer: Object = [1, 3, 6, 1, 2, 1, 15, 3, 1, 2, 192, 0, 2, 2]
    private static let neighbour: Object = [1, 3, 6, 1, 2, 1, 14, 10, 1, 6, 192, 0, 2, 9, 0]
    private static let adjacency: Object = [1, 3, 6, 1, 2, 1, 138, 1, 6, 1, 1, 2, 4, 1]
    private static let routes: Object = [1, 3, 6, 1, 2, 1, 4, 24, 6, 0]
    private static let sensor: Object = [1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 5, 1001]
    private static let queue: Object = [1, 3, 6, 1, 4, 1, 9, 9, 166, 1, 15, 1, 1, 14, 18, 65_536]
    private static let own: Object = [1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 1, 0]

    private static let roots: [Object] = [
        Array(processor.dropLast()), Array(firstPeer.prefix(10)), Array(neighbour.prefix(10)),
        Array(adjacency.prefix(12)), routes, Array(sensor.dropLast()), Array(queue.prefix(14)), Array(own.dropLast()),
    ]

    /// All gates of the kind, with their usual limits, and one on an object by its number.
    private static let rules =
        GateRule.further.filter { if case .object = $0.condition { true } else { false } } + [
            GateRule(
                name: "sessions",
                condition: .object(
                    ObjectCondition(
                        [ObjectCondition.Source(own, isColumn: false, kind: .gauge, unit: "sessions")],
                        limits: ValueLimits(minimum: 100, maximumFall: .share(.percent(20))))), onFail: .pause)
        ]

    private static let device = Device(
        name: "edge-1", address: "127.0.0.1", platform: "linux", range: "edge", datacentre: "gra", interfaces: ["lo"])

    /// An agent under watch, and what was read of it.
    private final class Watch {
        let agent: PassedObjects
        private(set) var samples: [CounterSample] = []
        private let source = SNMPCounterSource(secrets: FixedSecrets()) { Watch.now }
        private var drops: UInt64 = 1 << 40

        /// The time of every moment here, as the agent's own clock goes on in true time.
        static var now: Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

        init() throws {
            agent = try PassedObjects(below: SNMPRealObjectTests.roots)
            try agent.set(processor, "integer", 12)
            for peer in [firstPeer, secondPeer] { try agent.set(peer, "integer", 6) }
            try agent.set(neighbour, "integer", 8)
            try agent.set(adjacency, "integer", 3)
            try agent.set(routes, "gauge", 1000)
            try agent.set(sensor, "integer", 1)
            try agent.set(own, "gauge", 500)
        }

        private var watched: WatchedAgent {
            agent.watched(
                device,
                rules.flatMap { rule -> [WatchedObject] in
                    guard case .object(let condition) = rule.condition else { return [] }
                    return condition.watchedObjects(of: rule.name)
                })
        }

        /// Reads the agent six times, half a second apart, while its queue drops so much between two readings.
        func read(dropping more: UInt64) async throws -> Verdict.Window {
            let start = Self.now
            for _ in 0..<6 {
                drops += more
                try agent.set(queue, "counter64", drops)
                samples.append(await source.sample(watched))
                try await Task.sleep(for: .milliseconds(500))
            }
            return Verdict.Window(from: start, to: Self.now)
        }

        /// Waits until the agent is up.
        func begin() async throws {
            try agent.set(queue, "counter64", drops)
            for _ in 0..<20 where await source.sample(watched).unknown != nil {}
        }

        func verdicts(before: Verdict.Window, after: Verdict.Window) -> [GateName: Verdict] {
            let wave = Wave(
                index: 0, after: [], canary: true, range: nil, datacentre: nil, devices: [device.name],
                soak: .seconds(3), binding: .none, predicted: [])
            let input = GateInput(
                wave: wave, treated: [device], control: [], links: [], rules: rules,
                watch: WatchRule(poll: .seconds(1), baseline: .seconds(3)),
                samples: [.device(device.name): samples], before: before, after: after,
                changedAt: [device.name: before.to])
            return Dictionary(uniqueKeysWithValues: GateEvaluator.judge(input).map { ($0.gate, $0) })
        }
    }

    @Test(
        "what goes bad on an agent fails the gate of its kind, what stays passes, and silence is never either",
        .enabled(if: PassedObjects.isInstalled, "snmpd is not installed"))
    func everyKind() async throws {
        let watch = try Watch()
        let agent = watch.agent
        defer { agent.end() }
        try await watch.begin()
        let before = try await watch.read(dropping: 1)

        let calm = watch.verdicts(before: before, after: try await watch.read(dropping: 1))
        #expect(calm.count == Self.rules.count)
        for verdict in calm.values { #expect(verdict.outcome == .pass, "\(verdict.gate): \(verdict.reason)") }

        try agent.set(Self.processor, "integer", 97)
        try agent.set(Self.firstPeer, "integer", 1)
        try agent.set(Self.secondPeer, "integer", nil)
        try agent.set(Self.neighbour, "integer", 4)
        try agent.set(Self.adjacency, "integer", 1)
        try agent.set(Self.routes, "gauge", 900)
        try agent.set(Self.sensor, "integer", 3)
        try agent.set(Self.own, "gauge", 90)
        let bad = watch.verdicts(before: before, after: try await watch.read(dropping: 100))
        for (gate, words) in [
            ("cpu", ["edge-1 cpu", "12 % before, 97 % now, limit 90 %"]),
            ("bgp", ["edge-1 bgp 192.0.2.1 (6 before, 1 now)", "edge-1 bgp 192.0.2.2 (6 before, gone now)"]),
            ("ospf", ["edge-1 ospf 192.0.2.9.0 (8 before, 4 now)"]),
            ("isis", ["edge-1 isis 4.1 (3 before, 1 now)"]),
            ("routes", ["edge-1 routes (1000 routes before, 900 routes now, limit 950 routes)"]),
            ("sensors", ["edge-1 sensors 1001 (1 before, 3 now)"]),
            ("queue_drops", ["edge-1 queue_drops 18.65536"]),
            ("sessions", ["edge-1 sessions (500 sessions before, 90 sessions now"]),
        ] as [(GateName, [String])] {
            let verdict = try #require(bad[gate])
            #expect(verdict.outcome == .fail, "\(gate): \(verdict.reason)")
            for word in words { #expect(verdict.reason.contains(word), "\(gate): \(verdict.reason)") }
        }

        agent.stop()
        let silent = watch.verdicts(before: before, after: try await watch.read(dropping: 1))
        for verdict in silent.values {
            #expect(verdict.outcome == .inconclusive, "\(verdict.gate): \(verdict.reason)")
            #expect(verdict.reason.contains("timeout: no answer"), "\(verdict.gate): \(verdict.reason)")
        }
    }
}

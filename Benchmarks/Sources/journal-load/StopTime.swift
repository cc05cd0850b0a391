import Foundation
import ProcessUsage
import RolloutEngine
import RolloutStore
import Synchronization

/// How long it takes from the first reading that shows a failure until nothing new starts: on the real runner and the real
/// store, in real time, with agents that answer at once and pushes that go on all the while.
enum StopTime {
    /// Measures it with one wave of so many devices, of which the first fails while the others are being pushed.
    static func measure(_ path: String, devices count: Int) async throws {
        let plan = try PlanFile(plan(count))
        let store = try StoreLocation.open(path)
        let clock = PlainClock()
        let id = try await store.create(
            plan: plan.bytes, digest: plan.digest, title: "stop", by: "benchmark", at: clock.now())
        let lease = try await store.acquireLease(
            of: id, holder: "benchmark", lasting: .minutes(60), steal: true, at: clock.now())
        let farm = FailingFarm()
        let notes = Notes()
        var configuration = RolloutRunner.Configuration(holder: "benchmark")
        configuration.waitsForOperator = false
        let runner = RolloutRunner(
            rollout: id, plan: plan, lease: lease, configuration: configuration, store: store, performer: farm,
            counters: farm, clock: SteadyClock(over: clock), onEntry: { notes.take($0, farm) })
        _ = try await runner.run()
        let result = notes.result
        guard let shown = farm.shownAt, let alarm = result.alarm, let last = result.lastPush else {
            print("nothing failed: \(result)")
            exit(1)
        }
        let usage = ProcessUsage()
        func milliseconds(_ span: Duration) -> String { ProcessUsage.shown(span / .milliseconds(1), 0) }
        print(
            "stop      \(count) devices  from the reading to the alarm \(milliseconds(shown.duration(to: alarm))) ms, "
                + "to the last push \(milliseconds(shown.duration(to: last))) ms; pushes after the alarm was written: "
                + "\(result.pushesAfterAlarm) of \(result.pushes)  cpu=\(ProcessUsage.shown(usage.cpuSeconds, 1)) s  "
                + "rss=\(usage.peakKilobytes / 1024) MiB")
    }

    private static func plan(_ count: Int) throws -> Plan {
        let devices = (0..<count).map { number in
            Device(
                name: DeviceName(rawValue: "srv-\(number)"), address: "10.0.0.1", platform: "linux", range: "eco",
                datacentre: "gra", interfaces: ["eth0"], snmp: SNMPSettings(community: .environment("COMMUNITY")))
        }
        let inventory = Inventory(
            name: "stop", devices: devices, links: [],
            datacentres: [Datacentre(name: "gra", timeZone: "Europe/Paris")], ranges: ["eco"])
        let change = Change(name: "stop", intents: [.shape(ShapingIntent(interface: "eth0", egressRate: "1Gbit"))])
        let resolver = try IntentResolver(change)
        func config(_ megabits: Int) -> DeviceConfig {
            DeviceConfig(sections: [
                .init(name: "qdisc eth0", lines: ["tbf rate \(megabits)000000bit burst 32768b latency 50000us"])
            ])
        }
        let surveyed = try devices.map { device in
            SurveyedDevice(
                device: device,
                finding: .target(
                    Target(
                        intents: try resolver.resolve(for: device), base: config(500), desired: config(1000),
                        growth: BitsPerSecond(500_000_000))))
        }
        let policy = Policy(
            name: "stop", canary: CanaryRule(devices: 0), waveSize: WaveSize(devices: count, share: nil),
            inFlight: InFlightCaps(overall: 10), soak: .minutes(1),
            watch: WatchRule(poll: .seconds(5), baseline: .seconds(20)))
        return try Planner.plan(
            Planner.Input(
                tool: "benchmark", now: Instant(milliseconds: 1_770_000_000_000), inventory: inventory, inputs: [],
                change: change, policy: policy, limit: nil, surveyed: surveyed, loads: [:]))
    }

    /// When what was written.
    private final class Notes: Sendable {
        struct Result: Sendable {
            var alarm: ContinuousClock.Instant?
            var lastPush: ContinuousClock.Instant?
            var pushes = 0
            var pushesAfterAlarm = 0
        }
        private let contents = Mutex(Result())
        var result: Result { contents.withLock(\.self) }

        func take(_ entry: JournalEntry, _ farm: FailingFarm) {
            let now = ContinuousClock.now
            contents.withLock { notes in
                switch entry.fact {
                case .alarm(let alarm) where alarm.action != .observe: notes.alarm = notes.alarm ?? now
                case .intent(let step) where step.kind == .push:
                    notes.pushes += 1
                    notes.lastPush = now
                    if notes.alarm != nil { notes.pushesAfterAlarm += 1 }
                    // In the middle of the pushes, the first device's interface goes down.
                    if notes.pushes == 60 { farm.fail() }
                default: break
                }
            }
        }
    }
}

/// Agents with steady traffic and devices that take every change in 100 ms; the first device's interface fails on demand.
private final class FailingFarm: CounterSource, StepPerformer {
    private let contents = Mutex<(isFailing: Bool, shownAt: ContinuousClock.Instant?)>((false, nil))
    private let start = ContinuousClock.now

    /// When a reading first showed the failure.
    var shownAt: ContinuousClock.Instant? { contents.withLock { $0.shownAt } }

    func fail() { contents.withLock { $0.isFailing = true } }

    func sample(_ agent: WatchedAgent) async -> CounterSample {
        let isDown = contents.withLock { contents in
            guard contents.isFailing, agent.subject == .device("srv-0") else { return false }
            contents.shownAt = contents.shownAt ?? .now
            return true
        }
        let passed = start.duration(to: .now) / .seconds(1)
        let octets = Counter.bits64(UInt64(passed * 1_000_000))
        let none = Counter.bits32(0)
        return CounterSample(
            subject: agent.subject, at: PlainClock().now(), uptime: UInt32(passed * 100) + 1_000_000,
            interfaces: [
                InterfaceReading(
                    name: "eth0", index: 2, inOctets: octets, outOctets: octets, inErrors: none, outErrors: none,
                    inDiscards: none, outDiscards: none, operStatus: isDown ? 2 : 1, highSpeed: 10_000, discontinuity: 0
                )
            ])
    }

    func perform(_ kind: DeviceStep.Kind, _ order: PushOrder, permit: Permit) async -> StepResult {
        try? await Task.sleep(for: .milliseconds(100))
        switch kind {
        case .push: return .done(revertsAt: PlainClock().now() + .minutes(10))
        case .confirm: return .done(revertsAt: nil)
        case .rollBack, .observe: return .found(.base)
        }
    }

    func collectEvidence(_ order: PushOrder, within limit: Timespan) async -> Evidence { Evidence(items: []) }
}

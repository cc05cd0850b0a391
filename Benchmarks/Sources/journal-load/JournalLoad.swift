import Foundation
import ProcessUsage
import RolloutEngine
import RolloutStore

/// How quick the journal is, in SQLite or PostgreSQL, each commit synced: how many intents a second, and how long a rollout takes from a
/// standing start to its first step.
@main
enum JournalLoad {
    static func main() async throws {
        let words = CommandLine.arguments
        switch words.dropFirst().first {
        case "make" where words.count == 3: _ = try await StoreMaintenance(words[2]).migrate()
        case "write" where words.count == 5:
            try await write(to: words[2], together: Int(words[3]) ?? 50, seconds: Double(words[4]) ?? 5)
        case "write" where words.count == 6:
            try await ManyWriters.measure(
                words[2], together: Int(words[3]) ?? 50, seconds: Double(words[4]) ?? 5, writers: Int(words[5]) ?? 4)
        case "samples" where words.count == 5:
            try await SampleLoad.measure(words[2], agents: Int(words[3]) ?? 1000, seconds: Int(words[4]) ?? 10)
        case "fill" where words.count == 6:
            try await fill(
                words[2], devices: Int(words[3]) ?? 1000, finished: Int(words[4]) ?? 0, rounds: Int(words[5]) ?? 1)
        case "restart" where words.count == 3: try await restart(words[2], fromFirstFact: false)
        case "restart" where words.count == 4: try await restart(words[2], fromFirstFact: words[3] == "whole")
        case "stop" where words.count == 4: try await StopTime.measure(words[2], devices: Int(words[3]) ?? 1000)
        default:
            print(
                "usage: journal-load make DB | write DB TOGETHER SECONDS [WRITERS] | samples DB AGENTS SECONDS | fill DB DEVICES FINISHED ROUNDS | restart DB [whole] | stop DB DEVICES"
            )
            exit(64)
        }
    }

    /// Writes intents, so many in each commit, for so long.
    private static func write(to path: String, together: Int, seconds: Double) async throws {
        let store = try StoreLocation.open(path)
        let now = Instant(milliseconds: 1_770_000_000_000)
        let id = try await store.create(
            plan: Data("-".utf8), digest: Digest(of: Data("-".utf8)), title: "load", by: "benchmark", at: now)
        let lease = try await store.acquireLease(
            of: id, holder: "benchmark", lasting: .minutes(60), steal: false, at: now)
        let steps = (0..<together).map { number in
            Fact.intent(
                DeviceStep(
                    device: DeviceName(rawValue: "srv-\(number)"), kind: .push, attempt: 1,
                    revertsBy: now + .minutes(2)))
        }
        let clock = ContinuousClock()
        let start = clock.now
        var commits: [Duration] = []
        while start.duration(to: clock.now) < .seconds(seconds) {
            let began = clock.now
            _ = try await store.append(steps, to: id, after: nil, under: lease, claiming: [], releasing: [], at: now)
            commits.append(began.duration(to: clock.now))
        }
        commits.sort()
        let wall = start.duration(to: clock.now) / .seconds(1)
        let count = Double(commits.count * together)
        let cpu = ProcessUsage().cpuSeconds
        print(
            "rollout   \(together) together  \(shown(count / wall, 0)) intents/s  "
                + "cpu=\(shown(cpu / count * 10_000, 3)) s for 10,000  "
                + "commit p50 \(milliseconds(commits, 0.5)) ms, p99 \(milliseconds(commits, 0.99)) ms")
    }

    /// Makes a rollout that was cut off: so many devices are finished, ten more were being pushed. Each finished one was changed so
    /// many times, and put back in between; its wave was judged by three gates.
    private static func fill(_ path: String, devices: Int, finished: Int, rounds: Int) async throws {
        let plan = try fleetPlan(devices)
        let file = try PlanFile(plan)
        let store = try StoreLocation.open(path)
        let id = try await store.create(
            plan: file.bytes, digest: file.digest, title: "load", by: "benchmark",
            at: Instant(milliseconds: 1_770_000_000_000))
        let journal = try await FilledJournal(of: id, in: store)
        try await journal.write([.driving(holder: "benchmark", quietFrom: nil)])
        var left = finished
        for wave in plan.waves where left > 0 {
            let names = Array(wave.devices.prefix(left))
            left -= names.count
            for round in 1...max(1, rounds) {
                if round > 1 { try await journal.putBack(names, of: wave) }
                try await journal.change(names, of: wave)
            }
            guard names.count == wave.devices.count else { break }
            try await journal.pass(wave)
        }
        let now = await journal.now
        let reached = plan.waves.flatMap(\.devices).dropFirst(finished).prefix(10)
        try await journal.write(
            reached.map {
                .intent(
                    DeviceStep(device: $0, kind: .push, attempt: 1, revertsBy: now + .minutes(2)))
            })
        try await journal.close()
        print(
            "filled    \(devices) devices, \(finished) finished, changed \(rounds) times, \(await journal.facts) facts of "
                + "\(await journal.kibibytes) KiB, plan of \(file.bytes.count / 1024) KiB")
    }

    /// From the start of a process to the first step of the rollout that it goes on with.
    private static func restart(_ path: String, fromFirstFact: Bool) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        var phases: [String] = []
        var last = start
        func lap(_ name: String) {
            phases.append("\(name) \(shown(last.duration(to: clock.now) / .seconds(1), 2))")
            last = clock.now
        }
        let store = try StoreLocation.open(path)
        let id = try await store.rollouts()[0].id
        let plan = try PlanFile(try await store.plan(of: id), from: "rollout \(id)")
        lap("plan")
        let state =
            fromFirstFact
            ? RolloutState(folding: try await store.entries(of: id, after: 0)) : try await store.state(of: id)
        lap("facts")
        let now = Instant.current
        let lease = try await store.acquireLease(
            of: id, holder: "benchmark", lasting: .minutes(60), steal: true, at: now)
        let performer = FirstStep()
        let runner = RolloutRunner(
            rollout: id, plan: plan, from: state, lease: lease,
            configuration: RolloutRunner.Configuration(holder: "benchmark"), store: store, performer: performer,
            counters: Blind(), clock: SteadyClock(over: PlainClock()), onEntry: { _ in })
        let drive = Task { try await runner.run() }
        for await _ in performer.began { break }
        lap("drive")
        drive.cancel()
        let usage = ProcessUsage()
        print(
            "restart   \(fromFirstFact ? "from the first fact" : "from the snapshot")  first step after "
                + "\(shown(start.duration(to: clock.now) / .seconds(1), 2)) s  cpu=\(shown(usage.cpuSeconds, 2)) s  "
                + "rss=\(usage.peakKilobytes / 1024) MiB  (\(phases.joined(separator: ", ")))")
        exit(0)
    }

    private static func fleetPlan(_ count: Int) throws -> Plan {
        let devices = (0..<count).map { number in
            Device(
                name: DeviceName(rawValue: "srv-\(number)"), address: "10.0.0.1", platform: "linux", range: "eco",
                datacentre: "gra", domains: [FailureDomain(kind: "pair", value: "pair-\(number / 2)")],
                links: [LinkName(rawValue: "up-\(number % 500)")], interfaces: ["eth0"],
                snmp: SNMPSettings(community: .environment("COMMUNITY")))
        }
        let links = (0..<500).map { number in
            Link(
                name: LinkName(rawValue: "up-\(number)"), capacity: BitsPerSecond(4_000_000_000_000),
                counters: LinkCounters(
                    address: "10.255.0.1", interface: "up0", snmp: SNMPSettings(community: .environment("COMMUNITY"))))
        }
        let inventory = Inventory(
            name: "load", devices: devices, links: links,
            datacentres: [Datacentre(name: "gra", timeZone: "Europe/Paris")], ranges: ["eco"])
        let change = Change(
            name: "load", intents: [.shape(ShapingIntent(interface: "eth0", egressRate: "1Gbit"))])
        let resolver = try IntentResolver(change)
        let surveyed = try devices.map { device in
            SurveyedDevice(
                device: device,
                finding: .target(
                    Target(
                        intents: try resolver.resolve(for: device), base: config(500), desired: config(1000),
                        growth: BitsPerSecond(500_000_000))))
        }
        // Without gates nothing is waited for: what is timed is the rollout itself.
        let policy = Policy(
            name: "load", waveSize: WaveSize(devices: 1000, share: nil),
            inFlight: InFlightCaps(overall: 500, perDatacentre: 500), soak: .zero, gates: [])
        return try Planner.plan(
            Planner.Input(
                tool: "benchmark", now: Instant(milliseconds: 1_770_000_000_000), inventory: inventory, inputs: [],
                change: change, policy: policy, limit: nil, surveyed: surveyed,
                loads: Dictionary(
                    links.map { ($0.name, LinkLoad.known(BitsPerSecond(1_000_000_000))) },
                    uniquingKeysWith: { first, _ in first })))
    }

    private static func config(_ megabits: Int) -> DeviceConfig {
        DeviceConfig(sections: [
            .init(name: "qdisc eth0", lines: ["tbf rate \(megabits)000000bit burst 32768b latency 50000us"])
        ])
    }

    private static func shown(_ value: Double, _ digits: Int) -> String { ProcessUsage.shown(value, digits) }
    private static func milliseconds(_ sorted: [Duration], _ share: Double) -> String {
        ProcessUsage.milliseconds(sorted, share)
    }
}

extension ProcessUsage {
    /// A share of sorted spans in milliseconds: 0.5 for the median.
    static func milliseconds(_ sorted: [Duration], _ share: Double) -> String {
        shown(sorted[Int(Double(sorted.count - 1) * share)] / .milliseconds(1), 1)
    }
}

/// Says when the first step is to be performed; performs none.
private struct FirstStep: StepPerformer {
    let began: AsyncStream<Void>
    private let inbox: AsyncStream<Void>.Continuation

    init() { (began, inbox) = AsyncStream.makeStream(of: Void.self) }

    func perform(_ kind: DeviceStep.Kind, _ order: PushOrder, permit: Permit) async -> StepResult {
        inbox.yield()
        try? await Task.sleep(for: .seconds(3600))
        return .failed(DriverError(.timeout, "nobody is there", effect: .possible))
    }

    func collectEvidence(_ order: PushOrder, within limit: Timespan) async -> Evidence { Evidence(items: []) }
}

private struct Blind: CounterSource {
    func sample(_ agent: WatchedAgent) async -> CounterSample { fatalError("nothing is watched") }
}

struct PlainClock: EngineClock {
    func now() -> Instant { .current }
    func uptime() -> Timespan { .milliseconds(Int64(ProcessInfo.processInfo.systemUptime * 1000)) }
    func sleep(until instant: Instant) async {
        let span = instant - now()
        if span > .zero { try? await Task.sleep(for: .milliseconds(span.milliseconds)) }
    }
}

extension Instant {
    static var current: Instant {
        Instant(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
    }
}

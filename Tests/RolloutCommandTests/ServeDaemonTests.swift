import Foundation
import RolloutEngine
import RolloutSimulation
import Synchronization
import Testing

@testable import rollout

/// The service with a simulated fleet, in time that goes from one wake to the next: nights pass in seconds.
@Suite("The service over several nights", .timeLimit(.minutes(10)))
struct ServeDaemonTests {
    /// Where and when clocks are set in the second night.
    struct Place: Sendable, CustomTestStringConvertible {
        var zone: String
        var begins: String
        /// The hours of the window, in minutes of local time; clocks are set within them.
        var window: ClosedRange<Int>
        var testDescription: String { "\(zone) from \(begins)" }
    }

    static let places = [
        Place(zone: "Europe/Paris", begins: "2026-03-27T12:00", window: 75...225),
        Place(zone: "Europe/Paris", begins: "2026-10-23T12:00", window: 75...225),
        Place(zone: "America/New_York", begins: "2026-03-06T12:00", window: 75...225),
        Place(zone: "America/New_York", begins: "2026-10-30T12:00", window: 45...165),
        Place(zone: "Australia/Lord_Howe", begins: "2026-10-02T06:00", window: 75...225),
        Place(zone: "Australia/Lord_Howe", begins: "2026-04-03T06:00", window: 75...225),
    ]

    @Test(
        "a rollout that needs several nights goes on by itself each night, and begins nothing outside of windows or too late in them",
        arguments: places)
    func nights(_ place: Place) async throws {
        let world = try ServedWorld(place.zone, at: place.begins, window: place.window)
        try await world.schedule(cron: "0 22 * * *")
        try world.run { try await world.waits(upTo: .minutes(9 * 24 * 60)) { $0.first?.ending != nil } }
        let records = try await world.store.rollouts()
        #expect(records.first.map { $0.createdBy.hasPrefix("schedule nightly, due ") } == true)
        let id = RolloutID(1)
        let state = try await world.store.state(of: id)
        #expect(state.ending == .done, "\(state.pauses)")
        for device in world.devices {
            #expect(try world.fleet.device(device).running.shapedRate(of: "e0") == BitsPerSecond(20_000_000))
            #expect(try world.fleet.device(device).pushes.values.reduce(0, +) == 1)
        }
        let zone = try #require(TimeZone(identifier: place.zone))
        func local(_ instant: Instant) -> (day: Int64, minute: Int) {
            let seconds = instant.milliseconds / 1000
            let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
            let shown = seconds + Int64(offset)
            return (shown / 86_400, Int(shown % 86_400 / 60))
        }
        var nights: Set<Int64> = []
        for entry in try await world.store.entries(of: id, after: 0) {
            switch entry.fact {
            case .waveStarted: break
            case .intent(let step) where step.kind == .push: break
            default: continue
            }
            let (day, minute) = local(entry.at)
            #expect(place.window.contains(minute), "\(entry.at) is \(minute) of the day")
            let deadlines = world.plan.plan.policy.deadlines
            let needed = world.plan.plan.policy.soak + deadlines.push + deadlines.confirm + deadlines.rollBack
            let end = local(entry.at + needed)
            #expect(end.day == day && end.minute <= place.window.upperBound, "\(entry.at) is too late")
            nights.insert(day)
        }
        #expect(nights.count >= 2, "\(nights)")
        // While it went on, the next occurrences were passed over, each with its reason.
        let entries = try await world.store.serviceEntries(after: 0)
        let skipped = entries.count { if case .scheduleSkipped = $0.fact { true } else { false } }
        #expect(skipped >= 1)
        var chain = ServiceChain.start
        for entry in entries { #expect(try chain.take(entry) == nil) }
    }

    @Test("a plan that reaches further than approved is not carried out, and it is said why")
    func reachesFurther() async throws {
        let world = try ServedWorld("Europe/Paris", at: "2026-06-01T12:00", window: 75...225)
        for (devices, begins) in [(13, false), (14, true)] {
            try await world.scheduleAnew(approving: devices)
            try world.run {
                try await world.waits(upTo: .minutes(24 * 60)) { _ in
                    let state = try await world.store.serviceState().schedules["anew"]
                    return state?.lastOccurrence != nil
                }
            }
            let its = try #require(try await world.store.serviceState().schedules["anew"])
            #expect((its.lastRollout != nil) == begins)
            if !begins {
                #expect(its.lastSkip?.contains("14 devices, approved are 13") == true, "\(its.lastSkip ?? "")")
            }
        }
    }

    @Test("a plan file that is another one than was scheduled is not carried out")
    func otherPlan() async throws {
        let world = try ServedWorld("Europe/Paris", at: "2026-06-01T12:00", window: 75...225)
        try await world.schedule(cron: "0 22 * * *", digest: Digest(of: "another"))
        try world.run {
            try await world.waits(upTo: .minutes(24 * 60)) { _ in
                try await world.store.serviceState().schedules["nightly"]?.lastSkip != nil
            }
        }
        #expect(try await world.store.rollouts().isEmpty)
        let skip = try await world.store.serviceState().schedules["nightly"]?.lastSkip ?? ""
        #expect(skip.contains("is not the plan that was scheduled") && skip.contains("rollout schedule add"))
    }

    @Test(
        "killed between creating a rollout and saying so, the next service takes that one, and creates none beside it")
    func createdAndKilled() async throws {
        let world = try ServedWorld("Europe/Paris", at: "2026-06-01T20:00", window: 75...225)
        try await world.schedule(cron: "0 22 * * *")
        let occurrence = try #require(Instant("2026-06-02T20:00:00.000Z"))
        _ = try await world.store.append(
            .scheduleBegun("nightly", occurrence: occurrence), by: "serve that was killed", reason: nil, after: 1,
            at: occurrence)
        _ = try await world.store.create(
            plan: world.plan.bytes, digest: world.plan.digest, title: "double",
            by: ScheduleStarter.author("nightly", occurrence), at: occurrence)
        try world.run {
            try await world.waits(upTo: .minutes(2 * 24 * 60)) { _ in
                try await world.store.serviceState().schedules["nightly"]?.lastRollout != nil
            }
        }
        #expect(try await world.store.rollouts().count == 1)
        #expect(try await world.store.serviceState().schedules["nightly"]?.lastRollout == RolloutID(1))
    }

    @Test("told to end in the middle of a wave, it leaves no device half done, and the next one goes on")
    func leaves() async throws {
        let world = try ServedWorld("Europe/Paris", at: "2026-06-01T12:00", window: 75...225)
        try await world.schedule(cron: "0 22 * * *")
        // Slow enough to be caught at it.
        for device in world.devices { try world.fleet.inject(.slow(.seconds(8)), on: device) }
        for pushes in [1, 4, 7] {
            try world.run {
                try await world.waits(upTo: .minutes(4 * 24 * 60), every: .seconds(5)) { states in
                    let touched = world.devices.filter { (states.first?[$0].attempts[.push] ?? 0) > 0 }
                    return touched.count >= pushes && touched.contains { states.first?[$0].isUnsettled ?? false }
                }
            }
            let state = try await world.store.state(of: RolloutID(1))
            #expect(world.devices.allSatisfy { !state[$0].isUnsettled })
            #expect(try await world.store.lease(of: RolloutID(1)) == nil)
            #expect(state.pauses.isEmpty && state.ending == nil)
        }
        try world.run { try await world.waits(upTo: .minutes(9 * 24 * 60)) { $0.first?.ending != nil } }
        #expect(try await world.store.state(of: RolloutID(1)).ending == .done)
    }
}

/// Fourteen simulated devices, a store, and a service that can be started in it.
private struct ServedWorld {
    let loop: SimulationLoop
    let fleet: SimulatedFleet
    let store = MemoryJournalStore()
    let plan: PlanFile
    private let folder: TemporaryFolder

    var devices: [DeviceName] { plan.plan.waves.flatMap(\.devices) }

    init(_ zone: String, at text: String, window: ClosedRange<Int>) throws {
        let start = try #require(Instant(text + ":00.000Z"))
        let loop = SimulationLoop(clock: ManualClock(at: start))
        let devices = (1...14).map { number in
            Device(
                name: DeviceName(rawValue: "d\(number)"), address: "198.51.100.\(number)", platform: "simulated",
                range: "eco", datacentre: "here", interfaces: ["e0"],
                snmp: SNMPSettings(community: .environment("COMMUNITY")),
                variables: ["bandwidth": .text("10Mbit"), "demand": .text("35Mbit")])
        }
        let inventory = Inventory(
            name: "served", devices: devices, links: [],
            datacentres: [
                Datacentre(
                    name: "here", timeZone: zone,
                    window: MaintenanceWindow(startMinute: window.lowerBound, endMinute: window.upperBound))
            ], ranges: ["eco"])
        let fleet = try SimulatedFleet.inMemory(inventory, clock: loop.clock)
        let policy = Policy(
            name: "night", canary: CanaryRule(devices: 1), waveSize: WaveSize(devices: 2, share: .percent(100)),
            soak: .minutes(40), watch: WatchRule(poll: .seconds(60), baseline: .minutes(10)),
            gates: [GateRule(name: "interfaces", condition: .interfaces, onFail: .rollBack)])
        let change = Change(name: "double", intents: [.shape(ShapingIntent(interface: "e0", egressRate: "20Mbit"))])
        let survey = Survey(
            drivers: DriverRegistry([SimulatedDriver(fleet)]), counters: SimulatedCounterSource(fleet),
            clock: loop.clock)
        let surveyed = try loop.run {
            await survey.read(
                devices, for: change, revertTimer: policy.revertTimer, atOnce: 8, within: .seconds(30),
                progress: { _ in })
        }
        plan = try PlanFile(
            Planner.plan(
                Planner.Input(
                    tool: "test", now: loop.clock.now(), inventory: inventory, inputs: [], change: change,
                    policy: policy,
                    limit: nil, surveyed: surveyed, loads: [:])))
        folder = try TemporaryFolder()
        try plan.bytes.write(to: URL(filePath: folder.path + "/plan"))
        self.loop = loop
        self.fleet = fleet
    }

    func schedule(cron: String, digest: Digest? = nil) async throws {
        let zone = plan.plan.datacentres[0].timeZone
        let schedule = Schedule(
            name: "nightly", work: .plan(path: folder.path + "/plan", digest: digest ?? plan.digest),
            timing: .cron(try CronExpression(cron), zone: zone))
        _ = try await store.append(.scheduleSet(schedule), by: "ada", reason: nil, after: nil, at: loop.clock.now())
    }

    func scheduleAnew(approving devices: Int) async throws {
        let schedule = Schedule(
            name: "anew",
            work: .anew(
                PlanInputs(change: "/change.yaml", inventory: "/inventory"),
                approved: BlastRadius(devices: devices, datacentres: ["here"], ranges: ["eco"])),
            timing: .windows(plan.plan.datacentres))
        _ = try await store.append(.scheduleSet(schedule), by: "ada", reason: nil, after: nil, at: loop.clock.now())
    }

    /// Serves while some work goes on, and then tells the service to end.
    func run(_ work: @escaping @Sendable () async throws -> Void) throws {
        var settings = ServeDaemon.Settings(holder: "serve \(UUID())")
        settings.tick = .seconds(60)
        settings.alter = { configuration in
            configuration.tick = .seconds(30)
            configuration.leaseTime = .minutes(10)
        }
        let (clock, loop, fleet, plan) = (loop.clock, loop, fleet, plan)
        let daemon = ServeDaemon(
            store: store, clock: clock, settings: settings,
            starter: ScheduleStarter(store: store, clock: clock, holder: settings.holder) { _ in plan.plan },
            reach: { _, earliest in
                Wiring.Fleet(
                    drivers: DriverRegistry([SimulatedDriver(fleet)]), counters: SimulatedCounterSource(fleet),
                    clock: SteadyClock(over: clock, notBefore: earliest), executor: loop)
            },
            notifier: SystemdNotifier([:]), log: { _ in })
        try loop.run {
            async let served: Void = daemon.run()
            do { try await work() } catch {
                daemon.stop()
                throw error
            }
            daemon.stop()
            try await served
        }
    }

    /// Waits until the rollouts, newest first, stand like this.
    func waits(
        upTo limit: Timespan, every step: Timespan = .minutes(10),
        _ isReached: @escaping @Sendable ([RolloutState]) async throws -> Bool
    )
        async throws
    {
        let end = loop.clock.now() + limit
        while loop.clock.now() < end {
            var states: [RolloutState] = []
            for record in try await store.rollouts() { states.append(try await store.state(of: record.id)) }
            if try await isReached(states) { return }
            await loop.clock.sleep(until: loop.clock.now() + step)
        }
        Issue.record("it does not come to that within \(limit)")
    }
}

/// A folder that goes with whoever holds it.
private final class TemporaryFolder: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "rollout-served-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

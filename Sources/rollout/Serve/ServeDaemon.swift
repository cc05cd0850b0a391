import RolloutEngine

/// `rollout serve`: begins what schedules say, and drives every rollout of its store that wants driving and that nobody drives.
/// Clients need not know it: they write into the store, and it reads.
actor ServeDaemon {
    /// How the daemon behaves.
    struct Settings: Sendable {
        /// By which this process is known on leases and in the service journal.
        var holder: String
        /// How often the store is looked at.
        var tick: Timespan = .seconds(1)
        /// How long whoever asked for something has time to drive the rollout himself.
        var courtesy: Timespan = .seconds(5)
        /// How long what is under way is waited for at the end.
        var farewell: Timespan = .seconds(60)
        /// How often rollouts that are over are looked at: somebody may have asked to put one back.
        var looksBackEvery: Timespan = .seconds(30)
        /// For tests, whose clocks leap.
        var alter: @Sendable (inout RolloutRunner.Configuration) -> Void = { _ in }
    }

    private let store: any JournalStore
    private let clock: any EngineClock
    private let settings: Settings
    private let starter: ScheduleStarter
    private let reach: @Sendable (Plan, Instant?) throws -> Wiring.Fleet
    private let components: [any ServedComponent]
    private let notifier: SystemdNotifier
    private let log: @Sendable (String) -> Void

    private var service = ServiceState()
    /// What this process drives.
    private var driven: [RolloutID: Driven] = [:]
    /// The last fact of each rollout that wants nobody to drive it.
    private var resting: [RolloutID: Int64] = [:]
    /// Those of them that are over.
    private var over: Set<RolloutID> = []
    private var looksBackAt: Instant?
    /// Rollouts that are not looked at before then.
    private var notBefore: [RolloutID: Instant] = [:]
    /// How often in a row rollouts could not be driven.
    private var failures: [RolloutID: Int] = [:]
    /// Whether the line was stopped when rollouts were looked at last.
    private var wasStopped = false
    private var beginning: Set<ScheduleName> = []
    private var trouble: String?
    private var brokenComponent: (any Error)?
    private var isLeaving = false
    private let events: AsyncStream<Event>
    private let inbox: AsyncStream<Event>.Continuation

    private enum Event: Sendable {
        case tick
        case stop
    }

    /// A rollout that this process drives; without its runner while that is being made.
    private struct Driven {
        var runner: RolloutRunner?
    }

    /// - Parameters:
    ///   - reach: Makes the ports to a plan's devices; its second argument is when something was last written about them.
    ///   - components: What runs beside.
    ///   - log: Takes a line for people.
    init(
        store: any JournalStore, clock: any EngineClock, settings: Settings, starter: ScheduleStarter,
        reach: @escaping @Sendable (Plan, Instant?) throws -> Wiring.Fleet, components: [any ServedComponent] = [],
        notifier: SystemdNotifier, log: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.clock = clock
        self.settings = settings
        self.starter = starter
        self.reach = reach
        self.components = components
        self.notifier = notifier
        self.log = log
        (events, inbox) = AsyncStream.makeStream(of: Event.self)
    }

    /// Asks it to end: what is under way on devices is finished and written down, leases are given back.
    nonisolated func stop() { inbox.yield(.stop) }

    /// Serves until it is asked to end.
    ///
    /// - Throws: What a component threw: half a service is none.
    func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.tickForever() }
            for component in components { group.addTask { await self.run(component) } }
            await turn(&group)
            notifier.send("READY=1\nSTATUS=\(status)")
            for await event in events {
                if case .stop = event { break }
                await turn(&group)
                notifier.send("WATCHDOG=1\nSTATUS=\(status)")
            }
            await leave()
            group.cancelAll()
        }
        if let brokenComponent { throw brokenComponent }
    }

    private func tickForever() async {
        while !Task.isCancelled {
            await clock.sleep(until: clock.now() + settings.tick)
            inbox.yield(.tick)
        }
    }

    private func run(_ component: any ServedComponent) async {
        do {
            try await component.run()
        } catch {
            guard !Task.isCancelled else { return }
            log("\(component.name) failed, so the service ends: \(error)")
            brokenComponent = error
            stop()
        }
    }

    /// Lets every runner finish what is under way, and waits for them.
    private func leave() async {
        isLeaving = true
        notifier.send("STOPPING=1\nSTATUS=finishing what is under way on devices")
        let limit = clock.now() + settings.farewell
        // In any order: each goes its own way.
        for drive in driven.values { await drive.runner?.leave(by: limit) }
        guard !driven.isEmpty else { return }
        for await _ in events {
            notifier.send("WATCHDOG=1")
            if driven.isEmpty || clock.now() > limit + settings.tick { return }
        }
    }

    /// One look at the store, and what follows from it.
    private func turn(_ group: inout DiscardingTaskGroup) async {
        do throws(StoreError) {
            for entry in try await store.serviceEntries(after: service.chain.sequence) { service.apply(entry) }
            let records = try await store.rollouts()
            try await lookAtRollouts(records, &group)
            try await lookAtSchedules(records, &group)
            if trouble != nil { log("the store answers again") }
            trouble = nil
        } catch {
            // Somebody spoke in between: heard on the next turn.
            if error.code == .overtaken { return }
            // Said once: it is tried again every second.
            if trouble != error.message { log("the store does not answer: \(error.message)") }
            trouble = error.message
        }
    }

    private var status: String {
        if let trouble { return "the store does not answer: \(trouble)" }
        let next = service.schedules.values.compactMap(\.nextOccurrence).min()
        return "drives \(driven.count) rollouts" + (service.lineStop == nil ? "" : "; the line is stopped")
            + (next.map { "; the next schedule is due \($0)" } ?? "")
    }

    // MARK: Rollouts

    private func lookAtRollouts(_ records: [RolloutRecord], _ group: inout DiscardingTaskGroup)
        async throws(StoreError)
    {
        let now = clock.now()
        // What stood still for the stopped line alone may go on once it is released.
        let isStopped = service.lineStop != nil
        if wasStopped && !isStopped { resting = resting.filter { over.contains($0.key) } }
        wasStopped = isStopped
        let looksBack = looksBackAt.map { now >= $0 } ?? true
        if looksBack { looksBackAt = now + settings.looksBackEvery }
        for record in records where driven[record.id] == nil {
            if over.contains(record.id) && !looksBack { continue }
            if let then = notBefore[record.id], now < then { continue }
            if let known = resting[record.id], try await store.entries(of: record.id, after: known).isEmpty { continue }
            try await consider(record, at: now, &group)
        }
    }

    private func consider(_ record: RolloutRecord, at now: Instant, _ group: inout DiscardingTaskGroup)
        async throws(StoreError)
    {
        let id = record.id
        notBefore[id] = nil
        // Cheap, and asked every second of what somebody else drives.
        if try await store.lease(of: id)?.living(at: now) != nil { return }
        let state = try await store.state(of: id)
        if state.ending != nil {
            over.insert(id)
            resting[id] = state.sequence
            return
        }
        over.remove(id)
        let isOurs = record.createdBy.hasPrefix(ScheduleStarter.authorPrefix)
        // Whoever created it, or asked for something a moment ago, may be about to drive it himself.
        if let last = state.lastEntryAt, !isOurs, last <= now, now - last < settings.courtesy {
            notBefore[id] = last + settings.courtesy
            return
        }
        let file: PlanFile
        do {
            file = try PlanFile(try await store.plan(of: id), from: "rollout \(id)")
        } catch {
            return failed(id, error)
        }
        guard Reconciler(plan: file.plan).wantsDriving(state, lineStop: service.lineStop, at: now) else {
            resting[id] = state.sequence
            return
        }
        resting[id] = nil
        driven[id] = Driven()
        group.addTask { await self.drive(record, file, from: state) }
    }

    private func drive(_ record: RolloutRecord, _ file: PlanFile, from state: RolloutState) async {
        let id = record.id
        do {
            let fleet = try reach(file.plan, state.lastEntryAt)
            let drive = try await RolloutDrive(
                of: record, file, from: state, in: store, fleet, holder: settings.holder,
                alter: settings.alter,
                onEntry: { [log] entry in
                    if let text = EventLine(style: Style(color: false, ascii: true)).text(entry) {
                        log("\(id) \(text)")
                    }
                })
            driven[id]?.runner = drive.runner
            if isLeaving { await drive.runner.leave(by: clock.now()) }
            log("\(id) is driven from here")
            let end = try await drive.runner.run()
            failures[id] = nil
            log("\(id) \(Self.words(end, isLeaving: isLeaving))")
        } catch {
            failed(id, error)
        }
        try? await JournalSealer(store).seal(id, by: settings.holder, at: clock.now())
        driven[id] = nil
        inbox.yield(.tick)
    }

    /// What could not be driven is tried again, ever more seldom.
    private func failed(_ id: RolloutID, _ error: any Error) {
        // Another service was quicker.
        if let error = error as? StoreError, error.code == .leaseHeld { return }
        let count = (failures[id] ?? 0) + 1
        let pause = Timespan.seconds(min(300, 5 << Int64(min(count, 8) - 1)))
        failures[id] = count
        notBefore[id] = clock.now() + pause
        log("\(id) cannot be driven, tried again in \(pause): \(CommandFailure(error).message)")
    }

    private static func words(_ state: RolloutState, isLeaving: Bool) -> String {
        if let ending = state.ending { return "ended: \(ending.rawValue)" }
        if isLeaving { return "is left as it is, to go on later" }
        return "stands still: " + state.pauses.map(\.reason.detail).joined(separator: "; ")
    }

    // MARK: Schedules

    private func lookAtSchedules(_ records: [RolloutRecord], _ group: inout DiscardingTaskGroup)
        async throws(StoreError)
    {
        let unfinished = Set(records.map(\.id)).subtracting(over)
        let last = service.chain.sequence
        let actions = ScheduleClerk.next(service, unfinished: unfinished, at: clock.now()) {
            [holder = settings.holder] in
            $0 == holder || LeaseHolder($0)?.isGone ?? false
        }
        for action in actions {
            switch action {
            case .wake: break
            case .skip(let name, let occurrence, let because):
                let fact = ServiceFact.scheduleSkipped(name, occurrence: occurrence, because: because)
                let entry = try await store.append(
                    fact, by: settings.holder, reason: nil, after: service.chain.sequence, at: clock.now())
                service.apply(entry)
                log("schedule \(name), due \(occurrence), is passed over: \(because)")
            case .begin(let schedule, let occurrence):
                guard beginning.insert(schedule.name).inserted else { break }
                group.addTask { await self.begin(schedule, due: occurrence, after: last) }
            }
        }
    }

    private func begin(_ schedule: Schedule, due occurrence: Instant, after last: Int64) async {
        do {
            if let said = try await starter.begin(schedule, due: occurrence, after: last) { log(said) }
        } catch {
            log("schedule \(schedule.name), due \(occurrence), could not be begun, tried again: \(error.message)")
        }
        beginning.remove(schedule.name)
    }
}

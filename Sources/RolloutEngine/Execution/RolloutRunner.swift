/// Carries out one plan: asks the reconciler what is to be done, journals every intent before it acts and every outcome
/// after. The only place in the engine with effects.
public actor RolloutRunner {
    /// What a runner needs to know beside the plan.
    public struct Configuration: Sendable {
        /// Names this process: `user@machine pid 4711`.
        public var holder: String
        /// By when everything has arrived at devices that the runner before this one sent; nil when it gave its lease back.
        public var quietFrom: Instant?
        /// How long the lease lasts without being renewed.
        public var leaseTime: Timespan = .seconds(30)
        /// How often the journal is looked at for what operators want, and time is looked at.
        public var tick: Timespan = .milliseconds(200)
        /// Whether the runner waits on when an operator paused; else it returns as soon as all is quiet.
        public var waitsForOperator = true
        /// How long evidence may be collected before a device is put back.
        public var evidenceLimit: Timespan = .seconds(5)
        /// How long a store that fails is tried again before the runner gives up.
        public var storePatience: Timespan = .seconds(30)

        /// The usual values.
        public init(holder: String) { self.holder = holder }
    }

    /// The findings of an alarm that are kept: enough for a person to see what is common to them.
    private static let keptFindings = 50

    /// Untouched devices that are compared with a wave that was let through: more would say the same.
    private static let enoughControl = 50

    /// How long an agent may take to answer until a gate is judged without it.
    private static let patienceWithAgents: Timespan = .seconds(3)

    private let id: RolloutID
    private let plan: Plan
    private let planDigest: Digest
    private let configuration: Configuration
    private let store: any JournalStore
    private let journal: LeasedJournal
    private let performer: any StepPerformer
    private let counters: any CounterSource
    private let clock: SteadyClock
    private let onEntry: @Sendable (JournalEntry) -> Void
    private let reconciler: Reconciler
    private let domains: DomainClaims
    private let planned: [DeviceName: PlannedDevice]
    private let watchedAgents: [WatchedAgent]

    private var state: RolloutState
    private var samples: SampleWindow
    /// Readings that were not looked at yet, and when they will be.
    private var arrived: [CounterSample] = []
    private var lookAt: Instant
    /// When waves that were let through are looked at again: seldom, as there are ever more of them.
    private var lookBackAt: Instant
    private var watchedSince: Instant
    private var blindSpots: [WatchedAgent.Subject: BlindSpot] = [:]
    private var collecting: Set<DeviceName> = []
    private var shouldStop = false
    /// Nothing is under way, and nothing will be for a while: a window has to open first.
    private var isIdle = false
    private let events: AsyncStream<Event>
    private let inbox: AsyncStream<Event>.Continuation

    private enum Event: Sendable {
        case tick
        case outcome(DeviceStep, StepResult)
        case evidence(DeviceName, Evidence)
    }

    /// A runner for a rollout whose lease was acquired.
    ///
    /// - Parameters:
    ///   - state: What was read of its journal already.
    ///   - onEntry: Called with every further entry as it is taken in, in order; for screens.
    public init(
        rollout id: RolloutID, plan: PlanFile, from state: RolloutState = RolloutState(), lease: Lease,
        configuration: Configuration, store: any JournalStore,
        performer: any StepPerformer, counters: any CounterSource, clock: SteadyClock,
        onEntry: @escaping @Sendable (JournalEntry) -> Void
    ) {
        self.id = id
        self.plan = plan.plan
        self.state = state
        planDigest = plan.digest
        journal = LeasedJournal(
            of: id, in: store, lease, leaseTime: configuration.leaseTime, patience: configuration.storePatience,
            clock: clock)
        domains = DomainClaims(plan.plan)
        self.configuration = configuration
        self.store = store
        self.performer = performer
        self.counters = counters
        self.clock = clock
        self.onEntry = onEntry
        reconciler = Reconciler(plan: plan.plan)
        planned = Dictionary(plan.plan.devices.map { ($0.device.name, $0) }, uniquingKeysWith: { first, _ in first })
        watchedAgents =
            plan.plan.policy.gates.isEmpty
            ? [] : plan.plan.devices.compactMap(\.device.watchedAgent) + plan.plan.links.map(\.link.watchedAgent)
        samples = SampleWindow(keeping: plan.plan.policy.watch.baseline + plan.plan.policy.deadlines.wave)
        watchedSince = clock.now()
        lookAt = watchedSince
        lookBackAt = watchedSince
        (events, inbox) = AsyncStream.makeStream(of: Event.self)
    }

    /// Makes the runner return as soon as nothing is in flight, even if an operator's pause is all it waits for.
    public func stopWhenQuiet() { shouldStop = true }

    /// Drives the rollout until it ends or stands still for a reason that only a person can take away.
    ///
    /// - Returns: What is known at the end.
    /// - Throws: `StoreError`, above all `.leaseLost` when somebody else took over. Devices in flight are then left to the
    ///   new runner and to their revert timers.
    public func run() async throws(StoreError) -> RolloutState {
        try await catchUp()
        try await append([.driving(holder: configuration.holder, quietFrom: configuration.quietFrom)])
        await restoreSamples()
        let failure = await withDiscardingTaskGroup(returning: StoreError?.self) { group in
            group.addTask { await self.tickForever() }
            if !watchedAgents.isEmpty { group.addTask { await self.watchForever() } }
            defer {
                group.cancelAll()
                inbox.finish()
            }
            return await drive(&group)
        }
        if let failure { throw failure }
        await journal.release()
        return state
    }

    private func drive(_ group: inout DiscardingTaskGroup) async -> StoreError? {
        do throws(StoreError) {
            try await turn(&group)
            for await event in events {
                try await take(event)
                try await turn(&group)
                if isFinished { return nil }
            }
            return nil
        } catch {
            return error
        }
    }

    private var isFinished: Bool {
        guard reconciler.isAtRest(state, at: clock.now()), collecting.isEmpty else { return false }
        if state.ending != nil || shouldStop { return true }
        let onlyOperator = state.pauses.allSatisfy { $0.reason.kind == .operator }
        return !(onlyOperator && configuration.waitsForOperator)
    }

    // MARK: One turn

    private func turn(_ group: inout DiscardingTaskGroup) async throws(StoreError) {
        try await journal.keepLease()
        try await catchUp()
        try await standStillForSetClock()
        // A fact changes what is to be done next, so ask again until there are no more facts to write.
        while true {
            let actions = reconciler.next(
                state, at: clock.now(), wallClock: clock.wallClock, watchedSince: watchedSince, blindSpots: blindSpots)
            var facts: [Fact] = []
            var steps: [DeviceStep] = []
            for action in actions {
                switch action {
                case .record(let fact): facts.append(fact)
                case .perform(let step): steps.append(step)
                case .judge(let wave): facts += judge(wave: wave)
                case .collectEvidence(let name): collectEvidence(on: name, &group)
                case .wake: break
                }
            }
            do throws(StoreError) {
                if !steps.isEmpty { try await begin(steps, &group) }
                if facts.isEmpty {
                    isIdle = isWaiting(by: actions)
                    return
                }
                try await append(facts, after: state.sequence, releasing: givenUp(by: facts))
            } catch  where error.code == .overtaken {
                // An operator spoke since this was decided: hear that first.
                try await catchUp()
            }
        }
    }

    /// What was dated before and what is dated from now on do not fit together: a person has to look, and whoever goes on
    /// begins with a clock of its own.
    private func standStillForSetClock() async throws(StoreError) {
        guard let shift = clock.shift, state.ending == nil, state.pause(.clockSet) == nil else { return }
        let size = Timespan.seconds(abs(Int64(shift.seconds.rounded())))
        let detail =
            "the clock of the machine was set \(shift < .zero ? "back" : "forwards") by \(size) while it drove this rollout: see that it is right now"
        try await append([.paused(PauseReason(.clockSet, detail))])
    }

    private func isWaiting(by actions: [Action]) -> Bool {
        let soon = clock.now() + .minutes(1)
        let isLong =
            !actions.isEmpty && actions.allSatisfy { if case .wake(let then) = $0 { then > soon } else { false } }
        return isLong
            && plan.waves.allSatisfy { state[wave: $0.index].startedAt == nil || state[wave: $0.index].passedAt != nil }
    }

    private func begin(_ steps: [DeviceStep], _ group: inout DiscardingTaskGroup) async throws(StoreError) {
        if PlantedBug.isPlanted(.actsBeforeJournal) { launch(steps, &group) }
        var written: [Fact] = []
        do throws(StoreError) {
            written = try await append(
                steps.map(Fact.intent), after: state.sequence,
                claiming: steps.filter { $0.kind == .push }.flatMap { domains.claims(of: $0.device) })
        } catch  where error.code == .domainHeld {
            if steps.count == 1 {
                try await append([.paused(PauseReason(.domainHeld, error.message))])
                return
            }
            // One of them is held: let the others go.
            for step in steps { try await begin([step], &group) }
            return
        }
        let begun = steps.filter { written.contains(.intent($0)) }
        if !PlantedBug.isPlanted(.actsBeforeJournal) { launch(begun, &group) }
    }

    private func launch(_ steps: [DeviceStep], _ group: inout DiscardingTaskGroup) {
        for step in steps {
            guard let order = order(for: step) else { continue }
            group.addTask { [performer, inbox, permit = journal.permit] in
                let result = await performer.perform(step.kind, order, permit: permit)
                inbox.yield(.outcome(step, result))
            }
        }
    }

    private func order(for step: DeviceStep) -> PushOrder? {
        let deadlines = plan.policy.deadlines
        let limit =
            switch step.kind {
            case .push: deadlines.push
            case .confirm: deadlines.confirm
            case .rollBack, .observe: deadlines.rollBack
            }
        return order(for: step.device, limit: limit)
    }

    private func order(for name: DeviceName, limit: Timespan) -> PushOrder? {
        guard let planned = planned[name], let target = planned.target else { return nil }
        return PushOrder(
            device: planned.device, base: target.base, desired: target.desired,
            mark: "rollout-\(id.number)-\(planDigest.short)", revertAfter: plan.policy.revertTimer, limit: limit)
    }

    private func collectEvidence(on name: DeviceName, _ group: inout DiscardingTaskGroup) {
        let limit = configuration.evidenceLimit
        guard let order = order(for: name, limit: limit), collecting.insert(name).inserted else { return }
        group.addTask { [performer, inbox] in
            inbox.yield(.evidence(name, await performer.collectEvidence(order, within: limit)))
        }
    }

    private func take(_ event: Event) async throws(StoreError) {
        switch event {
        case .tick: try await lookAtReadings()
        case .outcome(let step, let result):
            let fact = Fact.outcome(step, result)
            try await append([fact], releasing: givenUp(by: [fact]))
        case .evidence(let name, let evidence):
            collecting.remove(name)
            try await append([.evidence(name, evidence)])
        }
    }

    /// Takes in what the agents said. All of it at once and not too often: judging is work for the whole wave.
    private func lookAtReadings() async throws(StoreError) {
        let now = clock.now()
        guard now >= lookAt, !arrived.isEmpty else { return }
        lookAt = now + .milliseconds(min(1000, plan.policy.watch.poll.milliseconds / 2))
        let readings = arrived
        arrived = []
        samples.append(readings)
        blindSpots = samples.blindSpots(of: watchedAgents, at: now, plan.policy.watch)
        // Samples are evidence, not the journal: without them gates pause, so a failure here stops nothing by itself.
        try? await store.append(samples: readings, to: id)
        let alarms = alarms()
        if !alarms.isEmpty { try await append(alarms) }
    }

    // MARK: Gates

    private func judge(wave index: Int) -> [Fact] {
        guard let wave = plan.waves.first(where: { $0.index == index }),
            let input = gateInput(for: wave, until: clock.now())
        else { return [] }
        // The last reading of the soak comes up to a poll after its end; whoever does not answer is not waited for.
        let end =
            (state[wave: index].soakStartedAt ?? input.after.to)
            + (PlantedBug.isPlanted(.halvesSoak) ? .milliseconds(wave.soak.milliseconds / 2) : wave.soak)
        let isLate = input.after.to > end + plan.policy.watch.poll + Self.patienceWithAgents
        guard isLate || samples.reach(end, of: input.subjects) else { return [] }
        return GateEvaluator.judge(input).map { .judged(wave: index, $0) }
    }

    /// What is wrong right now with what is watched, beyond what was said before.
    private func alarms() -> [Fact] {
        guard state.ending == nil else { return [] }
        let now = clock.now()
        let looksBack = !state.isPaused && now >= lookBackAt
        if looksBack { lookBackAt = now + GateEvaluator.recentSpan(plan.policy.watch) }
        return plan.waves.flatMap { wave -> [Fact] in
            let waveState = state[wave: wave.index]
            let hasPassed = waveState.passedAt != nil
            guard waveState.startedAt != nil, waveState.rolledBackAt == nil, !hasPassed || looksBack,
                let input = gateInput(for: wave, until: now)
            else { return [] }
            // A wave that was let through stays watched as long as it is known what its devices carried before.
            if hasPassed && !samples.remembers(input.before.to, of: input.subjects) { return [] }
            return (hasPassed ? GateEvaluator.relapses(input) : GateEvaluator.alarms(input))
                .filter { !waveState.overridden.contains($0.gate) }
                .map {
                    Alarm(
                        wave: wave.index, gate: $0.gate, action: $0.action, subjects: $0.subjects, reason: $0.reason,
                        findings: Array($0.findings.prefix(Self.keptFindings)), before: input.before)
                }
                .filter { alarm in
                    // Said once while the rollout goes on; said again after somebody let it go on, but not of a wave that
                    // had passed: that somebody knew.
                    let said = waveState.alarms.filter { $0.gate == alarm.gate && $0.action == alarm.action }
                    if hasPassed { return !Set(alarm.subjects).isSubset(of: said.flatMap(\.subjects)) }
                    return said.isEmpty || (!state.isPaused && alarm.action != .observe)
                }
                .map(Fact.alarm)
        }
    }

    private func gateInput(for wave: Wave, until now: Instant) -> GateInput? {
        let waveState = state[wave: wave.index]
        guard let startedAt = waveState.startedAt else { return nil }
        let hasPassed = waveState.passedAt != nil
        let firstPush = reconciler.endOfBefore(of: wave, state) ?? now
        let group = ControlGroup(beside: wave, of: plan, in: state, startedAt: firstPush)
        let before = group.before
        let treated = wave.devices.filter { state[$0].changedAt != nil && state[$0].mayHoldTarget }
        let loaded = Set(wave.predicted.map(\.link))
        var changedAt: [DeviceName: Instant] = [:]
        for name in treated { changedAt[name] = state[name].changedAt }
        let control =
            hasPassed ? ControlGroup.some(of: group.devices, atMost: Self.enoughControl) : group.devices
        var input = GateInput(
            wave: wave, treated: treated.compactMap { planned[$0]?.device }, control: control,
            links: plan.links.filter { loaded.contains($0.link.name) }, rules: plan.policy.gates,
            watch: plan.policy.watch, samples: [:], before: before,
            after: Verdict.Window(from: waveState.soakStartedAt ?? startedAt, to: now), changedAt: changedAt,
            history: plan.history)
        // A few polls more: whether the first reading of a window is fresh shows in the readings before it.
        let margin = plan.policy.watch.poll * 4
        let recent = now - GateEvaluator.recentSpan(plan.policy.watch) - margin
        let between =
            hasPassed && before.to + margin < recent ? Verdict.Window(from: before.to + margin, to: recent) : nil
        input.samples = samples.samples(of: input.subjects, from: before.from - margin, leavingOut: between)
        return input
    }

    private func restoreSamples() async {
        let now = clock.now()
        let poll = plan.policy.watch.poll
        // What was read before a gap is still the "before" of the waves that began then.
        let stored = ((try? await store.samples(of: id, since: now - samples.span)) ?? []).filter { $0.at <= now }
        samples.append(stored)
        let isUnbroken = stored.last.map { now - $0.at < poll * 3 } ?? false
        watchedSince = isUnbroken ? SampleWindow.unbrokenStart(of: stored, allowing: poll * 3) : now
        blindSpots = samples.blindSpots(of: watchedAgents, at: now, plan.policy.watch)
    }

    private func watchForever() async {
        await withDiscardingTaskGroup { group in
            for agent in watchedAgents { group.addTask { await self.watch(agent) } }
        }
    }

    /// Reads one agent again and again. Each has a rhythm of its own, so that one that does not answer delays no other.
    private func watch(_ agent: WatchedAgent) async {
        var next = clock.now()
        while !Task.isCancelled {
            arrived.append(await counters.sample(agent))
            next = max(next + plan.policy.watch.poll, clock.now())
            await clock.sleep(until: next)
        }
    }

    private func tickForever() async {
        while !Task.isCancelled {
            await clock.sleep(until: clock.now() + configuration.tick * (isIdle ? 10 : 1))
            inbox.yield(.tick)
        }
    }

    // MARK: The journal

    private func catchUp() async throws(StoreError) {
        for entry in try await journal.entries(after: state.sequence) { takeIn(entry) }
    }

    /// Makes facts durable and takes them in; those that were decided on what was known until `last` only if nothing else was
    /// written since. When the store is full, those that would have started work are left out, and the rollout is paused.
    ///
    /// - Returns: What was written.
    @discardableResult
    private func append(
        _ facts: [Fact], after last: Int64? = nil, claiming claims: [DomainClaim] = [],
        releasing releases: [DomainClaim] = []
    ) async throws(StoreError) -> [Fact] {
        let entries: [JournalEntry]
        do throws(StoreError) {
            let startsWork = facts.contains(where: \.startsWork)
            entries = try await journal.append(
                facts, after: PlantedBug.isPlanted(.missesOperator) ? nil : last, claiming: claims, releasing: releases,
                waitsForRoom: !startsWork)
        } catch  where error.code == .full && facts.contains(where: \.startsWork) {
            if PlantedBug.isPlanted(.ignoresFullDisk) { return facts }
            var rest = facts.compactMap(\.whenFull)
            if state.pause(.storeFull) == nil { rest.append(.paused(PauseReason(.storeFull, error.message))) }
            return try await append(rest, releasing: givenUp(by: rest))
        }
        // An operator may have spoken in between: take in what is missing, in order.
        if let first = entries.first, first.sequence != state.sequence + 1, !PlantedBug.isPlanted(.missesOperator) {
            try await catchUp()
        } else {
            for entry in entries { takeIn(entry) }
        }
        return facts
    }

    private func takeIn(_ entry: JournalEntry) {
        guard entry.sequence > state.sequence else { return }
        state.apply(entry)
        onEntry(entry)
    }

    private func givenUp(by facts: [Fact]) -> [DomainClaim] {
        facts.flatMap { domains.givenUp(by: $0, in: state, at: clock.now()) }
    }
}

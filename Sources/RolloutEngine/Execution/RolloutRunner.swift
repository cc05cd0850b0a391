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
        /// How long a store that fails is tried again before the runner gives up; nil for 30 s, and an hour where the store may be
        /// away for a while. Meanwhile nothing new starts, and devices in flight are left to their revert timers.
        public var storePatience: Timespan?
        /// After how many facts what they come to is kept, so that whoever goes on need not read them all again; at the end of a
        /// run after a tenth of that.
        public var factsPerSnapshot: Int64 = 10_000

        /// The usual values.
        public init(holder: String) { self.holder = holder }
    }

    /// The findings of an alarm that are kept: enough for a person to see what is common to them.
    static let keptFindings = 50

    /// Untouched devices that are compared with a wave that was let through: more would say the same.
    static let enoughControl = 50

    /// How long an agent may take to answer until a gate is judged without it.
    static let patienceWithAgents: Timespan = .seconds(3)

    let id: RolloutID
    let plan: Plan
    private let planDigest: Digest
    let configuration: Configuration
    let store: any JournalStore
    let journal: LeasedJournal
    private let performer: any StepPerformer
    let counters: any CounterSource
    let clock: SteadyClock
    private let onEntry: @Sendable (JournalEntry) -> Void
    let reconciler: Reconciler
    let domains: DomainClaims
    let planned: [DeviceName: PlannedDevice]
    let watchedAgents: [WatchedAgent]
    let besideWatch: BesideWatch?

    var state: RolloutState
    /// The last fact up to which what is known was kept.
    private var keptUntil: Int64
    var samples: SampleWindow
    /// Readings that were not looked at yet, and when they will be.
    let arrivals = Arrivals()
    /// Whether readings were taken in that were not searched for alarms yet.
    var hasNewReadings = false
    var lookAt: Instant
    /// When waves that were let through are looked at again: seldom, as there are ever more of them.
    var lookBackAt: Instant
    var watchedSince: Instant
    /// What waves that are in debt are compared with when their readings from before are forgotten.
    var references: [Int: Reference] = [:]
    /// Until when agents may be read more seldom, as nothing is under way.
    var quietUntil: Instant?
    /// What was said beside the rollouts, for the line that may be stopped.
    private var service = ServiceState()
    var places: DebtPlaces
    /// When the places were last looked up in the store.
    var placesReadAt: Instant?
    var blindSpots: [WatchedAgent.Subject: BlindSpot] = [:]
    private var collecting: Set<DeviceName> = []
    private var shouldStop = false
    /// When the runner gives up waiting for what is under way; nil while it is not about to leave.
    private var leavesBy: Instant?
    /// Whether a tick was not looked at yet. One is enough, however long the runner waited for its store.
    var isTickPending = false
    /// Nothing is under way, and nothing will be for a while: a window has to open first.
    var isIdle = false
    private let events: AsyncStream<Event>
    let inbox: AsyncStream<Event>.Continuation

    enum Event: Sendable {
        case tick
        case outcome(DeviceStep, StepResult)
        case evidence(DeviceName, Evidence)
    }

    /// A runner for a rollout whose lease was acquired.
    ///
    /// - Parameters:
    ///   - state: What was read of its journal already.
    ///   - onEntry: Called with every further entry as it is taken in, in order; for screens.
    ///   - onWait: Called when the runner begins to wait for the store, with the reason, and with nil when it does not any more.
    public init(
        rollout id: RolloutID, plan: PlanFile, from state: RolloutState = RolloutState(), lease: Lease,
        configuration: Configuration, store: any JournalStore,
        performer: any StepPerformer, counters: any CounterSource, clock: SteadyClock,
        onEntry: @escaping @Sendable (JournalEntry) -> Void,
        onWait: @escaping @Sendable (StoreError?) -> Void = { _ in }
    ) {
        self.id = id
        self.plan = plan.plan
        self.state = state
        keptUntil = state.sequence
        planDigest = plan.digest
        journal = LeasedJournal(
            of: id, in: store, lease, leaseTime: configuration.leaseTime,
            patience: configuration.storePatience ?? (store.capabilities.mayBeAway ? .minutes(60) : .seconds(30)),
            clock: clock, onWait: onWait)
        domains = DomainClaims(plan.plan)
        self.configuration = configuration
        self.store = store
        self.performer = performer
        self.counters = counters
        self.clock = clock
        self.onEntry = onEntry
        reconciler = Reconciler(plan: plan.plan)
        planned = Dictionary(plan.plan.devices.map { ($0.device.name, $0) }, uniquingKeysWith: { first, _ in first })
        let beside = plan.plan.beside
        besideWatch = beside.map { BesideWatch($0, plan.plan.policy) }
        let own = plan.plan.watchedAgents
        // What is named may be one of the control group, or loaded by a wave: it is read once.
        let known = Set(own.map(\.subject))
        watchedAgents = own + (beside?.agents ?? []).filter { !known.contains($0.subject) }
        samples = SampleWindow(
            keeping: plan.plan.policy.watch.baseline + plan.plan.policy.deadlines.wave + plan.plan.longestRepetition,
            allowing: PeakDebt.patience(plan.plan.policy.watch))
        places = DebtPlaces(cap: reconciler.debt?.cap ?? .max)
        watchedSince = clock.now()
        lookAt = watchedSince
        lookBackAt = watchedSince
        (events, inbox) = AsyncStream.makeStream(of: Event.self)
    }

    /// Makes the runner return as soon as nothing is in flight, even if an operator's pause is all it waits for.
    public func stopWhenQuiet() { shouldStop = true }

    /// Makes the runner begin nothing new and return as soon as no device is half done: for another one to go on, or this one
    /// later. Nothing is written down for it, as nothing about the rollout changes.
    ///
    /// - Parameter limit: When it returns all the same. It then keeps its lease until that runs out, so that whoever goes on waits
    ///   for what may still be on its way; devices that are not confirmed put themselves back.
    public func leave(by limit: Instant) {
        leavesBy = limit
        // It may be waiting for a window that opens tomorrow.
        inbox.yield(.tick)
    }

    /// Whether no device is half done.
    private var isQuiet: Bool {
        collecting.isEmpty && plan.waves.allSatisfy { $0.devices.allSatisfy { !state[$0].isUnsettled } }
    }

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
        // A few facts are read as fast as what they come to.
        await keepSnapshot(every: max(1, configuration.factsPerSnapshot / 10))
        if let failure { throw failure }
        if leavesBy == nil || isQuiet { await journal.release() }
        return state
    }

    private func drive(_ group: inout DiscardingTaskGroup) async -> StoreError? {
        do throws(StoreError) {
            try await turn(&group)
            for await event in events {
                try await take(event)
                try await turn(&group)
                await keepSnapshot(every: configuration.factsPerSnapshot)
                if isFinished { return nil }
            }
            return nil
        } catch {
            return error
        }
    }

    private var isFinished: Bool {
        if let leavesBy, isQuiet || clock.now() >= leavesBy { return true }
        guard reconciler.isAtRest(state, at: clock.now()), collecting.isEmpty else { return false }
        if state.ending != nil || shouldStop { return true }
        let waits = state.pauses.allSatisfy { $0.reason.kind == .operator || $0.reason.kind == .lineStopped }
        return !(waits && configuration.waitsForOperator)
    }

    // MARK: One turn

    private func turn(_ group: inout DiscardingTaskGroup) async throws(StoreError) {
        try await journal.keepLease()
        try await catchUp()
        // A fact changes what is to be done next, so ask again until there are no more facts to write.
        while true {
            // The process may have stood still while it wrote the last ones.
            try await standStillForSetClock()
            try await heedLine()
            let actions = reconciler.next(
                state, at: clock.now(), wallClock: clock.wallClock, watchedSince: watchedSince, blindSpots: blindSpots,
                farm: try await farmView())
            var facts: [Fact] = []
            var steps: [DeviceStep] = []
            for action in actions where leavesBy == nil || !action.isNewWork {
                switch action {
                case .record(let fact): facts.append(fact)
                case .perform(let step): steps.append(step)
                case .judge(let wave): facts += await judge(wave: wave)
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
                try await append(
                    facts, after: state.sequence, claiming: placesTaken(by: facts), releasing: givenUp(by: facts))
            } catch  where error.code == .overtaken {
                // An operator spoke since this was decided: hear that first.
                try await catchUp()
            } catch  where error.code == .placeTaken {
                // Another rollout was quicker to take a place under the cap.
                placesReadAt = nil
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

    /// Stands still while the line is stopped for every rollout, and goes on when it was released.
    private func heedLine() async throws(StoreError) {
        for entry in try await journal.serviceEntries(after: service.chain.sequence) { service.apply(entry) }
        guard state.ending == nil else { return }
        if let stop = service.lineStop {
            guard state.pause(.lineStopped) == nil else { return }
            try await append([
                .paused(PauseReason(.lineStopped, "the line is stopped for every rollout by \(stop.words)"))
            ])
        } else if let release = service.lineRelease, state.pause(.lineStopped) != nil {
            let reason = "the line was released" + (release.reason.map { ": \($0)" } ?? "")
            try await journal.record(OperatorRequest(.resume(.lineStopped), by: release.by, reason: reason))
            try await catchUp()
        }
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
                claiming: claims(for: steps.filter { $0.kind == .push }.map(\.device)))
        } catch  where error.code == .placeTaken {
            // Read them again, and take another one next time.
            placesReadAt = nil
            return
        } catch  where error.code == .domainHeld {
            placesReadAt = nil
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
            mark: PushOrder.mark(of: id, planDigest: planDigest), revertAfter: plan.policy.revertTimer, limit: limit,
            withoutTimer: target.hasRevertTimer == false && plan.policy.withoutRevertTimer == .allow ? true : nil)
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
        case .tick:
            isTickPending = false
            try await lookAtReadings()
        case .outcome(let step, let result):
            let fact = Fact.outcome(step, result)
            try await append([fact], releasing: givenUp(by: [fact]))
        case .evidence(let name, let evidence):
            collecting.remove(name)
            try await append([.evidence(name, evidence)])
        }
    }

    // MARK: The journal

    /// Keeps what is known when so many facts came to it. When that fails, the next start takes longer, and nothing else.
    private func keepSnapshot(every facts: Int64) async {
        guard state.sequence - keptUntil >= facts else { return }
        keptUntil = state.sequence
        if let snapshot = try? StateSnapshot(of: state) { try? await store.keep(snapshot, of: id) }
    }

    private func catchUp() async throws(StoreError) {
        for entry in try await journal.entries(after: state.sequence) { takeIn(entry) }
    }

    /// Makes facts durable and takes them in; those that were decided on what was known until `last` only if nothing else was
    /// written since. When the store is full, those that would have started work are left out, and the rollout is paused.
    ///
    /// - Returns: What was written.
    @discardableResult
    func append(
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
        let places =
            facts.contains { if case .finished = $0 { true } else { false } }
            ? places.claims(of: places.own.keys.sorted()) : []
        return facts.flatMap { domains.givenUp(by: $0, in: state, at: clock.now()) } + places
    }
}

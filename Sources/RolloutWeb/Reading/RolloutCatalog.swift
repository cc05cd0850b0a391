import RolloutEngine

/// Keeps what is known of the rollouts that somebody looks at, and brings it up to date with few questions to the store.
///
/// A plan never changes and is large, so it is read once; of the journal only what was written since is read.
actor RolloutCatalog {
    private let store: any JournalStore
    private let clock: any EngineClock
    private var known: [RolloutID: Known] = [:]
    private var summaries: [RolloutID: Resting] = [:]
    private var loading: [RolloutID: Task<PlannedRollout, any Error>] = [:]

    fileprivate struct Known {
        var fixed: PlannedRollout
        var state: RolloutState
        var lease: Lease?
        var status: RolloutStatus
        var usedAt: Instant
    }

    /// A rollout that has ended, without its plan.
    private struct Resting {
        var sequence: Int64
        var extent: Extent
        var summary: RolloutSummary
    }

    /// What nobody asked for this long is forgotten.
    private static let memory = Timespan.minutes(10)
    /// The most devices of plans that are kept at once.
    private static let mostDevices = 200_000

    init(store: any JournalStore, clock: any EngineClock) {
        self.store = store
        self.clock = clock
    }

    /// Every rollout, newest first.
    func records() async throws -> [RolloutRecord] { try await store.rollouts() }

    /// What is known of one now.
    ///
    /// - Throws: `StoreError` when there is none, or the store cannot be asked; `InputError` when its plan cannot be read.
    func reading(of id: RolloutID) async throws -> RolloutReading {
        var state: RolloutState
        let fixed: PlannedRollout
        if let one = known[id] {
            (fixed, state) = (one.fixed, one.state)
        } else {
            fixed = try await planned(id)
            state = try await store.state(of: id)
        }
        let before = state.sequence
        for entry in try await store.entries(of: id, after: state.sequence) { state.apply(entry) }
        let now = clock.now()
        let lease = try await store.lease(of: id).flatMap { $0.expiresAt > now ? $0 : nil }
        // Somebody else may have read on meanwhile.
        if let newer = known[id], newer.state.sequence > state.sequence { return RolloutReading(newer) }
        if var one = known[id], before == state.sequence, one.lease?.holder == lease?.holder {
            one.usedAt = now
            known[id] = one
            return RolloutReading(one)
        }
        let status = RolloutStatus(fixed.record, plan: fixed.plan, state: state, lease: lease, at: now)
        let one = Known(fixed: fixed, state: state, lease: lease, status: status, usedAt: now)
        known[id] = one
        forget(but: id, at: now)
        return RolloutReading(one)
    }

    /// A rollout in a line, and where it changes something.
    func summary(of record: RolloutRecord) async throws -> (RolloutSummary, Extent) {
        if let resting = summaries[record.id],
            try await store.entries(of: record.id, after: resting.sequence).isEmpty
        {
            return (resting.summary, resting.extent)
        }
        let wasKnown = known[record.id] != nil
        let reading = try await reading(of: record.id)
        let summary = RolloutSummary(reading)
        if reading.state.ending != nil {
            summaries[record.id] = Resting(
                sequence: reading.state.sequence, extent: reading.fixed.extent, summary: summary)
            if !wasKnown { known[record.id] = nil }
        }
        return (summary, reading.fixed.extent)
    }

    /// Lets go of what nobody has asked for.
    func tidy() { forget(but: nil, at: clock.now()) }

    private func forget(but id: RolloutID?, at now: Instant) {
        known = known.filter { $0.key == id || now - $0.value.usedAt < Self.memory }
        while known.count > 1, known.values.reduce(0, { $0 + $1.fixed.devices.count }) > Self.mostDevices,
            let oldest = known.filter({ $0.key != id }).min(by: { $0.value.usedAt < $1.value.usedAt })
        {
            known[oldest.key] = nil
        }
    }

    /// Two who ask at once wait for one reading of the plan.
    private func planned(_ id: RolloutID) async throws -> PlannedRollout {
        if let task = loading[id] { return try await task.value }
        let store = store
        let task = Task<PlannedRollout, any Error> {
            let record = try await store.rollout(id)
            return PlannedRollout(record, try PlanFile(try await store.plan(of: id), from: "rollout \(id)").plan)
        }
        loading[id] = task
        defer { loading[id] = nil }
        return try await task.value
    }
}

extension RolloutReading {
    fileprivate init(_ known: RolloutCatalog.Known) {
        self.init(fixed: known.fixed, state: known.state, status: known.status)
    }
}

import RolloutEngine

/// Reads how full the links of rollouts are: seldom, as a fleet has many readings and links change slowly.
actor LinkLoads {
    private let store: any JournalStore
    private let clock: any EngineClock
    private var kept: [RolloutID: (loads: [LinkLoad], at: Instant)] = [:]

    init(store: any JournalStore, clock: any EngineClock) {
        self.store = store
        self.clock = clock
    }

    /// The links of a rollout, as they were at most `age` ago.
    func loads(of reading: RolloutReading, age: Timespan = .seconds(10)) async throws -> [LinkLoad] {
        guard !reading.plan.links.isEmpty else { return [] }
        let now = clock.now()
        if let known = kept[reading.id], now - known.at < age { return known.loads }
        let poll = reading.plan.policy.watch.poll
        let samples =
            reading.state.ending == nil ? try await store.samples(of: reading.id, since: now - poll * 3) : []
        let loads = LinkLoad.all(of: reading, samples)
        kept = kept.filter { now - $0.value.at < .minutes(10) }
        kept[reading.id] = (loads, now)
        return loads
    }
}

import RolloutEngine

/// What drives one rollout in this process.
struct RolloutDrive {
    /// Drives it.
    let runner: RolloutRunner
    /// The lease that was taken for it.
    let lease: Lease

    /// Takes the lease on a rollout, and makes what drives it.
    ///
    /// - Parameters:
    ///   - state: What was read of its journal already.
    ///   - onWait: See `RolloutRunner`.
    ///   - steal: Whether the lease is taken from whoever holds it.
    /// - Throws: `StoreError`, above all `.leaseHeld` when somebody else drives it.
    init(
        of record: RolloutRecord, _ plan: PlanFile, from state: RolloutState, in store: any JournalStore,
        _ fleet: Wiring.Fleet, holder: String, steal: Bool = false,
        alter: (inout RolloutRunner.Configuration) -> Void = { _ in },
        onEntry: @escaping @Sendable (JournalEntry) -> Void,
        onWait: @escaping @Sendable (StoreError?) -> Void = { _ in }
    ) async throws {
        var configuration = RolloutRunner.Configuration(holder: holder)
        alter(&configuration)
        let now = fleet.clock.now()
        // A lease whose holder died on this machine need not run out first.
        let previous = try await store.lease(of: record.id)
        let orphaned = previous.map { $0.living(at: now) == nil } ?? false
        configuration.quietFrom = previous?.quietFrom(
            takenAt: now, isGone: orphaned, leaseTime: configuration.leaseTime)
        lease = try await store.acquireLease(
            of: record.id, holder: configuration.holder, lasting: configuration.leaseTime, steal: steal || orphaned,
            at: now)
        runner = RolloutRunner(
            rollout: record.id, plan: plan, from: state, lease: lease, configuration: configuration, store: store,
            performer: LocalStepPerformer(drivers: fleet.drivers, clock: fleet.clock, executor: fleet.executor),
            counters: fleet.counters, clock: fleet.clock, onEntry: onEntry, onWait: onWait)
    }
}

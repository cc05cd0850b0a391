internal import Synchronization

/// The journal of one rollout, written under a lease. What fails because the store is full or out of reach is tried again for
/// a while; meanwhile nothing new starts, as whoever wants to start something waits here. The lease may run out meanwhile: whoever
/// is sent something then is not changed any more (`permit`), and what happened is written when the store is back, unless somebody
/// else took over.
actor LeasedJournal {
    private let id: RolloutID
    private let store: any JournalStore
    private let clock: any EngineClock
    private let leaseTime: Timespan
    private let patience: Timespan
    private let onWait: @Sendable (StoreError?) -> Void
    private var lease: Lease { didSet { term.end = lease.expiresAt } }
    private let term: Term

    /// The right to change devices, for as long as the lease lasts.
    nonisolated var permit: Permit { Permit { [term, clock] in clock.now() < term.end } }

    /// A journal under a lease that was acquired.
    ///
    /// - Parameters:
    ///   - leaseTime: How long the lease lasts without being renewed.
    ///   - patience: How long something that fails is tried again.
    ///   - onWait: Called when it begins to be tried again, with the reason, and with nil when that is over.
    init(
        of id: RolloutID, in store: any JournalStore, _ lease: Lease, leaseTime: Timespan, patience: Timespan,
        clock: any EngineClock, onWait: @escaping @Sendable (StoreError?) -> Void = { _ in }
    ) {
        self.id = id
        self.store = store
        self.lease = lease
        self.leaseTime = leaseTime
        self.patience = patience
        self.clock = clock
        self.onWait = onWait
        term = Term(lease.expiresAt)
    }

    /// Until when the lease lasts, for who must not wait to be told.
    private final class Term: Sendable {
        private let instant: Mutex<Instant>
        var end: Instant {
            get { instant.withLock(\.self) }
            set { instant.withLock { $0 = newValue } }
        }
        init(_ end: Instant) { instant = Mutex(end) }
    }

    /// Renews the lease once a third of it is over.
    func keepLease() async throws(StoreError) {
        guard isDue else { return }
        try await patiently { (journal) async throws(StoreError) in try await journal.renewIfDue() }
    }

    private var isDue: Bool {
        lease.expiresAt - clock.now() < leaseTime - Timespan(milliseconds: leaseTime.milliseconds / 3)
    }

    private func renewIfDue() async throws(StoreError) {
        guard isDue else { return }
        lease = try await store.renew(lease, lasting: leaseTime, at: clock.now())
    }

    /// What was written after an entry.
    func entries(after sequence: Int64) async throws(StoreError) -> [JournalEntry] {
        try await patiently { (journal) async throws(StoreError) in
            try await journal.store.entries(of: journal.id, after: sequence)
        }
    }

    /// What was said beside the rollouts after an entry of the service journal.
    func serviceEntries(after sequence: Int64) async throws(StoreError) -> [ServiceEntry] {
        try await patiently { (journal) async throws(StoreError) in
            try await journal.store.serviceEntries(after: sequence)
        }
    }

    /// Records what somebody asked for elsewhere.
    func record(_ request: OperatorRequest) async throws(StoreError) {
        _ = try await patiently { (journal) async throws(StoreError) in
            try await journal.store.record(request, for: journal.id, at: journal.clock.now())
        }
    }

    /// Everything that some rollout of the store claims.
    func claims() async throws(StoreError) -> [HeldClaim] {
        try await patiently { (journal) async throws(StoreError) in try await journal.store.claims() }
    }

    /// Makes facts durable.
    ///
    /// - Parameters:
    ///   - last: The last fact on which these were decided, if they must not be written after another.
    ///   - waitsForRoom: Whether a full store is waited for as well.
    func append(
        _ facts: [Fact], after last: Int64?, claiming claims: [DomainClaim], releasing releases: [DomainClaim],
        waitsForRoom: Bool
    ) async throws(StoreError) -> [JournalEntry] {
        try await patiently(waitsForRoom: waitsForRoom) { (journal) async throws(StoreError) in
            // It may have run out while this process stood still or the store was away, and nobody may have taken it.
            try await journal.renewIfDue()
            return try await journal.store.append(
                facts, to: journal.id, after: last, under: journal.lease, claiming: claims, releasing: releases,
                at: journal.clock.now())
        }
    }

    /// Gives the lease back.
    func release() async { try? await store.release(lease) }

    private func patiently<Value: Sendable>(
        waitsForRoom: Bool = true, _ work: (isolated LeasedJournal) async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let giveUpAt = clock.now() + patience
        var isWaiting = false
        defer { if isWaiting { onWait(nil) } }
        while true {
            do throws(StoreError) {
                return try await work(self)
            } catch {
                let passes = error.code == .unavailable || (error.code == .full && waitsForRoom)
                guard passes, clock.now() < giveUpAt, !Task.isCancelled else { throw error }
                if !isWaiting { onWait(error) }
                isWaiting = true
                await clock.sleep(until: clock.now() + .seconds(1))
            }
        }
    }
}

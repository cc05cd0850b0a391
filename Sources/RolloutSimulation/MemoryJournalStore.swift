public import Foundation
public import RolloutEngine
internal import Synchronization

/// The journal in memory: for rehearsals and tests. Gone with the process.
public final class MemoryJournalStore: JournalStore {
    private let contents = Mutex(Contents())

    /// An empty store.
    public init() {}

    /// Makes it refuse what would start more work, as a store on a full disk does, or take everything again.
    public func setFull(_ isFull: Bool) { contents.withLock { $0.isFull = isFull } }

    /// Makes it fail as a server does that is out of reach, or brings it back. From the first time on it is a store that may be away.
    public func setAway(_ isAway: Bool) {
        contents.withLock { contents in
            contents.isAway = isAway
            contents.mayBeAway = true
        }
    }

    /// Everything that is in the store, at an instant.
    struct Snapshot: Sendable { fileprivate let contents: Contents }

    func snapshot() -> Snapshot { Snapshot(contents: contents.withLock(\.self)) }

    /// Puts back what was in the store. How much room there is does not depend on that.
    func restore(_ snapshot: Snapshot) {
        contents.withLock { contents in
            let isFull = contents.isFull
            contents = snapshot.contents
            contents.isFull = isFull
        }
    }

    /// Nothing survives the process.
    public var capabilities: StoreCapabilities {
        StoreCapabilities(notifies: false, durable: false, mayBeAway: contents.withLock(\.mayBeAway))
    }

    /// Records a new rollout with its plan and its first fact.
    public func create(plan: Data, digest: Digest, title: String, by actor: String, at now: Instant)
        async throws(StoreError) -> RolloutID
    {
        contents.withLock { contents in
            let id = RolloutID(Int64(contents.rollouts.count) + 1)
            let record = RolloutRecord(id: id, title: title, planDigest: digest, createdAt: now, createdBy: actor)
            var rollout = Contents.Rollout(record: record, plan: plan)
            rollout.append([.created(planDigest: digest, by: actor)], fence: 0, at: now)
            contents.rollouts.append(rollout)
            return id
        }
    }

    /// Every rollout, newest first.
    public func rollouts() async throws(StoreError) -> [RolloutRecord] {
        contents.withLock { $0.rollouts.reversed().map(\.record) }
    }

    /// One rollout's record.
    public func rollout(_ id: RolloutID) async throws(StoreError) -> RolloutRecord {
        try with(id) { rollout throws(StoreError) in rollout.record }
    }

    /// The bytes of a rollout's plan.
    public func plan(of id: RolloutID) async throws(StoreError) -> Data {
        try with(id) { rollout throws(StoreError) in rollout.plan }
    }

    /// A rollout's facts behind `sequence`, in order.
    public func entries(of id: RolloutID, after sequence: Int64) async throws(StoreError) -> [JournalEntry] {
        try with(id) { rollout throws(StoreError) in Array(rollout.entries.dropFirst(Int(clamping: max(0, sequence)))) }
    }

    /// Keeps a snapshot, unless the one that is there came of more facts.
    public func keep(_ snapshot: StateSnapshot, of id: RolloutID) async throws(StoreError) {
        try with(id) { rollout throws(StoreError) in
            let kept = rollout.kept.map { ($0.version, $0.sequence) }
            if snapshot.replaces(kept, where: Int64(rollout.entries.count)) { rollout.kept = snapshot }
        }
    }

    /// The snapshot that was kept last.
    public func snapshot(of id: RolloutID) async throws(StoreError) -> StateSnapshot? {
        try with(id) { rollout throws(StoreError) in rollout.kept }
    }

    /// Appends facts as the holder of the lease, and takes or gives up claims with them: all or nothing.
    public func append(
        _ facts: [Fact], to id: RolloutID, after last: Int64?, under lease: Lease, claiming claims: [DomainClaim],
        releasing releases: [DomainClaim], at now: Instant
    ) async throws(StoreError) -> [JournalEntry] {
        try contents.withLock { contents throws(StoreError) in
            try contents.demandPresence()
            let index = try contents.index(of: id)
            guard lease.rollout == id else {
                throw StoreError(.leaseLost, "the lease on rollout \(lease.rollout) gives no right to drive \(id)")
            }
            if let loss = lease.loss(against: contents.rollouts[index].lease, at: now) { throw loss }
            let known = Int64(contents.rollouts[index].entries.count)
            if let error = StoreError.overtaken(last, by: known, of: id) { throw error }
            if contents.isFull && facts.contains(where: \.startsWork) {
                throw StoreError(.full, "the store has no room for more work")
            }
            var held = contents.claims.filter { !($0.rollout == id && releases.contains($0.claim)) }
            for claim in claims {
                if let other = held.first(where: { $0.claim.domain == claim.domain && $0.rollout != id }) {
                    throw StoreError.held(claim, by: other)
                }
                let taken = HeldClaim(claim: claim, rollout: id)
                if !held.contains(taken) { held.append(taken) }
            }
            contents.claims = held.sorted()
            return contents.rollouts[index].append(facts, fence: lease.fence, at: now)
        }
    }

    /// Appends what an operator wants, with fence 0.
    public func record(_ request: OperatorRequest, for id: RolloutID, at now: Instant) async throws(StoreError)
        -> JournalEntry
    {
        try with(id) { rollout throws(StoreError) in rollout.append([.requested(request)], fence: 0, at: now)[0] }
    }

    /// Takes the lease with a fence that nobody had before.
    public func acquireLease(of id: RolloutID, holder: String, lasting ttl: Timespan, steal: Bool, at now: Instant)
        async throws(StoreError) -> Lease
    {
        try with(id) { rollout throws(StoreError) in
            if let current = rollout.lease, !current.allows(holder, stealing: steal, at: now) {
                throw StoreError.held(current)
            }
            rollout.lastFence += 1
            let lease = Lease(rollout: id, holder: holder, fence: rollout.lastFence, expiresAt: now + ttl)
            rollout.lease = lease
            return lease
        }
    }

    /// Prolongs a lease that is still ours.
    public func renew(_ lease: Lease, lasting ttl: Timespan, at now: Instant) async throws(StoreError) -> Lease {
        try with(lease.rollout) { rollout throws(StoreError) in
            if let loss = lease.takeover(by: rollout.lease) { throw loss }
            var renewed = lease
            renewed.expiresAt = now + ttl
            rollout.lease = renewed
            return renewed
        }
    }

    /// Gives a lease back; what is no longer ours stays as it is.
    public func release(_ lease: Lease) async throws(StoreError) {
        contents.withLock { contents in
            guard let index = try? contents.index(of: lease.rollout), let current = contents.rollouts[index].lease,
                current.holder == lease.holder, current.fence == lease.fence
            else { return }
            contents.rollouts[index].lease = nil
        }
    }

    /// The lease on record, held or run out.
    public func lease(of id: RolloutID) async throws(StoreError) -> Lease? {
        try with(id) { rollout throws(StoreError) in rollout.lease }
    }

    /// Every failure domain that some rollout holds, by domain.
    public func claims() async throws(StoreError) -> [HeldClaim] {
        try contents.withLock { contents throws(StoreError) in
            try contents.demandPresence()
            return contents.claims
        }
    }

    /// The entries of the service journal behind `sequence`, in order.
    public func serviceEntries(after sequence: Int64) async throws(StoreError) -> [ServiceEntry] {
        contents.withLock { Array($0.service.dropFirst(Int(clamping: max(0, sequence)))) }
    }

    /// Appends to the service journal, tied to its last entry.
    public func append(_ fact: ServiceFact, by actor: String, reason: String?, after last: Int64?, at now: Instant)
        async throws(StoreError) -> ServiceEntry
    {
        try contents.withLock { contents throws(StoreError) in
            let end = contents.service.last.map { ServiceChain(sequence: $0.sequence, digest: $0.chain) } ?? .start
            if let error = StoreError.overtaken(last, byServiceEntry: end.sequence) { throw error }
            if contents.isFull && fact.canWait {
                throw StoreError(.full, "the store has no room for more work")
            }
            let entry = try end.entry(fact, by: actor, reason: reason, at: now)
            contents.service.append(entry)
            return entry
        }
    }

    /// Adds samples.
    public func append(samples: [CounterSample], to id: RolloutID) async throws(StoreError) {
        try with(id) { rollout throws(StoreError) in rollout.samples.append(samples) }
    }

    /// A rollout's samples from `start` on, oldest first.
    public func samples(of id: RolloutID, since start: Instant) async throws(StoreError) -> [CounterSample] {
        try with(id) { rollout throws(StoreError) in
            let wanted = rollout.samples.joined().enumerated().filter { $0.element.at >= start }
            return wanted.sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
        }
    }

    private func with<Value: Sendable>(_ id: RolloutID, _ body: (inout Contents.Rollout) throws(StoreError) -> Value)
        throws(StoreError) -> Value
    {
        try contents.withLock { contents throws(StoreError) in
            try contents.demandPresence()
            let index = try contents.index(of: id)
            return try body(&contents.rollouts[index])
        }
    }
}

/// What the store holds.
private struct Contents: Sendable {
    /// As a store on a full disk: it refuses what would start more work.
    var isFull = false
    /// As a server that is out of reach.
    var isAway = false
    var mayBeAway = false
    /// By number, from 1.
    var rollouts: [Rollout] = []
    /// Sorted.
    var claims: [HeldClaim] = []
    var service: [ServiceEntry] = []

    func demandPresence() throws(StoreError) {
        if isAway { throw StoreError(.unavailable, "the store is out of reach") }
    }

    func index(of id: RolloutID) throws(StoreError) -> Int {
        guard id.number >= 1, id.number <= Int64(rollouts.count) else { throw StoreError.noSuchRollout(id) }
        return Int(id.number - 1)
    }

    struct Rollout {
        var record: RolloutRecord
        var plan: Data
        var entries: [JournalEntry] = []
        var kept: StateSnapshot?
        var lease: Lease?
        var lastFence: Int64 = 0
        /// As they came: so a snapshot that is still held costs the next writer a copy of a list of lists, not of them all.
        var samples: [[CounterSample]] = []

        @discardableResult
        mutating func append(_ facts: [Fact], fence: Int64, at now: Instant) -> [JournalEntry] {
            let added = facts.enumerated().map { index, fact in
                JournalEntry(sequence: Int64(entries.count + index + 1), at: now, fence: fence, fact: fact)
            }
            entries.append(contentsOf: added)
            return added
        }
    }
}

internal import Foundation
internal import RolloutEngine
internal import Synchronization

/// The disk of a simulated night. What is written is seen by every process at once, and survives the machine only once it was
/// synced.
final class Disk: Sendable {
    let store = MemoryJournalStore()
    private let contents: Mutex<Contents>

    /// - Parameter losesPower: Whether what was synced has to be kept apart, which costs time.
    init(losesPower: Bool) { contents = Mutex(Contents(keepsApart: losesPower)) }

    /// What is written now comes with this mark, to be synced later.
    func written() {
        contents.withLock { contents in
            guard contents.keepsApart else { return }
            contents.unsynced.append(store.snapshot())
        }
    }

    /// Everything that was written so far survives from now on.
    func sync() {
        contents.withLock { contents in
            guard let last = contents.unsynced.last else { return }
            contents.synced = last
            contents.unsynced = []
        }
    }

    /// The machine loses power: what was synced is left, and a part, chosen by the dice, of what was written after it.
    func losePower(_ dice: inout SeededRandom) {
        contents.withLock { contents in
            let kept = Int.random(in: 0...contents.unsynced.count, using: &dice)
            let snapshot = kept == 0 ? contents.synced : contents.unsynced[kept - 1]
            if let snapshot { store.restore(snapshot) }
            contents.synced = snapshot ?? contents.synced
            contents.unsynced = []
        }
    }

    private struct Contents {
        let keepsApart: Bool
        var synced: MemoryJournalStore.Snapshot?
        var unsynced: [MemoryJournalStore.Snapshot] = []
    }
}

/// The store as one process reaches it: with delays, and not at all once the process is dead.
final class ControllerStore: JournalStore {
    private let controller: Controller
    private let disk: Disk
    private let referee: Referee
    private let dice: Mutex<SeededRandom>
    private var inner: MemoryJournalStore { disk.store }

    init(of controller: Controller, on disk: Disk, random: SeededRandom, referee: Referee) {
        self.controller = controller
        self.disk = disk
        self.referee = referee
        dice = Mutex(random)
    }

    var capabilities: StoreCapabilities { inner.capabilities }

    func create(plan: Data, digest: Digest, title: String, by actor: String, at now: Instant)
        async throws(StoreError) -> RolloutID
    { try await inner.create(plan: plan, digest: digest, title: title, by: actor, at: now) }

    func rollouts() async throws(StoreError) -> [RolloutRecord] { try await inner.rollouts() }
    func rollout(_ id: RolloutID) async throws(StoreError) -> RolloutRecord { try await inner.rollout(id) }
    func plan(of id: RolloutID) async throws(StoreError) -> Data { try await inner.plan(of: id) }
    func lease(of id: RolloutID) async throws(StoreError) -> Lease? { try await inner.lease(of: id) }
    func claims() async throws(StoreError) -> [HeldClaim] { try await inner.claims() }

    func serviceEntries(after sequence: Int64) async throws(StoreError) -> [ServiceEntry] {
        try demandLife()
        return try await inner.serviceEntries(after: sequence)
    }

    func append(_ fact: ServiceFact, by actor: String, reason: String?, after last: Int64?, at now: Instant)
        async throws(StoreError) -> ServiceEntry
    {
        try await write { [inner] () throws(StoreError) in
            try await inner.append(fact, by: actor, reason: reason, after: last, at: now)
        }
    }

    func entries(of id: RolloutID, after sequence: Int64) async throws(StoreError) -> [JournalEntry] {
        try demandLife()
        return try await inner.entries(of: id, after: sequence)
    }

    func keep(_ snapshot: StateSnapshot, of id: RolloutID) async throws(StoreError) {
        try await write { [inner] () throws(StoreError) in try await inner.keep(snapshot, of: id) }
    }

    func snapshot(of id: RolloutID) async throws(StoreError) -> StateSnapshot? {
        try demandLife()
        return try await inner.snapshot(of: id)
    }

    func append(
        _ facts: [Fact], to id: RolloutID, after last: Int64?, under lease: Lease, claiming claims: [DomainClaim],
        releasing releases: [DomainClaim], at now: Instant
    ) async throws(StoreError) -> [JournalEntry] {
        try await write { [inner, referee] () throws(StoreError) in
            let entries = try await inner.append(
                facts, to: id, after: last, under: lease, claiming: claims, releasing: releases, at: now)
            referee.took(
                entries, highestFence: try await inner.lease(of: id)?.fence,
                claims: try await inner.claims().filter { $0.rollout == id }.map(\.claim))
            return entries
        }
    }

    func record(_ request: OperatorRequest, for id: RolloutID, at now: Instant) async throws(StoreError)
        -> JournalEntry
    { try await inner.record(request, for: id, at: now) }

    func acquireLease(of id: RolloutID, holder: String, lasting ttl: Timespan, steal: Bool, at now: Instant)
        async throws(StoreError) -> Lease
    {
        let lease = try await write { [inner, referee] () throws(StoreError) in
            let previous = try await inner.lease(of: id)
            let lease = try await inner.acquireLease(of: id, holder: holder, lasting: ttl, steal: steal, at: now)
            referee.tookLease(lease, from: previous, stealing: steal, at: now)
            return lease
        }
        referee.knows(lease)
        controller.lease = lease
        return lease
    }

    func renew(_ lease: Lease, lasting ttl: Timespan, at now: Instant) async throws(StoreError) -> Lease {
        let renewed = try await write { [inner] () throws(StoreError) in
            try await inner.renew(lease, lasting: ttl, at: now)
        }
        controller.lease = renewed
        return renewed
    }

    func release(_ lease: Lease) async throws(StoreError) {
        try await write { [inner] () throws(StoreError) in try await inner.release(lease) }
        controller.lease = nil
    }

    func append(samples: [CounterSample], to id: RolloutID) async throws(StoreError) {
        try demandLife()
        try await inner.append(samples: samples, to: id)
    }

    func samples(of id: RolloutID, since start: Instant) async throws(StoreError) -> [CounterSample] {
        try demandLife()
        return try await inner.samples(of: id, since: start)
    }

    /// A process may die before its write reaches the disk, between write and sync, or before it hears of either.
    private func write<Value: Sendable>(_ body: () async throws(StoreError) -> Value) async throws(StoreError)
        -> Value
    {
        await delay()
        try demandLife()
        let value = try await body()
        disk.written()
        if !PlantedBug.isPlanted(.skipsSync) {
            await delay()
            // Whoever syncs syncs what others wrote before it too; a dead process syncs nothing.
            try demandLife()
            disk.sync()
        }
        return value
    }

    private func delay() async {
        let span = dice.withLock { Timespan.milliseconds(Int64.random(in: 0...6, using: &$0)) }
        if span > .zero { await controller.world.sleep(until: controller.world.now() + span) }
        await controller.awaitTurn()
    }

    private func demandLife() throws(StoreError) {
        if controller.isDead || referee.hasSeenEnough { throw StoreError(.leaseLost, "\(controller.name) is gone") }
    }
}

public import Foundation
internal import GRDB
public import RolloutEngine

/// The journal in one SQLite file: the embedded default, for any number of processes on one machine.
///
/// Every commit is on disk before it is acknowledged (WAL, synchronous FULL, read back at start). When the disk is full,
/// nothing new is accepted, but outcomes, pauses and operators' requests still find room in a reserve.
public final class SQLiteJournalStore: JournalStore {
    /// The store's file.
    public let path: String
    let file: SQLiteFile

    /// Opens the store at `path`, creates it where missing, and brings its tables up to date. Before tables with something in them
    /// are changed, a copy of the whole store is kept beside it: `PATH.before-2`.
    ///
    /// - Throws: `.unavailable`, `.full`, `.corrupt`, or `.tooNew` when a newer version wrote it.
    public init(path: String) throws(StoreError) {
        self.path = URL(fileURLWithPath: path).path
        file = try SQLiteFile(path: self.path)
    }

    /// Opens the store as a program of an older version would, for tests.
    init(path: String, version: Int) throws(StoreError) {
        self.path = URL(fileURLWithPath: path).path
        file = try SQLiteFile(path: self.path, version: version)
    }

    /// Facts and samples survive the process; other processes' facts have to be polled for.
    public var capabilities: StoreCapabilities { StoreCapabilities(notifies: false, durable: true) }

    /// Closes the file. Later calls fail.
    public func close() throws(StoreError) { try file.close() }

    // MARK: Rollouts and their facts

    /// Records a new rollout with its plan and its first fact.
    public func create(plan: Data, digest: Digest, title: String, by actor: String, at now: Instant)
        async throws(StoreError) -> RolloutID
    {
        let trouble = file.trouble
        return try await file.write(essential: false) { database in
            let id = try RolloutRows.insert(
                plan: plan,
                RolloutRecord(
                    id: RolloutID(0), title: title, planDigest: digest, createdAt: now, createdBy: actor), database)
            let fact = Fact.created(planDigest: digest, by: actor)
            _ = try EntryRows(trouble: trouble).append([fact], to: id, fence: 0, at: now, database)
            return id
        }
    }

    /// Every rollout, newest first.
    public func rollouts() async throws(StoreError) -> [RolloutRecord] {
        try await file.read { try RolloutRows.all($0) }
    }

    /// One rollout's record.
    public func rollout(_ id: RolloutID) async throws(StoreError) -> RolloutRecord {
        try await file.read { try RolloutRows.record(of: id, $0) }
    }

    /// The bytes of a rollout's plan.
    public func plan(of id: RolloutID) async throws(StoreError) -> Data {
        try await file.read { try RolloutRows.plan(of: id, $0) }
    }

    /// A rollout's facts behind `sequence`, in order.
    public func entries(of id: RolloutID, after sequence: Int64) async throws(StoreError) -> [JournalEntry] {
        let rows = EntryRows(trouble: file.trouble)
        return try await file.read { database in
            try RolloutRows.demand(id, database)
            return try rows.entries(of: id, after: sequence, database)
        }
    }

    /// Keeps a snapshot, unless the one that is there came of more facts.
    public func keep(_ snapshot: StateSnapshot, of id: RolloutID) async throws(StoreError) {
        let rows = EntryRows(trouble: file.trouble)
        try await file.write(essential: false) { database in
            try RolloutRows.demand(id, database)
            let kept = try SnapshotRows.kept(of: id, database)
            guard snapshot.replaces(kept, where: try rows.last(of: id, database)) else { return }
            try SnapshotRows.keep(snapshot, of: id, database)
        }
    }

    /// The snapshot that was kept last.
    public func snapshot(of id: RolloutID) async throws(StoreError) -> StateSnapshot? {
        try await file.read { database in
            try RolloutRows.demand(id, database)
            return try SnapshotRows.snapshot(of: id, database)
        }
    }

    /// Appends facts as the holder of the lease, and takes or gives up claims with them: all or nothing.
    public func append(
        _ facts: [Fact], to id: RolloutID, after last: Int64?, under lease: Lease, claiming claims: [DomainClaim],
        releasing releases: [DomainClaim], at now: Instant
    ) async throws(StoreError) -> [JournalEntry] {
        let rows = EntryRows(trouble: file.trouble)
        return try await file.write(essential: !facts.contains(where: \.startsWork)) { database in
            try RolloutRows.demand(id, database)
            guard lease.rollout == id else {
                throw StoreError(.leaseLost, "the lease on rollout \(lease.rollout) gives no right to drive \(id)")
            }
            if let loss = lease.loss(against: try LeaseRows.lease(of: id, database), at: now) { throw loss }
            if let error = StoreError.overtaken(last, by: try rows.last(of: id, database), of: id) { throw error }
            try LeaseRows.giveUp(releases, of: id, database)
            try LeaseRows.claim(claims, for: id, database)
            return try rows.append(facts, to: id, fence: lease.fence, at: now, database)
        }
    }

    /// Appends what an operator wants, with fence 0.
    public func record(_ request: OperatorRequest, for id: RolloutID, at now: Instant) async throws(StoreError)
        -> JournalEntry
    {
        let rows = EntryRows(trouble: file.trouble)
        return try await file.write(essential: true) { database in
            try RolloutRows.demand(id, database)
            return try rows.append([.requested(request)], to: id, fence: 0, at: now, database)[0]
        }
    }

    // MARK: Who may drive

    /// Takes the lease with a fence that nobody had before.
    public func acquireLease(of id: RolloutID, holder: String, lasting ttl: Timespan, steal: Bool, at now: Instant)
        async throws(StoreError) -> Lease
    {
        try await file.write(essential: true) { database in
            try RolloutRows.demand(id, database)
            if let current = try LeaseRows.lease(of: id, database), !current.allows(holder, stealing: steal, at: now) {
                throw StoreError.held(current)
            }
            let fence = try RolloutRows.nextFence(of: id, database)
            let lease = Lease(rollout: id, holder: holder, fence: fence, expiresAt: now + ttl)
            try LeaseRows.store(lease, database)
            return lease
        }
    }

    /// Prolongs a lease that is still ours.
    public func renew(_ lease: Lease, lasting ttl: Timespan, at now: Instant) async throws(StoreError) -> Lease {
        try await file.write(essential: true) { database in
            if let loss = lease.takeover(by: try LeaseRows.lease(of: lease.rollout, database)) { throw loss }
            var renewed = lease
            renewed.expiresAt = now + ttl
            try LeaseRows.store(renewed, database)
            return renewed
        }
    }

    /// Gives a lease back; what is no longer ours stays as it is.
    public func release(_ lease: Lease) async throws(StoreError) {
        try await file.write(essential: true) { try LeaseRows.remove(lease, $0) }
    }

    /// The lease on record, held or run out.
    public func lease(of id: RolloutID) async throws(StoreError) -> Lease? {
        try await file.read { database in
            try RolloutRows.demand(id, database)
            return try LeaseRows.lease(of: id, database)
        }
    }

    /// Every failure domain that some rollout holds, by domain.
    public func claims() async throws(StoreError) -> [HeldClaim] {
        try await file.read { try LeaseRows.claims($0) }
    }

    // MARK: Beside the rollouts

    /// The entries of the service journal behind `sequence`, in order.
    public func serviceEntries(after sequence: Int64) async throws(StoreError) -> [ServiceEntry] {
        let rows = ServiceRows(trouble: file.trouble)
        return try await file.read { try rows.entries(after: sequence, $0) }
    }

    /// Appends to the service journal, tied to its last entry.
    public func append(_ fact: ServiceFact, by actor: String, reason: String?, after last: Int64?, at now: Instant)
        async throws(StoreError) -> ServiceEntry
    {
        let rows = ServiceRows(trouble: file.trouble)
        return try await file.write(essential: !fact.canWait) { database in
            let end = try rows.end(database)
            if let error = StoreError.overtaken(last, byServiceEntry: end.sequence) { throw error }
            let entry = try end.entry(fact, by: actor, reason: reason, at: now)
            try rows.append(entry, database)
            return entry
        }
    }

    // MARK: Samples

    /// Adds samples.
    public func append(samples: [CounterSample], to id: RolloutID) async throws(StoreError) {
        try await file.write(essential: false) { database in
            try RolloutRows.demand(id, database)
            try SampleRows.insert(samples, for: id, database)
        }
    }

    /// A rollout's samples from `start` on, oldest first.
    public func samples(of id: RolloutID, since start: Instant) async throws(StoreError) -> [CounterSample] {
        let trouble = file.trouble
        return try await file.read { database in
            try RolloutRows.demand(id, database)
            return try SampleRows.samples(of: id, since: start, database, trouble)
        }
    }
}

extension SQLiteJournalStore {
    /// A rollout's samples behind a place, read on this thread.
    func samplePage(of id: RolloutID, after place: SamplePage.Place) throws(StoreError) -> SamplePage {
        let trouble = file.trouble
        return try file.readHere { try SampleRows.page(of: id, after: place, $0, trouble) }
    }

    /// What SQLite finds wrong with the file, a sentence each.
    func integrityComplaints() async throws(StoreError) -> [String] {
        let path = path
        return try await file.read { database in
            let found = try String.fetchAll(database, sql: "PRAGMA integrity_check")
            return found == ["ok"] ? [] : found.map { "\(path) is damaged: \($0)" }
        }
    }

    /// Copies the store as it was last committed over an empty file.
    func copy(to path: String) throws(StoreError) {
        let trouble = file.trouble
        do {
            let reader = try DatabaseQueue(path: self.path)
            try reader.vacuum(into: path)
            try reader.close()
        } catch {
            throw trouble.explain(error)
        }
    }
}

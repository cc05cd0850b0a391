public import Foundation
public import RolloutEngine
internal import Synchronization

/// The journal in PostgreSQL (15 or newer): for processes on any number of machines, and for dashboards.
///
/// Every commit is on the server's disk before it is acknowledged (synchronous_commit and fsync, read back in each session). Facts go
/// over one session, what is read and samples over another, so that many samples never keep an intent waiting. Tables are made and
/// brought forward by `PostgresMigrator` alone, never by opening a store.
///
/// An append whose answer was lost is looked for in the journal before it is made again; see `PostgresAttempt`.
public final class PostgresJournalStore: JournalStore {
    /// The store as people know it, without the password.
    public var name: String { location.name }

    let location: PostgresLocation
    let trouble: PostgresTrouble
    private let journal: PostgresLink
    let reading: PostgresLink
    private let listener: PostgresListener
    let version: Int
    /// The append of each rollout whose answer was lost, until it is known what became of it.
    private let attempts = Mutex<[RolloutID: PostgresAttempt]>([:])
    /// What this process was told was kept.
    let memory: PostgresMemory
    /// Rollouts to which was written, and of which nobody was told yet; nil while nobody is about to tell.
    private let untold = Mutex<Set<RolloutID>?>(nil)
    /// Days for whose samples there are partitions.
    let days = Mutex<Set<Substring>>([])

    /// A store at `postgres://USER@HOST:PORT/DATABASE`, with every parameter that libpq knows (`sslmode`, `service`, `passfile`,
    /// …). The server is asked when the store is first used.
    ///
    /// - Throws: `.unavailable` for a URL that cannot be understood.
    public convenience init(url: String) throws(StoreError) {
        self.init(try PostgresLocation(url), version: PostgresSchema.newest)
    }

    /// A store as a program of another version would use it, for tests.
    init(_ location: PostgresLocation, version: Int) {
        self.location = location
        self.version = version
        let trouble = PostgresTrouble(name: location.name)
        let demands = PostgresDemands(trouble: trouble, version: version)
        self.trouble = trouble
        let memory = PostgresMemory(trouble: trouble)
        self.memory = memory
        listener = PostgresListener(location)
        journal = PostgresLink(
            to: location,
            PostgresSession.Settings(purpose: "journal", statementLimit: .seconds(6), isDurable: true)
        ) { session in
            try demands.durability(session)
            try demands.tables(session)
            try memory.compare(session)
            try demands.reserve(session)
        }
        reading = PostgresLink(
            to: location,
            PostgresSession.Settings(purpose: "reading", statementLimit: .seconds(30), isDurable: false)
        ) { session in
            try demands.haste(session)
            try demands.tables(session)
            try memory.compare(session)
        }
    }

    /// Facts and samples survive the process; whoever waits for facts is told of them.
    public var capabilities: StoreCapabilities { StoreCapabilities(notifies: true, durable: true, mayBeAway: true) }

    /// Ends the sessions. Later calls fail.
    public func close() async {
        listener.close()
        await journal.close()
        await reading.close()
    }

    // MARK: Rollouts and their facts

    /// Records a new rollout with its plan and its first fact.
    public func create(plan: Data, digest: Digest, title: String, by actor: String, at now: Instant)
        async throws(StoreError) -> RolloutID
    {
        let record = RolloutRecord(id: RolloutID(0), title: title, planDigest: digest, createdAt: now, createdBy: actor)
        let wasLost = Mutex(false)
        let id = try await write(essential: false) { [version, trouble] session in
            // The first time may have come through although its answer did not.
            if wasLost.withLock(\.self), let id = try PostgresRolloutRows.find(record, on: session) {
                try session.awaitStandbys()
                return id
            }
            do {
                return try session.transaction {
                    // Plans may be large.
                    try session.query("SELECT set_config('statement_timeout', '60s', true)")
                    let fact = try PostgresFact(.created(planDigest: digest, by: actor), StoredFact.encoder)
                    let rows = try session.query(
                        "SELECT refusal, created FROM rollout.create_rollout($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                        [
                            .integer(Int64(version)), .bytes(plan), .text(digest.hexadecimal), .text(title),
                            .integer(now.milliseconds), .text(actor), .text(fact.kind), .text(fact.shown),
                            .text(fact.exact),
                        ], within: .seconds(90))
                    if let refusal = rows.text(0, 0) { throw trouble.refusal(refusal, RolloutID(0)) }
                    return RolloutID(rows.integer(0, 1) ?? 0)
                }
            } catch let failure as PostgresFailure where failure.isLost {
                wasLost.withLock { $0 = true }
                throw failure
            }
        }
        memory.know(1, of: id)
        return id
    }

    /// Every rollout, newest first.
    public func rollouts() async throws(StoreError) -> [RolloutRecord] {
        try await reading.run { try PostgresRolloutRows.all(on: $0) }
    }

    /// One rollout's record.
    public func rollout(_ id: RolloutID) async throws(StoreError) -> RolloutRecord {
        try await reading.run { try PostgresRolloutRows.record(of: id, on: $0) }
    }

    /// The bytes of a rollout's plan.
    public func plan(of id: RolloutID) async throws(StoreError) -> Data {
        try await reading.run { try PostgresRolloutRows.plan(of: id, on: $0) }
    }

    /// A rollout's facts behind `sequence`, in order.
    public func entries(of id: RolloutID, after sequence: Int64) async throws(StoreError) -> [JournalEntry] {
        let rows = PostgresEntryRows(trouble: trouble)
        let entries = try await reading.run { session in
            let entries = try rows.entries(of: id, after: sequence, on: session)
            if entries.isEmpty { try PostgresRolloutRows.demand(id, on: session) }
            return entries
        }
        if let last = entries.last?.sequence { memory.know(last, of: id) }
        return entries
    }

    /// Waits until any process wrote to a rollout; where nothing can be heard, for a quarter of a second.
    public func waitForFacts(of id: RolloutID, after sequence: Int64, atMost span: Timespan) async {
        let rows = PostgresEntryRows(trouble: trouble)
        await listener.wait(for: id, atMost: span) { [reading] in
            (try? await reading.run { try rows.last(of: id, on: $0) > sequence }) ?? false
        }
    }

    /// Keeps a snapshot, unless the one that is there came of more facts.
    public func keep(_ snapshot: StateSnapshot, of id: RolloutID) async throws(StoreError) {
        let rows = PostgresEntryRows(trouble: trouble)
        try await write(essential: false) { [trouble, version] session in
            try session.transaction {
                try Self.hold(id, startingWork: true, version, trouble, session)
                let kept = try PostgresRolloutRows.snapshot(of: id, withBytes: false, on: session)
                let facts = try rows.last(of: id, on: session)
                guard snapshot.replaces(kept.map { ($0.version, $0.sequence) }, where: facts) else { return }
                try PostgresRolloutRows.keep(snapshot, of: id, on: session)
            }
        }
    }

    /// The snapshot that was kept last.
    public func snapshot(of id: RolloutID) async throws(StoreError) -> StateSnapshot? {
        try await reading.run { session in
            try PostgresRolloutRows.demand(id, on: session)
            return try PostgresRolloutRows.snapshot(of: id, withBytes: true, on: session)
        }
    }

    /// Appends facts as the holder of the lease, and takes or gives up claims with them: all or nothing, in one round trip.
    public func append(
        _ facts: [Fact], to id: RolloutID, after last: Int64?, under lease: Lease, claiming claims: [DomainClaim],
        releasing releases: [DomainClaim], at now: Instant
    ) async throws(StoreError) -> [JournalEntry] {
        let attempt = try attempt(facts, to: id, under: lease)
        let sent = PostgresAttempt.Sent(at: now, floor: max(last ?? 0, memory.last(of: id)))
        let call = PostgresAppend(
            program: version, id: id, last: last, lease: lease, at: now,
            startsWork: facts.contains(where: \.startsWork), facts: attempt.facts, claims: claims, releases: releases)
        let (first, at): (Int64, Instant)
        do {
            (first, at) = try await write(essential: !call.startsWork) { [trouble] session in
                try attempt.make(sent, on: session) { try call.run(on: $0, trouble) }
            }
        } catch {
            // Whatever is not simply out of reach is an answer.
            if error.code != .unavailable { forget(attempt) }
            throw error
        }
        forget(attempt)
        memory.know(first + Int64(facts.count) - 1, of: id)
        if !facts.isEmpty { tell(of: id) }
        return facts.enumerated().map { place, fact in
            JournalEntry(sequence: first + Int64(place), at: at, fence: lease.fence, fact: fact)
        }
    }

    /// Appends what an operator wants, with fence 0.
    public func record(_ request: OperatorRequest, for id: RolloutID, at now: Instant) async throws(StoreError)
        -> JournalEntry
    {
        let fact = Fact.requested(request)
        let attempt = PostgresAttempt(try texts(of: [fact]), to: id, fence: 0)
        let sent = PostgresAttempt.Sent(at: now, floor: memory.last(of: id))
        let (first, at) = try await write(essential: true) { [trouble, version] session in
            try attempt.make(sent, on: session) { session in
                let fact = attempt.facts[0]
                let rows = try session.query(
                    PostgresSession.Statement(
                        name: "record",
                        text: "SELECT refusal, last FROM rollout.record($1, $2, $3, $4, $5, $6, $7)"),
                    [
                        .integer(Int64(version)), .integer(id.number), .integer(now.milliseconds), .text(fact.kind),
                        .text(fact.device), .text(fact.shown), .text(fact.exact),
                    ])
                if let refusal = rows.text(0, 0) { throw trouble.refusal(refusal, id) }
                return (rows.integer(0, 1) ?? 0) + 1
            }
        }
        memory.know(first, of: id)
        // At once: a process that only asks for something ends with that.
        await tell(of: [id])
        return JournalEntry(sequence: first, at: at, fence: 0, fact: fact)
    }

    // MARK: Who may drive

    /// Takes the lease with a fence that nobody had before.
    public func acquireLease(of id: RolloutID, holder: String, lasting ttl: Timespan, steal: Bool, at now: Instant)
        async throws(StoreError) -> Lease
    {
        try await holding(id) { session in
            let current = try PostgresLeaseRows.lease(of: id, on: session)
            if let current, !current.allows(holder, stealing: steal, at: now) { throw StoreError.held(current) }
            let fence = try PostgresLeaseRows.nextFence(of: id, on: session)
            let lease = Lease(rollout: id, holder: holder, fence: fence, expiresAt: now + ttl)
            try PostgresLeaseRows.store(lease, on: session)
            return lease
        }
    }

    /// Prolongs a lease that is still ours.
    public func renew(_ lease: Lease, lasting ttl: Timespan, at now: Instant) async throws(StoreError) -> Lease {
        try await holding(lease.rollout) { session in
            let current = try PostgresLeaseRows.lease(of: lease.rollout, on: session)
            if let loss = lease.takeover(by: current) { throw loss }
            var renewed = lease
            renewed.expiresAt = now + ttl
            try PostgresLeaseRows.store(renewed, on: session)
            return renewed
        }
    }

    /// Gives a lease back; what is no longer ours stays as it is.
    public func release(_ lease: Lease) async throws(StoreError) {
        try await write(essential: true) { try PostgresLeaseRows.remove(lease, on: $0) }
    }

    /// The lease on record, held or run out.
    public func lease(of id: RolloutID) async throws(StoreError) -> Lease? {
        try await reading.run { session in
            try PostgresRolloutRows.demand(id, on: session)
            return try PostgresLeaseRows.lease(of: id, on: session)
        }
    }

    /// Every failure domain that some rollout holds, by domain.
    public func claims() async throws(StoreError) -> [HeldClaim] {
        try await reading.run { try PostgresLeaseRows.claims(on: $0) }
    }

    // MARK: How it is written

    /// Runs work that writes. When the disk is full and it is essential, the reserve is given up for it; when the reserve is gone,
    /// and there is room again, it is laid down first.
    func write<Value: Sendable>(
        essential: Bool, _ work: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws(StoreError) -> Value {
        try await journal.run { session in
            do {
                return try work(session)
            } catch let failure as PostgresFailure where failure.state == "53100" && essential {
                try session.query("SELECT rollout.give_up_reserve()")
                return try work(session)
            } catch let error as StoreError where error.code == .full && !essential {
                try session.query("SELECT rollout.lay_down_reserve()")
                return try work(session)
            }
        }
    }

    /// Runs essential work while nobody else writes to a rollout.
    private func holding<Value: Sendable>(
        _ id: RolloutID, _ work: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws(StoreError) -> Value {
        try await write(essential: true) { [trouble, version] session in
            try session.transaction {
                try Self.hold(id, startingWork: false, version, trouble, session)
                return try work(session)
            }
        }
    }

    private static func hold(
        _ id: RolloutID, startingWork: Bool, _ version: Int, _ trouble: PostgresTrouble, _ session: PostgresSession
    ) throws {
        let rows = try session.query(
            PostgresSession.Statement(name: "hold", text: "SELECT rollout.hold($1, $2, $3)"),
            [.integer(Int64(version)), .integer(id.number), .truth(startingWork)])
        if let refusal = rows.text(0, 0) { throw trouble.refusal(refusal, id) }
    }

    /// The append that was made before if this is it again, so that it finds out what became of that; else a new one.
    private func attempt(_ facts: [Fact], to id: RolloutID, under lease: Lease) throws(StoreError) -> PostgresAttempt {
        let fresh = PostgresAttempt(try texts(of: facts), to: id, fence: lease.fence)
        return attempts.withLock { attempts in
            if let earlier = attempts[id], earlier.isSame(as: fresh) { return earlier }
            attempts[id] = fresh
            return fresh
        }
    }

    private func forget(_ attempt: PostgresAttempt) {
        attempts.withLock { if $0[attempt.id] === attempt { $0[attempt.id] = nil } }
    }

    /// Tells who waits that something was written: soon, once for all that is written meanwhile, and over the other session, so that
    /// no append waits for it. It is a hint, and may be lost.
    private func tell(of id: RolloutID) {
        let isTelling = untold.withLock { untold in
            defer { untold = (untold ?? []).union([id]) }
            return untold != nil
        }
        guard !isTelling else { return }
        Task { [self] in
            while let ids = nextUntold() {
                await tell(of: ids)
                // Whoever is told looks at everything: more often than this is of no use to anybody.
                try? await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    private func tell(of ids: Set<RolloutID>) async {
        let numbers = ids.map { String($0.number) }
        _ = try? await reading.run { session in
            _ = try session.query(
                "SELECT pg_notify('rollout_entries', number) FROM unnest($1::text[]) AS number", [.texts(numbers)])
        }
    }

    /// The rollouts to tell of now; nil when there are none, and nobody is about to tell any more.
    private func nextUntold() -> Set<RolloutID>? {
        untold.withLock { untold in
            guard let ids = untold, !ids.isEmpty else {
                untold = nil
                return nil
            }
            untold = []
            return ids
        }
    }

    private func texts(of facts: [Fact]) throws(StoreError) -> [PostgresFact] {
        do {
            let encoder = StoredFact.encoder
            return try facts.map { try PostgresFact($0, encoder) }
        } catch {
            throw StoreError(.unavailable, "a fact cannot be written as JSON: \(error)")
        }
    }
}

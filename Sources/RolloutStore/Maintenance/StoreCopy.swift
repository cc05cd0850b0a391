internal import Foundation
public import RolloutEngine

/// Moves a store from a file to a server: every rollout with its number, its facts with their sequences, times and fences, who may drive,
/// the service journal and the samples. All of it in one transaction, read back and compared before that is committed.
public struct StoreCopy {
    private let source: SQLiteJournalStore
    private let target: PostgresLocation

    /// What was copied.
    public struct Amount: Equatable, Sendable {
        /// Rollouts.
        public var rollouts = 0
        /// Their facts.
        public var facts = 0
        /// Entries of the service journal.
        public var serviceEntries = 0
        /// Samples.
        public var samples = 0
    }

    /// A copy from a file to a server with empty tables.
    ///
    /// - Throws: `.unavailable` for any other direction, or when the file cannot be opened.
    public init(from source: String, to target: String) throws(StoreError) {
        guard !StoreLocation.isPostgres(source), StoreLocation.isPostgres(target) else {
            throw StoreError(
                .unavailable,
                "a store can be copied from a file to PostgreSQL only: rollout store copy FILE postgres://USER@HOST/DATABASE"
            )
        }
        let path = try StoreLocation.path(source, ProcessInfo.processInfo.environment)
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreError(.unavailable, "\(path) is not there; name the file of the store that is to be copied")
        }
        self.target = try PostgresLocation(target)
        self.source = try SQLiteJournalStore(path: path)
    }

    /// Copies everything. Afterwards rollouts of the file that have not ended are paused there, so that nobody goes on with them in
    /// both places.
    ///
    /// - Parameter actor: Who moves it.
    /// - Throws: `.leaseHeld` while somebody drives a rollout of the file; `.unavailable` when something is in the target already.
    public func run(by actor: String, at now: Instant) async throws(StoreError) -> Amount {
        let records = try await source.rollouts().sorted { $0.id < $1.id }
        var content = StoreContent(
            claims: try await source.claims(), service: try await source.serviceEntries(after: 0))
        for record in records {
            let id = record.id
            let lease = try await source.lease(of: id)
            if let lease, !lease.hasRunOut(at: now) {
                throw StoreError(
                    .leaseHeld,
                    "rollout \(id) is driven by \(lease.holder) until \(lease.expiresAt); pause it and wait until it rests: "
                        + "rollout pause \(id.number)")
            }
            content.rollouts.append(
                StoreContent.Rollout(
                    record: record, plan: try await source.plan(of: id),
                    entries: try await source.entries(of: id, after: 0),
                    lease: lease, snapshot: try await source.snapshot(of: id)))
        }
        let amount = try write(content)
        for rollout in content.rollouts where RolloutState(folding: rollout.entries).ending == nil {
            let request = OperatorRequest(.pause, by: actor, reason: "this store was copied to \(target.name)")
            _ = try await source.record(request, for: rollout.record.id, at: now)
        }
        return amount
    }

    private func write(_ content: StoreContent) throws(StoreError) -> Amount {
        let trouble = PostgresTrouble(name: target.name)
        let demands = PostgresDemands(trouble: trouble, version: PostgresSchema.newest)
        do {
            let session = try PostgresSession(
                target, PostgresSession.Settings(purpose: "copy", statementLimit: nil, isDurable: true))
            try demands.durability(session)
            try demands.tables(session)
            return try session.transaction {
                let copy = PostgresContent(trouble: trouble) { [source] in try source.samplePage(of: $0, after: $1) }
                try copy.demandEmpty(session)
                let samples = try copy.write(content, on: session)
                try copy.compare(content, on: session)
                return Amount(
                    rollouts: content.rollouts.count, facts: content.rollouts.reduce(0) { $0 + $1.entries.count },
                    serviceEntries: content.service.count, samples: samples)
            }
        } catch {
            throw trouble.explain(error)
        }
    }
}

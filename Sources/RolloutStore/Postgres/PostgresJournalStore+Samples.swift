public import RolloutEngine
internal import Synchronization

// What agents said: evidence, over the session that nobody's intent waits for.
extension PostgresJournalStore {
    /// Adds samples.
    public func append(samples: [CounterSample], to id: RolloutID) async throws(StoreError) {
        let needed = Set(samples.map { PostgresTime.day(of: $0.at) })
        let sampleRows = PostgresSampleRows(trouble: trouble)
        try await reading.run { [self, trouble, version] session in
            let rows = try session.query(
                PostgresSession.Statement(
                    name: "samples",
                    text: """
                        SELECT rollout.objection($1, true), EXISTS (SELECT FROM rollout.rollouts WHERE id = $2)
                        """),
                [.integer(Int64(version)), .integer(id.number)])
            guard rows.truth(0, 1) else { throw StoreError.noSuchRollout(id) }
            if let refusal = rows.text(0, 0) { throw trouble.refusal(refusal, id) }
            try PostgresSampleRows.ensure(needed.subtracting(days.withLock(\.self)), on: session)
            do {
                try session.transaction { try sampleRows.copy(samples, of: id, on: session) }
            } catch let failure as PostgresFailure where failure.state == "23514" {
                // The partition of a day was dropped, as it was too old to be kept. It is not again before these are in it.
                try session.transaction {
                    try PostgresSampleRows.keepDays(on: session)
                    try PostgresSampleRows.ensure(needed, on: session)
                    try sampleRows.copy(samples, of: id, on: session)
                }
            }
            days.withLock { $0.formUnion(needed) }
        }
    }

    /// A rollout's samples from `start` on, oldest first.
    public func samples(of id: RolloutID, since start: Instant) async throws(StoreError) -> [CounterSample] {
        let rows = PostgresSampleRows(trouble: trouble)
        return try await reading.run { session in
            try PostgresRolloutRows.demand(id, on: session)
            return try rows.samples(of: id, since: start, on: session)
        }
    }
}

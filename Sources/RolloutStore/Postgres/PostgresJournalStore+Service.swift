public import RolloutEngine
internal import Synchronization

// What is said of no single rollout.
extension PostgresJournalStore {
    /// The entries of the service journal behind `sequence`, in order.
    public func serviceEntries(after sequence: Int64) async throws(StoreError) -> [ServiceEntry] {
        let rows = PostgresServiceRows(trouble: trouble)
        let entries = try await reading.run { try rows.entries(after: sequence, on: $0) }
        if let last = entries.last?.sequence { memory.knowService(last) }
        return entries
    }

    /// Appends to the service journal, tied to its last entry. NUL becomes U+FFFD in names and reasons.
    public func append(_ fact: ServiceFact, by actor: String, reason: String?, after last: Int64?, at now: Instant)
        async throws(StoreError) -> ServiceEntry
    {
        let rows = PostgresServiceRows(trouble: trouble)
        let lost = Mutex<ServiceEntry?>(nil)
        let entry = try await write(essential: !fact.canWait) { [version] session in
            // The first time may have come through although its answer did not.
            if let entry = lost.withLock(\.self), try rows.has(entry, on: session) {
                try session.awaitStandbys()
                return entry
            }
            var made: ServiceEntry?
            do {
                return try session.transaction {
                    let end = try rows.hold(canWait: fact.canWait, version, on: session)
                    if let error = StoreError.overtaken(last, byServiceEntry: end.sequence) { throw error }
                    let entry = try end.entry(
                        fact, by: actor.withoutNUL, reason: reason?.withoutNUL, at: now)
                    made = entry
                    try rows.append(entry, on: session)
                    return entry
                }
            } catch let failure as PostgresFailure where failure.isLost {
                lost.withLock { $0 = made }
                throw failure
            }
        }
        memory.knowService(entry.sequence)
        return entry
    }
}

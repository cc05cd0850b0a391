/// Writes down in the service journal what the facts of a rollout are.
public struct JournalSealer: Sendable {
    private let store: any JournalStore

    /// A sealer of one store.
    public init(_ store: any JournalStore) { self.store = store }

    /// Seals what was written about a rollout since its last seal; does nothing when nothing was.
    ///
    /// - Throws: `StoreError` of the store. A rollout without its last seal is none the worse: the next one covers it.
    public func seal(_ id: RolloutID, by actor: String, at now: Instant) async throws(StoreError) {
        while true {
            let service = try await store.serviceState()
            let last = service.seals[id] ?? .none
            let entries = try await store.entries(of: id, after: last.through)
            if entries.isEmpty { return }
            do throws(StoreError) {
                _ = try await store.append(
                    .journalSealed(id, try last.over(entries)), by: actor, reason: nil, after: service.chain.sequence,
                    at: now)
                return
            } catch  where error.code == .overtaken {
                // Somebody spoke in between, and may have sealed it.
            }
        }
    }
}

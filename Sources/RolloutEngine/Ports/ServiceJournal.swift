/// What is said of no single rollout: schedules, the line that was stopped, tokens, alerts. One append-only journal for each
/// store, each entry tied to the one before it by its digest.
///
/// What `append` has returned survives kill -9 and power loss, as the facts of rollouts do.
public protocol ServiceJournal: Sendable {
    /// The entries with a greater sequence, in order, without gaps.
    ///
    /// - Throws: `.corrupt` when one is missing or cannot be understood. Whether they are tied together is for
    ///   `ServiceChain` to say.
    func serviceEntries(after sequence: Int64) async throws(StoreError) -> [ServiceEntry]

    /// Appends a fact, and makes it durable before it returns. Needs no lease: who asks for something may always speak.
    ///
    /// - Parameters:
    ///   - actor: Who says so.
    ///   - reason: Why, if said.
    ///   - last: The sequence of the last entry on which this was decided, 0 for none; nil when it holds whatever was written.
    /// - Throws: `.overtaken` when `last` is not the last any more. Nothing is appended then.
    func append(_ fact: ServiceFact, by actor: String, reason: String?, after last: Int64?, at now: Instant)
        async throws(StoreError) -> ServiceEntry
}

extension ServiceJournal {
    /// What is known: the fold of all entries.
    public func serviceState() async throws(StoreError) -> ServiceState {
        ServiceState(folding: try await serviceEntries(after: 0))
    }
}

extension StoreError {
    /// A fact was decided without knowing the last entry; nil when it was not, or need not have been.
    public static func overtaken(_ known: Int64?, byServiceEntry last: Int64) -> StoreError? {
        guard let known, known != last else { return nil }
        guard known < last else {
            return StoreError(
                .corrupt,
                "the service journal ends with entry \(last), but entry \(known) was there: the store was replaced by an older "
                    + "one; see what is left: rollout audit verify")
        }
        return StoreError(
            .overtaken,
            "the service journal has \(last) entries, and this was decided on \(known) of them; look again, then try again"
        )
    }
}

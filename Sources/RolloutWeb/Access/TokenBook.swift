import RolloutEngine

/// The tokens as they are at each moment: one that is revoked is of no use for the very next request.
actor TokenBook {
    private let journal: any ServiceJournal
    private var state = ServiceState()

    init(_ journal: any ServiceJournal) { self.journal = journal }

    /// What is known beside the rollouts now.
    func current() async throws(StoreError) -> ServiceState {
        for entry in try await journal.serviceEntries(after: state.chain.sequence)
        where entry.sequence == state.chain.sequence + 1 { state.apply(entry) }
        return state
    }

    /// The token with this secret, if it may be used.
    func token(withSecret secret: String, at now: Instant) async throws(StoreError) -> TokenRecord? {
        try await current().token(withSecret: TokenSecret.digest(of: secret), at: now)
    }

    /// The token of this number, if it may be used.
    func token(_ id: String, at now: Instant) async throws(StoreError) -> TokenRecord? {
        try await current().tokens.first { $0.token.id == id && $0.isUsable(at: now) }?.token
    }
}

internal import Foundation
internal import RolloutEngine

/// Everything that is in a store.
struct StoreContent {
    /// A rollout with all that is kept of it.
    struct Rollout {
        let record: RolloutRecord
        let plan: Data
        let entries: [JournalEntry]
        let lease: Lease?
        let snapshot: StateSnapshot?
        let samples: [CounterSample]
    }

    /// By number.
    var rollouts: [Rollout] = []
    let claims: [HeldClaim]
    let service: [ServiceEntry]

    /// How much it is.
    var amount: StoreCopy.Amount {
        StoreCopy.Amount(
            rollouts: rollouts.count, facts: rollouts.reduce(0) { $0 + $1.entries.count },
            serviceEntries: service.count, samples: rollouts.reduce(0) { $0 + $1.samples.count })
    }
}

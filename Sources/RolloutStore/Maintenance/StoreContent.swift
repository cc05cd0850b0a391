internal import Foundation
internal import RolloutEngine

/// Everything that is in a store, but for the samples, of which there are too many.
struct StoreContent {
    /// A rollout with all that is kept of it.
    struct Rollout {
        let record: RolloutRecord
        let plan: Data
        let entries: [JournalEntry]
        let lease: Lease?
        let snapshot: StateSnapshot?
    }

    /// By number.
    var rollouts: [Rollout] = []
    let claims: [HeldClaim]
    let service: [ServiceEntry]
}

internal import RolloutEngine

/// Reads everything in a store, and says what cannot be understood or contradicts itself.
struct StoreCheck: Sendable {
    private let store: any JournalStore

    init(_ store: any JournalStore) { self.store = store }

    /// What is wrong, a sentence each.
    func complaints() async throws(StoreError) -> [String] {
        var complaints: [String] = []
        let records = try await store.rollouts()
        for record in records {
            do throws(StoreError) {
                complaints += try await self.complaints(about: record)
            } catch {
                guard error.code == .corrupt else { throw error }
                complaints.append(error.message)
            }
        }
        let known = Set(records.map(\.id))
        for held in try await store.claims() where !known.contains(held.rollout) {
            complaints.append("\(held.claim.domain) is held by rollout \(held.rollout), which is not there")
        }
        return complaints
    }

    private func complaints(about record: RolloutRecord) async throws(StoreError) -> [String] {
        let id = record.id
        let entries = try await store.entries(of: id, after: 0)
        var complaints: [String] = []
        if case .created(record.planDigest, _)? = entries.first?.fact {
        } else {
            complaints.append("rollout \(id) does not begin with its creation from plan \(record.planDigest)")
        }
        let bytes = try await store.plan(of: id)
        do throws(InputError) {
            let plan = try PlanFile(bytes, from: "the plan of rollout \(id)")
            if plan.digest != record.planDigest {
                complaints.append("the plan of rollout \(id) is not the one that it was created from")
            }
        } catch {
            complaints.append(error.description)
        }
        let fence = entries.map(\.fence).max() ?? 0
        if let lease = try await store.lease(of: id), lease.fence < fence {
            complaints.append("the lease on rollout \(id) has fence \(lease.fence), but \(fence) was used")
        }
        if let state = try await store.snapshot(of: id)?.state,
            state != RolloutState(folding: entries.filter { $0.sequence <= state.sequence })
        {
            complaints.append(
                "what is kept of rollout \(id) up to fact \(state.sequence) is not what its facts come to")
        }
        return complaints
    }
}

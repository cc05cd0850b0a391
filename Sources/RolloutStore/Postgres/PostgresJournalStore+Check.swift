internal import RolloutEngine

extension PostgresJournalStore {
    /// What is wrong with the tables themselves, a sentence each.
    func schemaComplaints() async throws(StoreError) -> [String] {
        try await reading.run { session in
            var complaints: [String] = []
            let guards = try session.query(
                """
                SELECT tgname::text FROM pg_trigger
                WHERE tgname IN ('entries_never_change', 'plans_never_change', 'rollouts_never_go')
                    AND tgenabled IN ('O', 'A') AND tgrelid IN (SELECT oid FROM pg_class
                        WHERE relnamespace = 'rollout'::regnamespace)
                """)
            if guards.count < 3 {
                complaints.append(
                    "of the three triggers that keep facts from being changed, \(guards.count) are in force")
            }
            let fences = try session.query(
                """
                SELECT r.id FROM rollout.rollouts r JOIN rollout.leases l ON l.rollout = r.id
                WHERE l.fence > r.last_fence ORDER BY r.id
                """)
            for row in 0..<fences.count {
                complaints.append(
                    "the lease on rollout #\(fences.integer(row, 0) ?? 0) has a fence that was never given out")
            }
            if try !session.query("SELECT to_regclass('rollout.reserve') IS NOT NULL").truth(0, 0) {
                complaints.append("the reserve for a full disk is gone: no new work starts until there is room for it")
            }
            return complaints
        }
    }
}

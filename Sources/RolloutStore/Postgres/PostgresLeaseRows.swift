internal import RolloutEngine

/// Rows of `rollout.leases` and `rollout.claims`.
enum PostgresLeaseRows {
    /// The lease on record, held or run out.
    static func lease(of id: RolloutID, on session: PostgresSession) throws -> Lease? {
        let rows = try session.query(
            "SELECT holder, fence, expires_at FROM rollout.leases WHERE rollout = $1", [.integer(id.number)])
        guard let fence = rows.integer(0, 1) else { return nil }
        return Lease(
            rollout: id, holder: rows.text(0, 0) ?? "", fence: fence,
            expiresAt: Instant(milliseconds: rows.integer(0, 2) ?? 0))
    }

    /// A fence that no holder of this rollout ever had.
    static func nextFence(of id: RolloutID, on session: PostgresSession) throws -> Int64 {
        let rows = try session.query(
            "UPDATE rollout.rollouts SET last_fence = last_fence + 1 WHERE id = $1 RETURNING last_fence",
            [.integer(id.number)])
        guard let fence = rows.integer(0, 0) else { throw StoreError.noSuchRollout(id) }
        return fence
    }

    /// Puts this lease on record in place of any other.
    static func store(_ lease: Lease, on session: PostgresSession) throws {
        try session.query(
            """
            INSERT INTO rollout.leases (rollout, holder, fence, expires_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (rollout) DO UPDATE
                SET holder = excluded.holder, fence = excluded.fence, expires_at = excluded.expires_at
            """,
            [
                .integer(lease.rollout.number), .text(lease.holder), .integer(lease.fence),
                .integer(lease.expiresAt.milliseconds),
            ])
    }

    /// Takes this lease off the record; a later holder's stays.
    static func remove(_ lease: Lease, on session: PostgresSession) throws {
        try session.query(
            "DELETE FROM rollout.leases WHERE rollout = $1 AND holder = $2 AND fence = $3",
            [.integer(lease.rollout.number), .text(lease.holder), .integer(lease.fence)])
    }

    /// Every claim, by domain, then rollout, then device.
    static func claims(on session: PostgresSession) throws -> [HeldClaim] {
        let rows = try session.query("SELECT kind, value, rollout, device FROM rollout.claims")
        return (0..<rows.count).map { row in
            HeldClaim(
                claim: DomainClaim(
                    domain: FailureDomain(kind: rows.text(row, 0) ?? "", value: rows.text(row, 1) ?? ""),
                    device: DeviceName(rawValue: rows.text(row, 3) ?? "")),
                rollout: RolloutID(rows.integer(row, 2) ?? 0))
        }.sorted()
    }
}

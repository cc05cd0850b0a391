internal import GRDB
internal import RolloutEngine

/// Rows of `leases` and `claims`: who may drive, and which failure domains are in use.
enum LeaseRows {
    /// The lease on record, held or run out.
    static func lease(of id: RolloutID, _ database: Database) throws -> Lease? {
        let row = try Row.fetchOne(database, sql: "SELECT * FROM leases WHERE rollout = ?", arguments: [id.number])
        return row.map { row in
            Lease(
                rollout: id, holder: row["holder"], fence: row["fence"],
                expiresAt: Instant(milliseconds: row["expires_at"]))
        }
    }

    /// Puts this lease on record in place of any other.
    static func store(_ lease: Lease, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO leases (rollout, holder, fence, expires_at) VALUES (?, ?, ?, ?)",
            arguments: [lease.rollout.number, lease.holder, lease.fence, lease.expiresAt.milliseconds])
    }

    /// Takes this lease off the record; a later holder's stays.
    static func remove(_ lease: Lease, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM leases WHERE rollout = ? AND holder = ? AND fence = ?",
            arguments: [lease.rollout.number, lease.holder, lease.fence])
    }

    /// Takes claims, or throws `.domainHeld` for the first that another rollout holds.
    static func claim(_ claims: [DomainClaim], for id: RolloutID, _ database: Database) throws {
        for claim in claims {
            let other = try Row.fetchOne(
                database,
                sql:
                    "SELECT * FROM claims WHERE kind = ? AND value = ? AND rollout <> ? ORDER BY rollout, device LIMIT 1",
                arguments: [claim.domain.kind, claim.domain.value, id.number])
            if let other { throw StoreError.held(claim, by: held(other)) }
            try database.execute(
                sql: "INSERT OR IGNORE INTO claims (kind, value, rollout, device) VALUES (?, ?, ?, ?)",
                arguments: [claim.domain.kind, claim.domain.value, id.number, claim.device.rawValue])
        }
    }

    /// Gives claims up; what is not held stays as it is.
    static func giveUp(_ claims: [DomainClaim], of id: RolloutID, _ database: Database) throws {
        for claim in claims {
            try database.execute(
                sql: "DELETE FROM claims WHERE kind = ? AND value = ? AND rollout = ? AND device = ?",
                arguments: [claim.domain.kind, claim.domain.value, id.number, claim.device.rawValue])
        }
    }

    /// Every claim, by domain, then rollout, then device.
    static func claims(_ database: Database) throws -> [HeldClaim] {
        try Row.fetchAll(database, sql: "SELECT * FROM claims").map(held).sorted()
    }

    private static func held(_ row: Row) -> HeldClaim {
        HeldClaim(
            claim: DomainClaim(
                domain: FailureDomain(kind: row["kind"], value: row["value"]),
                device: DeviceName(rawValue: row["device"])),
            rollout: RolloutID(row["rollout"]))
    }
}

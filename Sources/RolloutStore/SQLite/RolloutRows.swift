internal import Foundation
internal import GRDB
internal import RolloutEngine

/// Rows of `rollouts` and `plans`.
enum RolloutRows {
    /// Adds a rollout; the record's number is ignored. Plans that are equal byte by byte are kept once.
    static func insert(plan: Data, _ record: RolloutRecord, _ database: Database) throws -> RolloutID {
        let digest = record.planDigest.hexadecimal
        var planRow = try Int64.fetchOne(
            database, sql: "SELECT id FROM plans WHERE digest = ? AND bytes = ?", arguments: [digest, plan])
        if planRow == nil {
            try database.execute(sql: "INSERT INTO plans (digest, bytes) VALUES (?, ?)", arguments: [digest, plan])
            planRow = database.lastInsertedRowID
        }
        try database.execute(
            sql: """
                INSERT INTO rollouts (plan, plan_digest, title, created_at, created_by) VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [planRow, digest, record.title, record.createdAt.milliseconds, record.createdBy])
        return RolloutID(database.lastInsertedRowID)
    }

    /// Every rollout, newest first.
    static func all(_ database: Database) throws -> [RolloutRecord] {
        try Row.fetchAll(database, sql: "SELECT * FROM rollouts ORDER BY id DESC").map(record)
    }

    /// One rollout, or `.notFound`.
    static func record(of id: RolloutID, _ database: Database) throws -> RolloutRecord {
        let row = try Row.fetchOne(database, sql: "SELECT * FROM rollouts WHERE id = ?", arguments: [id.number])
        guard let row else { throw StoreError.noSuchRollout(id) }
        return record(row)
    }

    /// Throws `.notFound` when there is no such rollout.
    static func demand(_ id: RolloutID, _ database: Database) throws {
        let found = try Int.fetchOne(database, sql: "SELECT 1 FROM rollouts WHERE id = ?", arguments: [id.number])
        if found == nil { throw StoreError.noSuchRollout(id) }
    }

    /// The bytes of a rollout's plan, or `.notFound`.
    static func plan(of id: RolloutID, _ database: Database) throws -> Data {
        let bytes = try Data.fetchOne(
            database, sql: "SELECT bytes FROM plans JOIN rollouts ON rollouts.plan = plans.id WHERE rollouts.id = ?",
            arguments: [id.number])
        guard let bytes else { throw StoreError.noSuchRollout(id) }
        return bytes
    }

    /// A fence that no holder of this rollout ever had.
    static func nextFence(of id: RolloutID, _ database: Database) throws -> Int64 {
        let fence = try Int64.fetchOne(
            database, sql: "UPDATE rollouts SET last_fence = last_fence + 1 WHERE id = ? RETURNING last_fence",
            arguments: [id.number])
        guard let fence else { throw StoreError.noSuchRollout(id) }
        return fence
    }

    private static func record(_ row: Row) -> RolloutRecord {
        RolloutRecord(
            id: RolloutID(row["id"]), title: row["title"], planDigest: Digest(hexadecimal: row["plan_digest"]),
            createdAt: Instant(milliseconds: row["created_at"]), createdBy: row["created_by"])
    }
}

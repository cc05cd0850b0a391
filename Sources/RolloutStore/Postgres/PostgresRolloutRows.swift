internal import Foundation
internal import RolloutEngine

/// Rows of `rollout.rollouts`, `rollout.plans` and `rollout.snapshots`.
enum PostgresRolloutRows {
    /// Every rollout, newest first.
    static func all(on session: PostgresSession) throws -> [RolloutRecord] {
        let rows = try session.query("SELECT \(columns) FROM rollout.rollouts ORDER BY id DESC")
        return (0..<rows.count).map { record(rows, $0) }
    }

    /// One rollout, or `.notFound`.
    static func record(of id: RolloutID, on session: PostgresSession) throws -> RolloutRecord {
        let rows = try session.query(
            "SELECT \(columns) FROM rollout.rollouts WHERE id = $1", [.integer(id.number)])
        guard rows.count > 0 else { throw StoreError.noSuchRollout(id) }
        return record(rows, 0)
    }

    /// The newest rollout that was created as this record says; its number is ignored.
    static func find(_ record: RolloutRecord, on session: PostgresSession) throws -> RolloutID? {
        let rows = try session.query(
            """
            SELECT max(id) FROM rollout.rollouts
            WHERE plan_digest = $1 AND title = $2 AND created_at = $3 AND created_by = $4
            """,
            [
                .text(record.planDigest.hexadecimal), .text(record.title), .integer(record.createdAt.milliseconds),
                .text(record.createdBy),
            ])
        return rows.integer(0, 0).map { RolloutID($0) }
    }

    /// Throws `.notFound` when there is no such rollout.
    static func demand(_ id: RolloutID, on session: PostgresSession) throws {
        let rows = try session.query(
            PostgresSession.Statement(name: "demand", text: "SELECT FROM rollout.rollouts WHERE id = $1"),
            [.integer(id.number)])
        if rows.count == 0 { throw StoreError.noSuchRollout(id) }
    }

    /// The bytes of a rollout's plan, or `.notFound`.
    static func plan(of id: RolloutID, on session: PostgresSession) throws -> Data {
        let rows = try session.query(
            """
            SELECT bytes FROM rollout.plans WHERE id = (SELECT plan FROM rollout.rollouts WHERE id = $1)
            """, [.integer(id.number)])
        guard let bytes = rows.data(0, 0) else { throw StoreError.noSuchRollout(id) }
        return bytes
    }

    /// The snapshot that was kept last; with its bytes, or with none in their place.
    static func snapshot(of id: RolloutID, withBytes: Bool, on session: PostgresSession) throws -> StateSnapshot? {
        let rows = try session.query(
            "SELECT version, sequence\(withBytes ? ", bytes" : "") FROM rollout.snapshots WHERE rollout = $1",
            [.integer(id.number)])
        guard let version = rows.integer(0, 0), let sequence = rows.integer(0, 1) else { return nil }
        return StateSnapshot(
            version: Int(version), sequence: sequence, bytes: withBytes ? rows.data(0, 2) ?? Data() : Data())
    }

    /// Keeps a snapshot in place of the one that is there.
    static func keep(_ snapshot: StateSnapshot, of id: RolloutID, on session: PostgresSession) throws {
        try session.query(
            """
            INSERT INTO rollout.snapshots (rollout, sequence, version, bytes) VALUES ($1, $2, $3, $4)
            ON CONFLICT (rollout) DO UPDATE
                SET sequence = excluded.sequence, version = excluded.version, bytes = excluded.bytes
            """,
            [
                .integer(id.number), .integer(snapshot.sequence), .integer(Int64(snapshot.version)),
                .bytes(snapshot.bytes),
            ])
    }

    private static let columns = "id, title, plan_digest, created_at, created_by"

    private static func record(_ rows: PostgresRows, _ row: Int) -> RolloutRecord {
        RolloutRecord(
            id: RolloutID(rows.integer(row, 0) ?? 0), title: rows.text(row, 1) ?? "",
            planDigest: Digest(hexadecimal: rows.text(row, 2) ?? ""),
            createdAt: Instant(milliseconds: rows.integer(row, 3) ?? 0), createdBy: rows.text(row, 4) ?? "")
    }
}

internal import GRDB
internal import RolloutEngine

/// Rows of `snapshots`: one of each rollout.
enum SnapshotRows {
    /// Keeps a snapshot in place of the one that is there, unless that came of more facts. One that another version wrote is of no
    /// use to this one.
    static func keep(_ snapshot: StateSnapshot, of id: RolloutID, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO snapshots (rollout, sequence, version, bytes) VALUES (?, ?, ?, ?)
                ON CONFLICT (rollout) DO UPDATE
                    SET sequence = excluded.sequence, version = excluded.version, bytes = excluded.bytes
                    WHERE excluded.version <> version OR excluded.sequence > sequence
                """,
            arguments: [id.number, snapshot.sequence, snapshot.version, snapshot.bytes])
    }

    /// The snapshot that was kept last.
    static func snapshot(of id: RolloutID, _ database: Database) throws -> StateSnapshot? {
        let row = try Row.fetchOne(
            database, sql: "SELECT sequence, version, bytes FROM snapshots WHERE rollout = ?", arguments: [id.number])
        return row.map { StateSnapshot(version: $0["version"], sequence: $0["sequence"], bytes: $0["bytes"]) }
    }
}

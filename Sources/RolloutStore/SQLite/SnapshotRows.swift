internal import GRDB
internal import RolloutEngine

/// Rows of `snapshots`: one of each rollout.
enum SnapshotRows {
    /// Keeps a snapshot in place of the one that is there.
    static func keep(_ snapshot: StateSnapshot, of id: RolloutID, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO snapshots (rollout, sequence, version, bytes) VALUES (?, ?, ?, ?)",
            arguments: [id.number, snapshot.sequence, snapshot.version, snapshot.bytes])
    }

    /// What is known of the snapshot that is there without reading it all.
    static func kept(of id: RolloutID, _ database: Database) throws -> (version: Int, sequence: Int64)? {
        let row = try Row.fetchOne(
            database, sql: "SELECT version, sequence FROM snapshots WHERE rollout = ?", arguments: [id.number])
        return row.map { ($0["version"], $0["sequence"]) }
    }

    /// The snapshot that was kept last.
    static func snapshot(of id: RolloutID, _ database: Database) throws -> StateSnapshot? {
        let row = try Row.fetchOne(
            database, sql: "SELECT sequence, version, bytes FROM snapshots WHERE rollout = ?", arguments: [id.number])
        return row.map { StateSnapshot(version: $0["version"], sequence: $0["sequence"], bytes: $0["bytes"]) }
    }
}

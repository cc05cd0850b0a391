internal import Foundation
internal import GRDB
internal import RolloutEngine

/// Rows of `entries`: facts as JSON, beside columns that people and dashboards can select by.
struct EntryRows: Sendable {
    let trouble: StoreTrouble

    /// The sequence of the last fact; 0 before the first.
    func last(of id: RolloutID, _ database: Database) throws -> Int64 {
        try Int64.fetchOne(
            database, sql: "SELECT max(sequence) FROM entries WHERE rollout = ?", arguments: [id.number]) ?? 0
    }

    /// Adds facts behind the last one, without a gap.
    func append(_ facts: [Fact], to id: RolloutID, fence: Int64, at now: Instant, _ database: Database) throws
        -> [JournalEntry]
    {
        var sequence = try last(of: id, database)
        let encoder = StoredFact.encoder
        let insertion = try database.cachedStatement(
            sql: "INSERT INTO entries (rollout, sequence, at, fence, kind, device, fact) VALUES (?, ?, ?, ?, ?, ?, ?)")
        return try facts.map { fact in
            sequence += 1
            let text = try StoredFact.text(of: fact, encoder)
            try insertion.execute(
                arguments: [id.number, sequence, now.milliseconds, fence, fact.kind, fact.device?.rawValue, text])
            return JournalEntry(sequence: sequence, at: now, fence: fence, fact: fact)
        }
    }

    /// Facts with a greater sequence, in order.
    func entries(of id: RolloutID, after sequence: Int64, _ database: Database) throws -> [JournalEntry] {
        let rows = try StoredFact.fetchAll(
            database,
            sql: "SELECT sequence, at, fence, fact FROM entries WHERE rollout = ? AND sequence > ? ORDER BY sequence",
            arguments: [id.number, sequence])
        return try StoredFact.understand(rows, of: id, after: sequence, unreadable: trouble.unreadable)
    }
}

extension StoredFact: FetchableRecord {
    init(row: Row) {
        // A text's bytes, as they are.
        self.init(sequence: row[0], at: Instant(milliseconds: row[1]), fence: row[2], fact: row[3])
    }
}

internal import Foundation
internal import RolloutEngine

/// Rows of `rollout.entries`.
struct PostgresEntryRows: Sendable {
    let trouble: PostgresTrouble

    /// Facts with a greater sequence, in order. Read in parts: no answer of the server has to be held as a whole.
    func entries(of id: RolloutID, after sequence: Int64, on session: PostgresSession) throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        while true {
            let last = entries.last?.sequence ?? sequence
            let rows = try session.query(Self.reading, [.integer(id.number), .integer(last), .integer(Self.atOnce)])
            let stored = (0..<rows.count).map { row in
                StoredFact(
                    sequence: rows.integer(row, 0) ?? 0, at: Instant(milliseconds: rows.integer(row, 1) ?? 0),
                    fence: rows.integer(row, 2) ?? 0, fact: rows.data(row, 3) ?? Data())
            }
            entries += try StoredFact.understand(stored, of: id, after: last, unreadable: trouble.unreadable)
            if rows.count < Self.atOnce { return entries }
        }
    }

    /// The sequence of the last fact; 0 before the first.
    func last(of id: RolloutID, on session: PostgresSession) throws -> Int64 {
        let rows = try session.query(
            PostgresSession.Statement(
                name: "last fact", text: "SELECT coalesce(max(sequence), 0) FROM rollout.entries WHERE rollout = $1"),
            [.integer(id.number)])
        return rows.integer(0, 0) ?? 0
    }

    private static let atOnce: Int64 = 20_000
    private static let reading = PostgresSession.Statement(
        name: "facts",
        text: """
            SELECT sequence, at, fence, coalesce(exact, fact::text) FROM rollout.entries
            WHERE rollout = $1 AND sequence > $2 ORDER BY sequence LIMIT $3
            """)
}

internal import Foundation
internal import GRDB
internal import RolloutEngine

/// Rows of `service_entries`.
struct ServiceRows: Sendable {
    let trouble: StoreTrouble

    /// The end of the chain.
    func end(_ database: Database) throws -> ServiceChain {
        let row = try Row.fetchOne(
            database, sql: "SELECT sequence, chain FROM service_entries ORDER BY sequence DESC LIMIT 1")
        return row.map { ServiceChain(sequence: $0["sequence"], digest: Digest(hexadecimal: $0["chain"])) } ?? .start
    }

    /// Adds an entry behind the last one.
    func append(_ entry: ServiceEntry, _ database: Database) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let fact = String(decoding: try encoder.encode(entry.fact), as: UTF8.self)
        try database.execute(
            sql: """
                INSERT INTO service_entries (sequence, at, said_by, reason, kind, fact, chain) VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                entry.sequence, entry.at.milliseconds, entry.by, entry.reason, entry.fact.kind, fact,
                entry.chain.hexadecimal,
            ])
    }

    /// Entries with a greater sequence, in order.
    func entries(after sequence: Int64, _ database: Database) throws -> [ServiceEntry] {
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM service_entries WHERE sequence > ? ORDER BY sequence", arguments: [sequence])
        let decoder = JSONDecoder()
        return try zip(rows, (max(sequence, 0) + 1)...).map { row, expected in
            guard row["sequence"] == expected else {
                throw trouble.unreadable("the service journal", "entry \(expected) is missing")
            }
            do {
                return ServiceEntry(
                    sequence: expected, at: Instant(milliseconds: row["at"]), by: row["said_by"], reason: row["reason"],
                    fact: try decoder.decode(ServiceFact.self, from: row["fact"]),
                    chain: Digest(hexadecimal: row["chain"]))
            } catch {
                throw trouble.unreadable("entry \(expected) of the service journal", "\(error)")
            }
        }
    }
}

internal import Foundation
internal import RolloutEngine

/// Rows of `rollout.service_entries`.
struct PostgresServiceRows: Sendable {
    let trouble: PostgresTrouble

    /// The end of the chain, to which nobody else adds until the transaction ends.
    ///
    /// - Parameter canWait: Whether a full disk refuses what is to be added.
    func hold(canWait: Bool, _ version: Int, on session: PostgresSession) throws -> ServiceChain {
        let rows = try session.query(
            "SELECT refusal, last, last_chain FROM rollout.hold_service($1, $2)",
            [.integer(Int64(version)), .truth(canWait)])
        if let refusal = rows.text(0, 0) { throw trouble.refusal(refusal, RolloutID(0)) }
        guard let last = rows.integer(0, 1) else { return .start }
        return ServiceChain(sequence: last, digest: Digest(hexadecimal: rows.text(0, 2) ?? ""))
    }

    /// Adds an entry behind the last one.
    func append(_ entry: ServiceEntry, on session: PostgresSession) throws {
        let text = String(decoding: try StoredFact.encoder.encode(entry.fact), as: UTF8.self)
        let shown = PostgresFact.withoutNUL(text)
        try session.query(
            """
            INSERT INTO rollout.service_entries (sequence, at, said_by, reason, kind, fact, exact, chain)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                .integer(entry.sequence), .integer(entry.at.milliseconds), .text(entry.by), .text(entry.reason),
                .text(entry.fact.kind), .text(shown ?? text), .text(shown == nil ? nil : text),
                .text(entry.chain.hexadecimal),
            ])
    }

    /// Whether this very entry is there.
    func has(_ entry: ServiceEntry, on session: PostgresSession) throws -> Bool {
        let rows = try session.query(
            "SELECT FROM rollout.service_entries WHERE sequence = $1 AND chain = $2",
            [.integer(entry.sequence), .text(entry.chain.hexadecimal)])
        return rows.count > 0
    }

    /// Entries with a greater sequence, in order.
    func entries(after sequence: Int64, on session: PostgresSession) throws -> [ServiceEntry] {
        let rows = try session.query(
            """
            SELECT sequence, at, said_by, reason, coalesce(exact, fact::text), chain FROM rollout.service_entries
            WHERE sequence > $1 ORDER BY sequence
            """, [.integer(sequence)])
        let decoder = JSONDecoder()
        return try zip(0..<rows.count, (max(sequence, 0) + 1)...).map { row, expected in
            guard rows.integer(row, 0) == expected else {
                throw trouble.unreadable("the service journal", "entry \(expected) is missing")
            }
            do {
                return ServiceEntry(
                    sequence: expected, at: Instant(milliseconds: rows.integer(row, 1) ?? 0),
                    by: rows.text(row, 2) ?? "", reason: rows.text(row, 3),
                    fact: try decoder.decode(ServiceFact.self, from: rows.data(row, 4) ?? Data()),
                    chain: Digest(hexadecimal: rows.text(row, 5) ?? ""))
            } catch {
                throw trouble.unreadable("entry \(expected) of the service journal", "\(error)")
            }
        }
    }
}

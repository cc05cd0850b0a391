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
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let insertion = try database.cachedStatement(
            sql: "INSERT INTO entries (rollout, sequence, at, fence, kind, device, fact) VALUES (?, ?, ?, ?, ?, ?, ?)")
        return try facts.map { fact in
            sequence += 1
            let text = String(decoding: try encoder.encode(fact), as: UTF8.self)
            try insertion.execute(
                arguments: [id.number, sequence, now.milliseconds, fence, fact.kind, fact.device?.rawValue, text])
            return JournalEntry(sequence: sequence, at: now, fence: fence, fact: fact)
        }
    }

    /// Facts with a greater sequence, in order.
    func entries(of id: RolloutID, after sequence: Int64, _ database: Database) throws -> [JournalEntry] {
        let decoder = JSONDecoder()
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT sequence, at, fence, fact FROM entries WHERE rollout = ? AND sequence > ? ORDER BY sequence",
            arguments: [id.number, sequence])
        var expected = max(sequence, 0)
        return try rows.map { row in
            let entry = JournalEntry(
                sequence: row["sequence"], at: Instant(milliseconds: row["at"]), fence: row["fence"],
                fact: try fact(row, of: id, decoder))
            expected += 1
            guard entry.sequence == expected else {
                throw trouble.unreadable("the journal of rollout \(id)", "fact \(expected) is missing")
            }
            return entry
        }
    }

    private func fact(_ row: Row, of id: RolloutID, _ decoder: JSONDecoder) throws -> Fact {
        let text: String = row["fact"]
        do {
            return try decoder.decode(Fact.self, from: Data(text.utf8))
        } catch {
            let sequence: Int64 = row["sequence"]
            throw trouble.unreadable("fact \(sequence) of rollout \(id)", "\(error)")
        }
    }
}

extension Fact {
    /// The kind, for people who read the table.
    var kind: String {
        switch self {
        case .created: "created"
        case .driving: "driving"
        case .waveStarted: "wave_started"
        case .intent: "intent"
        case .outcome: "outcome"
        case .soakStarted: "soak_started"
        case .judged: "judged"
        case .alarm: "alarm"
        case .wavePassed: "wave_passed"
        case .paused: "paused"
        case .rollingBack: "rolling_back"
        case .evidence: "evidence"
        case .requested: "requested"
        case .finished: "finished"
        }
    }

    /// The device it is about, if it is about one.
    var device: DeviceName? {
        switch self {
        case .intent(let step), .outcome(let step, _): step.device
        case .evidence(let device, _): device
        default: nil
        }
    }
}

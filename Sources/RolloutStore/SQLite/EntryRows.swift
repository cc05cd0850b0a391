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
        let rows = try Stored.fetchAll(
            database,
            sql: "SELECT sequence, at, fence, fact FROM entries WHERE rollout = ? AND sequence > ? ORDER BY sequence",
            arguments: [id.number, sequence])
        for (row, expected) in zip(rows, (max(sequence, 0) + 1)...) where row.sequence != expected {
            throw trouble.unreadable("the journal of rollout \(id)", "fact \(expected) is missing")
        }
        return try understand(rows, of: id)
    }

    /// A rollout of a large fleet has hundreds of thousands.
    private func understand(_ rows: [Stored], of id: RolloutID) throws -> [JournalEntry] {
        try onEveryCore(rows, atOnce: 2000) { rows in
            let decoder = JSONDecoder()
            return try rows.map { try entry($0, of: id, decoder) }
        }
    }

    private func entry(_ row: Stored, of id: RolloutID, _ decoder: JSONDecoder) throws -> JournalEntry {
        do {
            return JournalEntry(
                sequence: row.sequence, at: row.at, fence: row.fence,
                fact: try row.fact.withUnsafeBytes(PlainFact.read) ?? decoder.decode(Fact.self, from: row.fact))
        } catch {
            throw trouble.unreadable("fact \(row.sequence) of rollout \(id)", "\(error)")
        }
    }

    /// A row as it is stored.
    private struct Stored: FetchableRecord, Sendable {
        let sequence: Int64
        let at: Instant
        let fence: Int64
        let fact: Data

        init(row: Row) {
            sequence = row[0]
            at = Instant(milliseconds: row[1])
            fence = row[2]
            // A text's bytes, as they are.
            fact = row[3]
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
        case .cohortHeld: "cohort_held"
        case .peakCarried: "peak_carried"
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

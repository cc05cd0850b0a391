internal import Foundation
internal import RolloutEngine

/// A row of `entries`, whatever database it lies in: the fact is JSON with sorted keys, and stays the text it was written as.
struct StoredFact: Sendable {
    let sequence: Int64
    let at: Instant
    let fence: Int64
    let fact: Data

    /// The text that is stored of a fact.
    static func text(of fact: Fact, _ encoder: JSONEncoder) throws -> String {
        String(decoding: try encoder.encode(fact), as: UTF8.self)
    }

    /// What writes those texts.
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// What rows that follow a sequence say. A rollout of a large fleet has hundreds of thousands.
    ///
    /// - Parameter unreadable: The store's words for what cannot be understood, and why.
    static func understand(
        _ rows: [StoredFact], of id: RolloutID, after sequence: Int64,
        unreadable: @escaping @Sendable (_ what: String, _ why: String) -> StoreError
    ) throws -> [JournalEntry] {
        for (row, expected) in zip(rows, (max(sequence, 0) + 1)...) where row.sequence != expected {
            throw unreadable("the journal of rollout \(id)", "fact \(expected) is missing")
        }
        return try onEveryCore(rows, atOnce: 2000) { rows in
            let decoder = JSONDecoder()
            return try rows.map { row in
                do {
                    return JournalEntry(
                        sequence: row.sequence, at: row.at, fence: row.fence,
                        fact: try row.fact.withUnsafeBytes(PlainFact.read) ?? decoder.decode(Fact.self, from: row.fact))
                } catch {
                    throw unreadable("fact \(row.sequence) of rollout \(id)", "\(error)")
                }
            }
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

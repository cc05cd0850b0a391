internal import Foundation
internal import RolloutEngine
internal import Synchronization

/// An append whose answer may get lost: it is then in doubt whether the facts are there, and they must not be written twice.
///
/// What decides is the journal itself: who holds a lease writes alone under its fence, so what is there of this fence, of that
/// instant, with these texts, behind what was known, is this append. Asked only when the session that it went over has ended.
final class PostgresAttempt: Sendable {
    let id: RolloutID
    let fence: Int64
    let facts: [PostgresFact]
    private let lost = Mutex<Sent?>(nil)

    /// How it was sent.
    struct Sent: Sendable {
        /// When the facts were said to happen.
        let at: Instant
        /// The last fact that was known when they were sent.
        let floor: Int64
    }

    init(_ facts: [PostgresFact], to id: RolloutID, fence: Int64) {
        self.id = id
        self.fence = fence
        self.facts = facts
    }

    /// Whether this is the same append, tried again.
    func isSame(as other: PostgresAttempt) -> Bool { id == other.id && fence == other.fence && facts == other.facts }

    /// Sends the facts, unless an earlier try turns out to have come through.
    ///
    /// - Returns: The sequence of the first, and when it was said to happen.
    func make(
        _ sent: Sent, on session: PostgresSession, _ send: (PostgresSession) throws -> Int64
    ) throws -> (first: Int64, at: Instant) {
        if let earlier = lost.withLock({ $0 }) {
            if let first = try first(of: earlier, on: session) {
                try session.awaitStandbys()
                return (first, earlier.at)
            }
            lost.withLock { $0 = nil }
        }
        do {
            return (try send(session), sent.at)
        } catch let failure as PostgresFailure where failure.isLost {
            if !facts.isEmpty { lost.withLock { $0 = sent } }
            throw failure
        }
    }

    private func first(of sent: Sent, on session: PostgresSession) throws -> Int64? {
        let rows = try session.query(
            """
            SELECT sequence, coalesce(exact, fact::text) FROM rollout.entries
            WHERE rollout = $1 AND sequence > $2 AND fence = $3 AND at = $4 ORDER BY sequence
            """,
            [.integer(id.number), .integer(sent.floor), .integer(fence), .integer(sent.at.milliseconds)])
        let found = (0..<rows.count).map { (sequence: rows.integer($0, 0) ?? 0, text: rows.text($0, 1) ?? "") }
        return Self.first(of: facts.map(\.text), in: found)
    }

    /// Where these texts stand one behind the other, without a gap; nil when they do not.
    static func first(of texts: [String], in found: [(sequence: Int64, text: String)]) -> Int64? {
        guard !texts.isEmpty, found.count >= texts.count else { return nil }
        for start in 0...(found.count - texts.count) {
            let rows = found[start..<start + texts.count]
            let isUnbroken = (rows.last?.sequence ?? 0) - found[start].sequence == Int64(texts.count) - 1
            if isUnbroken, rows.elementsEqual(texts, by: { $0.text == $1 }) { return found[start].sequence }
        }
        return nil
    }
}

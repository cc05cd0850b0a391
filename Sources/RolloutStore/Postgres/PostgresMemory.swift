internal import RolloutEngine
internal import Synchronization

/// What this process was told was kept, held against each new session: the standby that took over may never have got the last facts,
/// and a primary that was replaced may come back and let people write what nobody will ever see.
final class PostgresMemory: Sendable {
    private let trouble: PostgresTrouble
    private let state = Mutex(State())

    private struct State {
        /// The last fact of each rollout.
        var facts: [RolloutID: Int64] = [:]
        /// The last entry of the service journal.
        var service: Int64 = 0
        /// The newest timeline: it grows by one with each standby that takes over.
        var timeline: Int64 = 0
    }

    init(trouble: PostgresTrouble) { self.trouble = trouble }

    /// The last fact of a rollout that is known here; 0 for none.
    func last(of id: RolloutID) -> Int64 { state.withLock { $0.facts[id] ?? 0 } }

    /// A rollout has this fact.
    func know(_ last: Int64, of id: RolloutID) { state.withLock { $0.facts[id] = max($0.facts[id] ?? 0, last) } }

    /// The service journal has this entry.
    func knowService(_ last: Int64) { state.withLock { $0.service = max($0.service, last) } }

    /// Holds what the server of a new session has against what is known.
    ///
    /// - Throws: `.corrupt` when something is not there that was; `.unavailable` when it is a primary that was replaced.
    func compare(_ session: PostgresSession) throws {
        let known = state.withLock(\.self)
        let timeline = try Self.timeline(session)
        guard timeline >= known.timeline else {
            throw StoreError(
                .unavailable,
                "\(trouble.name) answers on timeline \(timeline), expected \(known.timeline) or later: a standby took over since, and "
                    + "this primary came back. Stop it before somebody writes there (pg_ctl stop -D DATA on its machine), or take it "
                    + "out of the URL; if it is meant to be the only one, end this process and start it anew")
        }
        try compareFacts(known, session)
        let service = try session.query("SELECT coalesce(max(sequence), 0) FROM rollout.service_entries").integer(0, 0)
        guard (service ?? 0) >= known.service else {
            throw StoreError(
                .corrupt,
                "\(trouble.name): the service journal ends with entry \(service ?? 0), but entry \(known.service) was kept: "
                    + Self.cause + ". See what is left: rollout audit verify")
        }
        state.withLock { $0.timeline = max($0.timeline, timeline) }
    }

    private func compareFacts(_ known: State, _ session: PostgresSession) throws {
        let rollouts = known.facts.sorted { $0.key < $1.key }
        let rows = try session.query(
            """
            SELECT (SELECT coalesce(max(e.sequence), 0) FROM rollout.entries e WHERE e.rollout = k.rollout::bigint)
            FROM unnest($1::text[]) WITH ORDINALITY AS k (rollout, place) ORDER BY k.place
            """, [.texts(rollouts.map { String($0.key.number) })])
        for (row, (id, last)) in rollouts.enumerated() {
            let found = rows.integer(row, 0) ?? 0
            guard found < last else { continue }
            throw StoreError(
                .corrupt,
                "\(trouble.name): the journal of rollout \(id) ends with fact \(found), but fact \(last) was kept: \(Self.cause). "
                    + "Devices may hold what this journal does not know of, so this process writes nothing more: end it, look at "
                    + "what is left (rollout status \(id.number)), and go on: rollout apply --resume \(id.number), which asks every "
                    + "device before it changes it")
        }
    }

    private static let cause =
        "a standby took over that had not got the last of it (replication was asynchronous), or an older backup was restored"

    /// The timeline that the server writes, from the name of the file it writes to.
    private static func timeline(_ session: PostgresSession) throws -> Int64 {
        let name = try session.query("SELECT pg_walfile_name(pg_current_wal_lsn())").text(0, 0) ?? ""
        return Int64(name.prefix(8), radix: 16) ?? 0
    }
}

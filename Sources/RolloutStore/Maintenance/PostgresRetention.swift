internal import RolloutEngine

/// Has the server roll samples up and drop what is older than it has to be kept.
struct PostgresRetention: Sendable {
    private let location: PostgresLocation

    init(_ location: PostgresLocation) { self.location = location }

    /// Rolls up what came since the last time, then drops days.
    ///
    /// - Returns: The oldest day of samples that is left, as `2026-03-01`; nil when there are none.
    /// - Throws: `.unavailable` when the server cannot be reached, or has no tables of this version.
    func run(_ retention: SampleRetention, at now: Instant) throws(StoreError) -> String? {
        let trouble = PostgresTrouble(name: location.name)
        do {
            let session = try PostgresSession(
                location, PostgresSession.Settings(purpose: "retain", statementLimit: nil, isDurable: true))
            guard try session.query("SELECT to_regclass('rollout_projection.traffic_5m') IS NOT NULL").truth(0, 0)
            else {
                throw StoreError(
                    .unavailable,
                    "\(location.name) has no tables of this version; make them with: rollout db migrate --store \(location.name)"
                )
            }
            let instant = PostgresValue.integer(now.milliseconds)
            try session.query("CALL rollout_projection.roll_up(rollout_projection.instant($1))", [instant])
            try session.query(
                "CALL rollout_projection.retain($2::integer, $3::integer, $4::integer, rollout_projection.instant($1))",
                [
                    instant, .integer(Int64(retention.samples)), .integer(Int64(retention.fiveMinutes)),
                    .integer(Int64(retention.hours)),
                ])
            return try session.query(
                """
                SELECT min(to_date(right(inhrelid::regclass::text, 10), 'YYYY_MM_DD'))::text FROM pg_inherits
                WHERE inhparent = 'rollout.samples'::regclass
                """
            ).text(0, 0)
        } catch {
            throw trouble.explain(error)
        }
    }
}

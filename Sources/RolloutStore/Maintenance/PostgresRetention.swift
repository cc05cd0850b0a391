internal import Dispatch
internal import RolloutEngine
internal import Synchronization

/// Has the server roll samples up and drop what is older than it has to be kept.
struct PostgresRetention: Sendable {
    private let location: PostgresLocation
    private let trouble: PostgresTrouble

    init(_ location: PostgresLocation) {
        self.location = location
        trouble = PostgresTrouble(name: location.name)
    }

    /// Rolls up what came since the last time, then drops days. One process does it at a time. When the task is cancelled, the server
    /// is told to give up; what was done by then is done.
    ///
    /// - Throws: `.unavailable` when the server cannot be reached, or has no tables of this version.
    func run(_ retention: SampleRetention, at now: Instant) async throws(StoreError) -> SampleRetention.Outcome {
        let running = Mutex<PostgresSession.Identity?>(nil)
        let queue = DispatchQueue(label: "rollout postgres retain", attributes: .concurrent)
        let result: Result<SampleRetention.Outcome, StoreError> = await withTaskCancellationHandler {
            // It may take minutes, which no thread of ours has to wait for.
            await withCheckedContinuation { continuation in
                queue.async {
                    do {
                        let session = try session("retain")
                        running.withLock { $0 = session.identity }
                        continuation.resume(returning: .success(try run(retention, at: now, on: session)))
                    } catch {
                        continuation.resume(returning: .failure(trouble.explain(error)))
                    }
                }
            }
        } onCancel: {
            queue.async {
                guard let identity = running.withLock(\.self), let session = try? session("retain end") else { return }
                _ = try? session.terminate(identity)
            }
        }
        return try result.get()
    }

    private func session(_ purpose: String) throws -> PostgresSession {
        try PostgresSession(
            location, PostgresSession.Settings(purpose: purpose, statementLimit: nil, isDurable: true))
    }

    private func run(_ retention: SampleRetention, at now: Instant, on session: PostgresSession) throws
        -> SampleRetention.Outcome
    {
        try PostgresDemands(trouble: trouble, version: PostgresSchema.newest).tables(session)
        let (lockClass, lock) = (PostgresValue.integer(PostgresSchema.lockClass), PostgresValue.integer(5))
        let isOurs = try session.query(
            "SELECT pg_try_advisory_lock($1::integer, $2::integer)", [lockClass, lock]
        ).truth(0, 0)
        // The lock ends with the session.
        if isOurs {
            let instant = PostgresValue.integer(now.milliseconds)
            try session.query("CALL rollout_projection.roll_up(rollout_projection.instant($1))", [instant])
            try session.query(
                "CALL rollout_projection.retain($2::integer, $3::integer, $4::integer, rollout_projection.instant($1))",
                [
                    instant, .integer(Int64(retention.samples)), .integer(Int64(retention.fiveMinutes)),
                    .integer(Int64(retention.hours)),
                ])
        }
        let oldest = try session.query(
            """
            SELECT min(to_date(right(inhrelid::regclass::text, 10), 'YYYY_MM_DD'))::text FROM pg_inherits
            WHERE inhparent = 'rollout.samples'::regclass
            """
        ).text(0, 0)
        return SampleRetention.Outcome(oldestSamples: oldest, wasBusy: !isOurs)
    }
}

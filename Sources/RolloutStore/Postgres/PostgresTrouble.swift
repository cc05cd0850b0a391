internal import RolloutEngine

/// Says what is wrong with a store in PostgreSQL in words that help, from what libpq or the server answered.
struct PostgresTrouble: Sendable {
    /// The store, as people know it.
    let name: String

    /// The same trouble as an error of the port.
    func explain(_ error: any Error) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let failure = error as? PostgresFailure else { return StoreError(.unavailable, "\(name): \(error)") }
        switch failure.state {
        case nil:
            return away(failure.message, failure.advice)
        case "53100":
            return full(failure.message)
        case "28000", "28P01":
            return StoreError(
                .unavailable,
                "\(name) does not let us in: \(failure.message). Check the user, and the password in the file that "
                    + "PGPASSFILE names (by default ~/.pgpass)")
        case "42501":
            return StoreError(
                .unavailable,
                "\(name): this user may not do that: \(failure.message). Grant it what deploy/postgres/roles.sql grants "
                    + "to who drives rollouts")
        case "57014", "55P03":
            return StoreError(
                .unavailable,
                "\(name) took too long (\(failure.message)): something holds what is needed. See who: "
                    + "SELECT pid, state, wait_event, query FROM pg_stat_activity")
        case "25006":
            return StoreError(
                .unavailable, "\(name) is a standby, or was made read-only: name the primary (\(failure.message))")
        case "XX001", "XX002":
            return StoreError(.corrupt, "\(name) is damaged: \(failure.message); restore a backup")
        case "3F000", "42P01", "42883", "42703":
            return StoreError(
                .corrupt, "\(name): a table or function of ours is missing: \(failure.message). See: rollout db check")
        case let state?:
            return failure.isLost
                ? away(failure.message)
                : StoreError(.unavailable, "\(name): PostgreSQL says \(failure.message) (\(state))")
        }
    }

    /// Nobody answers, or who answers does not let us in.
    ///
    /// - Parameter advice: What was expected and what to do, where that is known.
    func away(_ said: String, _ advice: String? = nil) -> StoreError {
        StoreError(
            .unavailable,
            advice.map { "\(name) does not let us in: \(said). \($0). Nothing new starts meanwhile" }
                ?? "\(name) cannot be reached: \(said). See that the server runs and lets this machine in; nothing new starts "
                + "meanwhile")
    }

    /// There is no room on the server's disk.
    func full(_ said: String?) -> StoreError {
        StoreError(
            .full,
            "\(name): the server's disk is full" + (said.map { " (\($0))" } ?? "")
                + "; make room there. Nothing was written, and no new work starts")
    }

    /// The tables were brought to a version that this program must not write to.
    var upgraded: StoreError {
        StoreError(
            .tooNew,
            "\(name) was brought forward by a newer version of rollout; this one writes nothing more there. Use the newer "
                + "version: it takes up what is under way")
    }

    /// A value in a table that cannot be read.
    func unreadable(_ what: String, _ reason: String) -> StoreError {
        StoreError(
            .corrupt, "\(name): \(what) cannot be understood: \(reason); see `rollout db check`, or restore a backup")
    }
}

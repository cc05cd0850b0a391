internal import Foundation
internal import RolloutEngine

/// Brings the tables of a database forward, each step in a transaction of its own. Rollouts may be driven meanwhile.
///
/// One process does it at a time. A step that has to wait for somebody's lock for longer than `lockLimit` lets go, so that nobody
/// queues up behind it, and is tried again.
struct PostgresMigrator {
    private let session: PostgresSession
    private let trouble: PostgresTrouble
    private let migrations: [PostgresSchema.Migration]
    private let tries: Int

    /// A migrator with a session of its own.
    ///
    /// - Throws: `.unavailable` when the server cannot be reached.
    init(
        _ location: PostgresLocation, _ migrations: [PostgresSchema.Migration] = PostgresSchema.migrations,
        lockLimit: Timespan = .seconds(2), tries: Int = 30
    ) throws(StoreError) {
        trouble = PostgresTrouble(name: location.name)
        self.migrations = migrations
        self.tries = tries
        do {
            session = try PostgresSession(
                location,
                PostgresSession.Settings(purpose: "migrate", statementLimit: nil, lockLimit: lockLimit, isDurable: true)
            )
        } catch {
            throw trouble.explain(error)
        }
    }

    /// Takes every step that is missing.
    ///
    /// - Returns: The steps that were taken.
    /// - Throws: `.tooNew` when a newer program has been here; `.corrupt` when the schema is somebody else's.
    func migrate() throws(StoreError) -> [PostgresSchema.Migration] {
        do {
            guard try session.query("SELECT current_setting('server_encoding')").text(0, 0) == "UTF8" else {
                throw StoreError(
                    .unavailable,
                    "\(trouble.name) does not keep its texts in UTF-8: make the database anew, as CREATE DATABASE … ENCODING "
                        + "'UTF8' TEMPLATE template0")
            }
            try patiently {
                try session.query(
                    "SELECT pg_advisory_lock($1::integer, 0)", [.integer(PostgresSchema.lockClass)])
            }
            let found = try version()
            guard found <= migrations.last?.version ?? 0 else { throw trouble.upgraded }
            let missing = migrations.filter { $0.version > found }
            for migration in missing { try take(migration) }
            return missing
        } catch {
            throw trouble.explain(error)
        }
    }

    /// The version that the tables are of; 0 where there are none.
    func version() throws -> Int {
        let rows = try session.query(
            """
            SELECT to_regnamespace('rollout') IS NOT NULL, to_regclass('rollout.schema_version') IS NOT NULL
            """)
        guard rows.truth(0, 1) else {
            guard !rows.truth(0, 0) else {
                throw StoreError(
                    .corrupt,
                    "\(trouble.name) has a schema 'rollout' that is not ours; use a database of its own for rollouts")
            }
            return 0
        }
        return Int(try session.query("SELECT max(version) FROM rollout.schema_version").integer(0, 0) ?? 0)
    }

    private func take(_ migration: PostgresSchema.Migration) throws {
        let sql = try PostgresSchema.sql(of: migration)
        try patiently {
            try session.transaction {
                try session.script(sql)
                try session.query(
                    "INSERT INTO rollout.schema_version (version, name, oldest_program) VALUES ($1, $2, $3)",
                    [
                        .integer(Int64(migration.version)), .text(migration.name),
                        .integer(Int64(migration.oldestProgram)),
                    ])
            }
        }
    }

    /// Does it again as long as somebody else holds what it needs.
    private func patiently(_ step: () throws -> Void) throws {
        for attempt in 1...tries {
            do {
                return try step()
            } catch let failure as PostgresFailure where failure.state == "55P03" && attempt < tries {
                usleep(200_000)
            }
        }
    }
}

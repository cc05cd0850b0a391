internal import RolloutEngine

/// What a server has to be like before anything is entrusted to it, asked in each new session.
struct PostgresDemands: Sendable {
    let trouble: PostgresTrouble
    /// The version of the tables that the program works with.
    let version: Int

    /// Demands tables that this program understands.
    ///
    /// - Throws: `.unavailable` with the command that brings them forward; `.tooNew` for those of a newer program.
    func tables(_ session: PostgresSession) throws {
        let exist = try session.query("SELECT to_regclass('rollout.schema_version') IS NOT NULL").truth(0, 0)
        guard exist else {
            throw StoreError(
                .unavailable, "\(trouble.name) has no tables of rollout yet; make them: rollout db migrate --store URL")
        }
        let rows = try session.query("SELECT max(version), max(oldest_program) FROM rollout.schema_version")
        let (found, oldest) = (Int(rows.integer(0, 0) ?? 0), Int(rows.integer(0, 1) ?? 0))
        guard oldest <= version else {
            throw StoreError(
                .tooNew, "\(trouble.name) was brought forward by a newer version of rollout; use that version")
        }
        guard found >= version else {
            throw StoreError(
                .unavailable,
                "\(trouble.name) has tables of version \(found), and this program needs \(version); bring them forward, which "
                    + "also goes while a rollout is driven: rollout db migrate --store URL")
        }
    }

    /// Has commits acknowledged when they are on disk, and reads that back: a setting that did not take is no promise.
    func durability(_ session: PostgresSession) throws {
        let rows = try session.query(
            """
            SELECT set_config('synchronous_commit',
                CASE WHEN current_setting('synchronous_commit') = 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)
            """)
        let asked = rows.text(0, 0) ?? "unknown"
        let found = try session.query(
            """
            SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes')
            """)
        let (commit, sync, pages) = (found.text(0, 0), found.text(0, 1), found.text(0, 2))
        guard commit == asked, ["on", "remote_apply"].contains(asked), sync == "on" else {
            throw StoreError(
                .unavailable,
                "\(trouble.name) would say that something is kept before it is on disk (synchronous_commit is "
                    + "\(commit ?? "unknown"), fsync is \(sync ?? "unknown")): after a power cut, devices would be changed that "
                    + "nobody remembers. Set both to on in postgresql.conf and reload")
        }
        guard pages == "on" else {
            throw StoreError(
                .unavailable,
                "\(trouble.name) may tear pages in a power cut (full_page_writes is \(pages ?? "unknown")); set it to on in "
                    + "postgresql.conf and reload")
        }
    }

    /// Sees to it that there is a reserve for when the disk is full. Without it no new work starts, and that is said then.
    func reserve(_ session: PostgresSession) throws {
        do throws(PostgresFailure) {
            try session.query("SELECT rollout.lay_down_reserve()")
        } catch  where error.state == "53100" {}
    }

    /// Samples may be lost with power.
    func haste(_ session: PostgresSession) throws {
        try session.query("SELECT set_config('synchronous_commit', 'off', false)")
    }
}

internal import GRDB

/// The tables of the journal, as migrations. A migration that was shipped is never edited: later ones follow it.
enum JournalSchema {
    /// `rllt` in ASCII, written into the file's header: tells our files from other programs' databases.
    static let applicationID: Int32 = 0x726c_6c74

    /// Every migration, oldest first.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 journal") { try $0.execute(sql: first) }
        return migrator
    }

    /// Instants are milliseconds since 1970. Facts can only be added: triggers refuse anything else, whoever tries.
    private static let first = """
        PRAGMA application_id = \(applicationID);

        CREATE TABLE plans (
            id INTEGER PRIMARY KEY,
            digest TEXT NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;
        CREATE INDEX plans_by_digest ON plans (digest);

        CREATE TABLE rollouts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            plan INTEGER NOT NULL REFERENCES plans,
            plan_digest TEXT NOT NULL,
            title TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            last_fence INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE TABLE entries (
            rollout INTEGER NOT NULL REFERENCES rollouts,
            sequence INTEGER NOT NULL,
            at INTEGER NOT NULL,
            fence INTEGER NOT NULL,
            kind TEXT NOT NULL,
            device TEXT,
            fact TEXT NOT NULL,
            PRIMARY KEY (rollout, sequence)
        ) STRICT;
        CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
            BEGIN SELECT RAISE(ABORT, 'facts of the journal are never changed'); END;
        CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
            BEGIN SELECT RAISE(ABORT, 'facts of the journal are never removed'); END;

        CREATE TABLE leases (
            rollout INTEGER PRIMARY KEY REFERENCES rollouts,
            holder TEXT NOT NULL,
            fence INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE claims (
            kind TEXT NOT NULL,
            value TEXT NOT NULL,
            rollout INTEGER NOT NULL REFERENCES rollouts,
            device TEXT NOT NULL,
            PRIMARY KEY (kind, value, rollout, device)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE samples (
            id INTEGER PRIMARY KEY,
            rollout INTEGER NOT NULL REFERENCES rollouts,
            at INTEGER NOT NULL,
            is_link INTEGER NOT NULL,
            subject TEXT NOT NULL,
            uptime INTEGER,
            engine_boots INTEGER,
            engine_time INTEGER,
            ip_out_discards INTEGER,
            unknown TEXT,
            unknown_detail TEXT
        ) STRICT;
        CREATE INDEX samples_by_time ON samples (rollout, at, id);

        -- Counters hold the 64 bits as they are, so a value over 2^63 reads as a negative number here.
        -- Bit n of wide is set when the nth counter, in the order of the columns, is a Counter64.
        CREATE TABLE readings (
            sample INTEGER NOT NULL REFERENCES samples,
            place INTEGER NOT NULL,
            name TEXT NOT NULL,
            if_index INTEGER,
            in_octets INTEGER,
            out_octets INTEGER,
            in_errors INTEGER,
            out_errors INTEGER,
            in_discards INTEGER,
            out_discards INTEGER,
            wide INTEGER NOT NULL,
            oper_status INTEGER,
            high_speed INTEGER,
            discontinuity INTEGER,
            unknown TEXT,
            unknown_detail TEXT,
            PRIMARY KEY (sample, place)
        ) STRICT, WITHOUT ROWID;
        """
}

internal import GRDB

/// The tables of the journal, as migrations. A migration that was shipped is never edited: later ones follow it.
enum JournalSchema {
    /// `rllt` in ASCII, written into the file's header: tells our files from other programs' databases.
    static let applicationID: Int32 = 0x726c_6c74

    /// The version that this program writes: the number of its last migration. Kept in the file's header (user_version), where
    /// each transaction looks; 0 there stands for the first.
    static let newest = 4

    /// Every migration up to a version, oldest first.
    ///
    /// - Parameter backUp: Called within the transaction of each migration that changes tables with something in them, before it
    ///   changes anything: nobody writes meanwhile.
    static func migrator(
        upTo version: Int, backUp: @escaping @Sendable (_ database: Database, _ version: Int) throws -> Void
    ) -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 journal") { try $0.execute(sql: first) }
        guard version > 1 else { return migrator }
        migrator.registerMigration("2 objects and probes") { database in
            if try Int.fetchOne(database, sql: "SELECT 1 FROM rollouts LIMIT 1") != nil { try backUp(database, 2) }
            try database.execute(sql: second)
        }
        guard version > 2 else { return migrator }
        // Nothing that is there changes, so nothing is copied.
        migrator.registerMigration("3 snapshots") { try $0.execute(sql: third) }
        guard version > 3 else { return migrator }
        migrator.registerMigration("4 service journal") { try $0.execute(sql: fourth) }
        return migrator
    }

    /// A function that connections of this version have and older programs lack, used by triggers: what an older program that has
    /// the file open would write from its older point of view is refused by SQLite, under this name.
    static func admission(of version: Int) -> DatabaseFunction {
        DatabaseFunction(admissionName, argumentCount: 1, pure: true) { values in
            values.first.flatMap { Int.fromDatabaseValue($0) }.map { version >= $0 } ?? false
        }
    }

    private static let admissionName = "store_was_upgraded_by_a_newer_rollout"

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

    /// Readings of objects beside interfaces, and samples of others than devices and links.
    private static let second = """
        PRAGMA user_version = 2;

        -- 0 a device, 1 a link, 2 a probe by the name of its gate, 3 the queues of a device.
        ALTER TABLE samples RENAME COLUMN is_link TO subject_kind;
        ALTER TABLE readings ADD COLUMN last_change INTEGER;

        -- kind: counter32, counter64, gauge, state; NULL where there is no value. A gauge without a level is not a number.
        CREATE TABLE object_readings (
            sample INTEGER NOT NULL REFERENCES samples,
            place INTEGER NOT NULL,
            name TEXT NOT NULL,
            instance TEXT NOT NULL,
            kind TEXT,
            whole INTEGER,
            level REAL,
            unknown TEXT,
            unknown_detail TEXT,
            PRIMARY KEY (sample, place)
        ) STRICT, WITHOUT ROWID;

        """
        + ["rollouts", "entries", "leases", "claims", "samples"].map { table in
            """
            CREATE TRIGGER \(table)_need_version_2 BEFORE INSERT ON \(table) WHEN NOT \(admissionName)(2)
                BEGIN SELECT RAISE(ABORT, 'this store was upgraded by a newer version of rollout'); END;

            """
        }.joined()
    /// What facts come to, kept so that not all of them have to be read again. Anything here can be thrown away.
    private static let third = """
        PRAGMA user_version = 3;

        CREATE TABLE snapshots (
            rollout INTEGER PRIMARY KEY REFERENCES rollouts,
            sequence INTEGER NOT NULL,
            version INTEGER NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;
        """

    /// What is said of no single rollout. Like facts, entries can only be added.
    private static let fourth = """
        PRAGMA user_version = 4;

        CREATE TABLE service_entries (
            sequence INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            said_by TEXT NOT NULL,
            reason TEXT,
            kind TEXT NOT NULL,
            fact TEXT NOT NULL,
            chain TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER service_entries_never_change BEFORE UPDATE ON service_entries
            BEGIN SELECT RAISE(ABORT, 'entries of the service journal are never changed'); END;
        CREATE TRIGGER service_entries_never_go BEFORE DELETE ON service_entries
            BEGIN SELECT RAISE(ABORT, 'entries of the service journal are never removed'); END;
        """
}

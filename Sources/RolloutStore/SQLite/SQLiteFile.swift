internal import Foundation
internal import GRDB
internal import RolloutEngine
internal import Synchronization

/// The store's file, open: a single connection in WAL mode whose commits are on disk before they return.
///
/// Other processes may have the same file open. Transactions that write begin with the write lock (BEGIN IMMEDIATE), so
/// what they read before they write cannot change in between.
final class SQLiteFile: Sendable {
    let trouble: StoreTrouble
    private let queue: DatabaseQueue
    private let reserve: DiskReserve
    /// Set for good when the disk refused to say that a commit reached it.
    private let doubt = Mutex<StoreError?>(nil)
    /// Which file was opened; a path may come to mean another.
    private let identity: FileIdentity?
    /// The version of the tables that this program works with.
    private let version: Int

    /// Opens the file at `path`; creates it (0600) and its folder (0700) where missing, and brings its tables up to `version`.
    ///
    /// - Parameter version: For tests, which play older programs.
    init(path: String, version: Int = JournalSchema.newest) throws(StoreError) {
        self.version = version
        trouble = StoreTrouble(path: path)
        reserve = DiskReserve(beside: path)
        do {
            try Self.prepareFolder(of: path)
            let lock = try FolderLock(of: path)
            defer { lock.release() }
            do {
                queue = try Self.open(path, version, trouble)
            } catch  where trouble.explain(error).code == .full && reserve.release() {
                // Even reading needs a little room for the index beside the file.
                queue = try Self.open(path, version, trouble)
            }
            try Self.upgrade(queue, to: version, trouble)
            _ = reserve.layDown()
            identity = FileIdentity(of: path)
        } catch {
            throw trouble.explain(error)
        }
    }

    /// Runs a transaction to its end and reports once it is on disk. The caller's cancellation does not tear it.
    ///
    /// With `essential`, a full disk gives up the reserve rather than the transaction. Without, nothing is written unless
    /// the reserve is there: no new work may use up the room that its outcome will need.
    func write<Value: Sendable>(
        essential: Bool, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { database in
                continuation.resume(returning: self.commit(essential, body, on: database))
            }
        }
        return try result.get()
    }

    /// Reads from one consistent state of the store.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(StoreError) -> Value
    {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { database in
                do {
                    continuation.resume(returning: .success(try self.transact(.deferred, body, on: database)))
                } catch {
                    continuation.resume(returning: .failure(self.trouble.explain(error)))
                }
            }
        }
        return try result.get()
    }

    /// The same on this thread, for who reads part by part between other work that waits.
    func readHere<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try queue.writeWithoutTransaction { try transact(.deferred, body, on: $0) }
        } catch {
            throw trouble.explain(error)
        }
    }

    /// Closes the connection. Later calls fail.
    func close() throws(StoreError) {
        do { try queue.close() } catch { throw trouble.explain(error) }
    }

    private func commit<Value>(_ essential: Bool, _ body: (Database) throws -> Value, on database: Database)
        -> Result<Value, StoreError>
    {
        if let doubt = doubt.withLock({ $0 }) { return .failure(doubt) }
        // Whatever is written to a file that nobody will open again is lost, and so is what comes of it.
        guard FileIdentity(of: trouble.path) == identity else { return .failure(trouble.replaced) }
        guard essential || reserve.layDown() else { return .failure(trouble.full) }
        do {
            return .success(try transact(.immediate, body, on: database))
        } catch {
            let explained = trouble.explain(error)
            if explained.code == .full, essential, reserve.release() { return commit(true, body, on: database) }
            if trouble.isDoubtful(error) { doubt.withLock { $0 = explained } }
            return .failure(explained)
        }
    }

    private func transact<Value>(
        _ kind: Database.TransactionKind, _ body: (Database) throws -> Value, on database: Database
    ) throws -> Value {
        var value: Value?
        try database.inTransaction(kind) {
            // Another process may have upgraded the file since it was opened here.
            let found = try Int.fetchOne(database.cachedStatement(sql: "PRAGMA user_version")) ?? 0
            guard found <= version else { throw trouble.upgraded }
            value = try body(database)
            return .commit
        }
        guard let value else { throw StoreError(.unavailable, "a transaction ended without its result") }
        return value
    }

    private static func open(_ path: String, _ version: Int, _ trouble: StoreTrouble) throws -> DatabaseQueue {
        var info = stat()
        // SQLite takes what is shorter than its smallest page for empty, and would write over it.
        if stat(path, &info) == 0, (1..<512).contains(info.st_size) {
            throw StoreError(
                .corrupt, "\(path) is no rollout store: it has \(info.st_size) bytes; name another --store")
        }
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.label = "rollout store"
        if version > 1 {
            configuration.prepareDatabase { $0.add(function: JournalSchema.admission(of: version)) }
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { database in
            try refuseStrangers(database, version, trouble)
            try demandDurability(database, trouble)
        }
        return queue
    }

    /// Brings the tables up to date, each step in a transaction of its own. What is in them is copied beside the file first.
    private static func upgrade(_ queue: DatabaseQueue, to version: Int, _ trouble: StoreTrouble) throws {
        let migrator = JournalSchema.migrator(upTo: version) { database, version in
            try StoreBackup(of: trouble.path, before: version).make(while: database)
        }
        if try queue.read(migrator.hasCompletedMigrations) { return }
        try migrator.migrate(queue)
    }

    /// Refuses other programs' databases and those of a newer version, before anything is written.
    private static func refuseStrangers(_ database: Database, _ version: Int, _ trouble: StoreTrouble) throws {
        let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
        let owner = try Int32.fetchOne(database, sql: "PRAGMA application_id")
        guard isEmpty || owner == JournalSchema.applicationID else {
            // A creation that was cut off has the migrator's own table and nothing else.
            let tables = try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
            guard tables == ["grdb_migrations"] else {
                throw StoreError(
                    .corrupt, "\(trouble.path) is a database of another program; name another file with --store")
            }
            return
        }
        let migrator = JournalSchema.migrator(upTo: version) { _, _ in }
        guard !isEmpty, try migrator.hasBeenSuperseded(database) else { return }
        throw StoreError(
            .tooNew, "\(trouble.path) was written by a newer version of rollout; use that version, or another --store")
    }

    /// Sets what makes a commit survive power loss, and reads it back: a setting that did not take is no promise.
    private static func demandDurability(_ database: Database, _ trouble: StoreTrouble) throws {
        var mode = try String.fetchOne(database, sql: "PRAGMA journal_mode")
        if mode != "wal" { mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") }
        try database.execute(sql: "PRAGMA synchronous = FULL")
        let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
        guard mode == "wal", level == 2 else {
            throw StoreError(
                .unavailable,
                "\(trouble.path) cannot be made durable: journal_mode is \(mode ?? "unknown") instead of wal, or "
                    + "synchronous is \(level.map(String.init) ?? "unknown") instead of 2 (FULL); use a local disk")
        }
    }

    /// Creates the folder and the empty file, so that neither is readable for others even for a moment.
    private static func prepareFolder(of path: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError(
                .unavailable, "the folder \(folder) of the store cannot be created: \(error.localizedDescription)")
        }
        // O_EXCL: closing a second descriptor of an open database would drop this process's locks on it.
        let file = Foundation.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if file >= 0 { Foundation.close(file) }
    }
}

/// A file as the system knows it, whatever it is called.
private struct FileIdentity: Equatable {
    private let device: dev_t
    private let number: ino_t

    /// Nil when nothing is there.
    init?(of path: String) {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        (device, number) = (info.st_dev, info.st_ino)
    }
}

/// The exclusive right, among processes, to set up the store in a folder. The system takes it back when a process dies.
private struct FolderLock {
    private let descriptor: Int32

    init(of path: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw StoreError(
                .unavailable, "the folder \(folder) of the store cannot be opened: \(String(cString: strerror(errno)))")
        }
        for _ in 0..<500 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            usleep(10_000)
        }
        close(descriptor)
        throw StoreError(.unavailable, "another process has been setting up \(path) for more than 5s; try again")
    }

    func release() { close(descriptor) }
}

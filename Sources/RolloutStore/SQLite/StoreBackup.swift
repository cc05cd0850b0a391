internal import Foundation
internal import GRDB
internal import RolloutEngine

/// The copy of a store that is kept beside it before its tables are changed: `rollout.db.before-2`.
///
/// It is whole or not there: it is written under another name, synced, and then given its own.
struct StoreBackup: Sendable {
    /// Where the copy is kept.
    let path: String
    private let store: String
    private let version: Int

    /// The copy of a store before its tables are of a version.
    init(of store: String, before version: Int) {
        self.store = store
        self.version = version
        path = "\(store).before-\(version)"
    }

    /// Copies the store as it was last committed.
    ///
    /// - Parameter database: A connection that holds the store's write lock, so that nothing comes in between the copy and the change.
    /// - Throws: `.full` when there is no room for the copy.
    func make(while database: Database) throws {
        let trouble = StoreTrouble(path: store)
        let pages = try UInt64(Int64.fetchOne(database, sql: "PRAGMA page_count") ?? 0)
        let pageSize = try UInt64(Int64.fetchOne(database, sql: "PRAGMA page_size") ?? 0)
        let needed = pages * pageSize + Self.margin
        guard trouble.free >= needed else { throw noRoom(needed, trouble) }
        let draft = path + ".new"
        do {
            // What a killed process left is never taken up.
            unlink(draft)
            let file = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw trouble.cannotCopy(to: draft, errno) }
            close(file)
            // A second connection: SQLite copies nothing within a transaction, and ours keeps everybody else from writing.
            let reader = try DatabaseQueue(path: store)
            try reader.vacuum(into: draft)
            try reader.close()
            try sync(draft, O_RDONLY, trouble)
            guard rename(draft, path) == 0 else { throw trouble.cannotCopy(to: path, errno) }
            try sync((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY, trouble)
        } catch {
            unlink(draft)
            if trouble.explain(error).code == .full { throw noRoom(needed, trouble) }
            throw error
        }
    }

    private func sync(_ path: String, _ flags: Int32, _ trouble: StoreTrouble) throws {
        let file = open(path, flags | O_CLOEXEC)
        guard file >= 0 else { throw trouble.cannotCopy(to: path, errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw trouble.cannotCopy(to: path, errno) }
    }

    private func noRoom(_ needed: UInt64, _ trouble: StoreTrouble) -> StoreError {
        StoreError(
            .full,
            "\(store) has to be upgraded, and there is no room for the copy that is kept first: \(needed / 1024) KiB are "
                + "needed, \(trouble.free / 1024) KiB are free. Nothing was changed; make room there")
    }

    /// What the change itself and the index beside the file need.
    private static let margin: UInt64 = 2 << 20
}

extension StoreTrouble {
    fileprivate func cannotCopy(to path: String, _ number: Int32) -> StoreError {
        StoreError(
            number == ENOSPC ? .full : .unavailable,
            "\(self.path) has to be upgraded, and the copy \(path) that is kept first cannot be written: "
                + "\(String(cString: strerror(number))). Nothing was changed")
    }
}

internal import Foundation
internal import GRDB
internal import RolloutEngine

/// Says what is wrong with a store's file in words that help, from what SQLite or the system answered.
struct StoreTrouble: Sendable {
    /// The store's file.
    let path: String

    /// The path does not lead to the open file any more.
    var replaced: StoreError {
        StoreError(
            .unavailable,
            "\(path) was removed or replaced while it was in use; nothing more is written. Put the file back that was there, "
                + "with its -wal file, before going on")
    }

    /// Another process brought the tables to a version that this one does not know.
    var upgraded: StoreError {
        StoreError(
            .tooNew,
            "\(path) was upgraded by a newer version of rollout while this one was using it; this one writes nothing more. "
                + "Use the newer version: it takes up what is under way")
    }

    /// The same trouble as an error of the port.
    func explain(_ error: any Error) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let error = error as? DatabaseError else { return StoreError(.unavailable, "\(path): \(error)") }
        let said = error.message ?? "no message"
        switch error.resultCode {
        case .SQLITE_FULL:
            return full
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return StoreError(
                .corrupt, "\(path) is damaged or no rollout store (\(said)); restore a backup, or name another --store")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            return StoreError(
                .unavailable,
                "\(path) cannot be opened for writing (\(said)); check that its folder and file are writable for this user"
            )
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return StoreError(
                .unavailable, "\(path) is kept locked by another process for more than 5s (\(said)); try again")
        case .SQLITE_IOERR where free < Self.tooLittle:
            // Growing the shared-memory index on a full disk is reported as an I/O error, not as a full disk.
            return full
        case .SQLITE_IOERR:
            return StoreError(
                .unavailable, "\(path) cannot be read or written: I/O error (\(said)); check the disk before going on")
        case _ where free < Self.tooLittle:
            // A table whose creation did not fit is reported as missing.
            return full
        default:
            return StoreError(.unavailable, "\(path): SQLite says \(said) (\(error.extendedResultCode.rawValue))")
        }
    }

    /// Whether a write may or may not have reached the disk: after that, nothing this process reads back proves anything.
    func isDoubtful(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return [.SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC].contains(error.extendedResultCode)
    }

    /// A value in the file that cannot be read.
    func unreadable(_ what: String, _ reason: String) -> StoreError {
        StoreError(.corrupt, "\(path): \(what) cannot be understood: \(reason); restore a backup")
    }

    /// There is no room on the disk.
    var full: StoreError {
        StoreError(
            .full,
            "\(path): the disk is full, \(free / 1024) KiB are free; make room there. Nothing was written, "
                + "and no new work starts")
    }

    /// Less than one commit and the index need.
    private static let tooLittle: UInt64 = 256 * 1024

    /// Bytes that this user may still write on the disk of the store.
    var free: UInt64 {
        var info = statvfs()
        guard statvfs((path as NSString).deletingLastPathComponent, &info) == 0 else { return .max }
        return UInt64(info.f_bavail) * UInt64(info.f_frsize)
    }
}

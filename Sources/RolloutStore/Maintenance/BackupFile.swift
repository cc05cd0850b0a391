internal import Foundation
internal import RolloutEngine

/// A file that is whole or not there, and never replaces another one.
struct BackupFile: Sendable {
    let path: String

    /// Has a draft written beside the file's place, and gives it its name when it is on disk.
    ///
    /// - Returns: The size in bytes.
    func write(_ fill: (_ draft: String) async throws(StoreError) -> Void) async throws(StoreError) -> Int64 {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw StoreError(.unavailable, "\(path) is there already, and is not overwritten: name another file")
        }
        let draft = "\(path).\(getpid()).new"
        let file = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(draft) }
        defer {
            close(file)
            unlink(draft)
        }
        try await fill(draft)
        // Who wrote it may have replaced it.
        let written = open(draft, O_RDONLY | O_CLOEXEC)
        guard written >= 0 else { throw failure(draft) }
        defer { close(written) }
        var info = stat()
        guard fsync(written) == 0, fstat(written, &info) == 0 else { throw failure(draft) }
        guard link(draft, path) == 0 else { throw failure(path) }
        let folder = open(
            URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
        return Int64(info.st_size)
    }

    private func failure(_ path: String) -> StoreError {
        StoreError(
            errno == ENOSPC ? .full : .unavailable, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}

internal import Foundation

/// A file of 1 MiB beside the store that is given up when the disk is full, so that what already happened to devices can
/// still be written down although nothing new may start.
struct DiskReserve: Sendable {
    /// The reserve's file.
    let path: String

    /// A reserve beside a store's file.
    init(beside store: String) { path = store + "-reserve" }

    /// Sees to it that the reserve is there. False on a disk that is too full for it.
    func layDown() -> Bool {
        var info = stat()
        if stat(path, &info) == 0, info.st_size >= Self.size { return true }
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        // Real blocks, not a hole: a hole would give nothing back.
        if posix_fallocate(file, 0, off_t(Self.size)) == 0 { return true }
        unlink(path)
        return false
    }

    /// Gives the reserve's space back to the disk. False when there was none.
    func release() -> Bool { unlink(path) == 0 }

    private static let size = 1 << 20
}

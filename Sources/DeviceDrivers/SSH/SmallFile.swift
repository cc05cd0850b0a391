import CLinux
import Glibc

/// Files of ours that are read whole: keys, secrets, known hosts.
enum SmallFile {
    /// Why a file could not be read or written.
    struct Failure: Error {
        var path: String
        var reason: String
    }

    /// Far more than any key; a known_hosts file of 100,000 devices is 10 MB.
    static let limit = 64 << 20

    /// The path as it is opened: `~/` is the home folder, relative ones start at `folder`.
    static func resolve(_ path: String, relativeTo folder: String) -> String {
        if path.hasPrefix("/") { return path }
        if path.hasPrefix("~/"), let home = getenv("HOME") { return String(cString: home) + path.dropFirst() }
        return folder + "/" + path
    }

    /// The file's bytes.
    static func read(_ path: String, relativeTo folder: String) throws(Failure) -> [UInt8] {
        let path = resolve(path, relativeTo: folder)
        // Not blocking, so that a FIFO put in the place of a key cannot hang us.
        let fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard fd >= 0 else { throw Failure(path: path, reason: Errno.text(errno)) }
        defer { close(fd) }
        var status = stat()
        guard fstat(fd, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(path: path, reason: "not a file")
        }
        guard status.st_size <= limit else { throw Failure(path: path, reason: "larger than \(limit) bytes") }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: max(512, Int(status.st_size) + 1))
        while true {
            let count = Glibc.read(fd, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(path: path, reason: Errno.text(errno)) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// Replaces a file so that readers see the old or the new one, also after a power cut; readable by its owner only.
    static func replace(_ path: String, with bytes: [UInt8]) throws(Failure) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let temporary = "\(path).\(getpid()).new"
        let fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard fd >= 0 else { throw Failure(path: temporary, reason: Errno.text(errno)) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(fd, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        let isSafe = written == bytes.count && fchmod(fd, 0o600) == 0 && fsync(fd) == 0
        let reason = Errno.text(errno)
        close(fd)
        guard isSafe, rename(temporary, path) == 0 else {
            unlink(temporary)
            throw Failure(path: path, reason: isSafe ? Errno.text(errno) : reason)
        }
        // The rename itself lasts only once its folder is written.
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }
}

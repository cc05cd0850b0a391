import Foundation
import RolloutEngine

/// Writes a file that was not there before: whole or not at all, and never over another one.
enum NewFile {
    /// Writes the bytes beside their place, has them looked at, and only then gives them their name.
    ///
    /// - Parameter prove: Looks at what was read back from the disk; what it throws leaves nothing behind.
    /// - Throws: `CommandFailure` when the file is there already or cannot be written; what `prove` throws.
    static func write<Proof>(_ bytes: [UInt8], to path: String, prove: ([UInt8]) throws -> Proof) throws -> Proof {
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent().path
        guard !FileManager.default.fileExists(atPath: path) else { throw isThere(path) }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.unavailable, "cannot make the folder \(folder): \(error.localizedDescription)")
        }
        // Starts with a dot, so that no reader of the folder takes it for an inventory.
        let beside = "\(folder)/.\(url.lastPathComponent).\(getpid())"
        let descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(beside) }
        defer { unlink(beside) }
        let handle = FileHandle(fileDescriptor: descriptor)
        do {
            try handle.write(contentsOf: Data(bytes))
            try handle.synchronize()
            try handle.close()
        } catch {
            throw CommandFailure(.unavailable, "cannot write \(beside): \(error.localizedDescription)")
        }
        guard let back = FileManager.default.contents(atPath: beside) else { throw failure(beside) }
        let proof = try prove(Array(back))
        // Unlike a rename, a link never replaces what is there.
        guard link(beside, path) == 0 else { throw errno == EEXIST ? isThere(path) : failure(path) }
        return proof
    }

    private static func isThere(_ path: String) -> CommandFailure {
        CommandFailure(
            .badInput, "\(path) is there already, and is not overwritten: name another file, or move it away")
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure(.unavailable, "cannot write \(path): \(String(cString: strerror(errno)))")
    }
}

import Foundation

/// What the machine lets a test do to a disk.
enum Surroundings {
    /// Whether small file systems can be mounted: as root, outside a locked-down container.
    static let canMount: Bool = {
        guard geteuid() == 0, let folder = try? Mount(options: "size=64k") else { return false }
        return folder.isMounted
    }()
}

/// A small file system in memory, unmounted afterwards.
final class Mount {
    let folder: String
    let isMounted: Bool

    init(options: String) throws {
        folder = NSTemporaryDirectory() + "rollout-mount-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        isMounted = mount("tmpfs", folder, "tmpfs", 0, options) == 0
    }

    /// Makes it read-only from now on.
    func makeReadOnly() -> Bool { mount("tmpfs", folder, "tmpfs", UInt(MS_REMOUNT) | UInt(MS_RDONLY), nil) == 0 }

    /// Fills what is left, but for `bytes`.
    func fill(leaving bytes: Int) throws {
        var info = statvfs()
        guard statvfs(folder, &info) == 0 else { throw POSIXError(.EIO) }
        let size = Int(info.f_bavail) * Int(info.f_frsize) - bytes
        try Data(count: max(0, size)).write(to: URL(fileURLWithPath: folder + "/ballast"))
    }

    deinit {
        if isMounted { umount2(folder, Int32(MNT_DETACH)) }
        rmdir(folder)
    }
}

/// A process that appends to a store until it is killed or done.
final class CrashWriter {
    private let process = Process()
    private let pipe = Pipe()

    init(_ store: String, rollout: Int64, fence: Int64, count: Int, asOperator: Bool = false) throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = URL(fileURLWithPath: tests).deletingLastPathComponent()
        process.executableURL = folder.appendingPathComponent("store-crash-writer")
        process.arguments = [store, "\(rollout)", "\(fence)", "\(count)"] + (asOperator ? ["operator"] : [])
        process.standardOutput = pipe
        try process.run()
    }

    /// Ends it as power would: at once, in the middle of whatever it does.
    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// Waits for its end and returns the sequences that it saw acknowledged.
    func acknowledged() -> [Int64] {
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap { Int64($0) }
    }
}

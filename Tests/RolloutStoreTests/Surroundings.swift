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

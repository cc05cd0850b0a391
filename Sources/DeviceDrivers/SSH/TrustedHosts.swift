import CLinux
import Glibc
import Synchronization

/// The known_hosts files in use, each read again only when it changed.
final class TrustedHosts: Sendable {
    /// What is known of one name.
    struct Knowledge: Sendable {
        var file: String
        var name: String
        var lines: [KnownHosts.Line]
    }

    private struct Loaded {
        var stamp: [Int]
        var hosts: KnownHosts
        var hashedMatches: [String: [Int]] = [:]
    }

    private let files = Mutex<[String: Loaded]>([:])

    /// What a file knows of a device; nothing when there is no such file.
    func lookUp(address: String, port: Int, in path: String) throws(SmallFile.Failure) -> Knowledge {
        let name = KnownHosts.name(address: address, port: port)
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw SmallFile.Failure(path: path, reason: Errno.text(errno)) }
            return Knowledge(file: path, name: name, lines: [])
        }
        let stamp = [Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        var loaded = files.withLock { $0[path] }
        if loaded?.stamp != stamp {
            let bytes = try SmallFile.read(path, relativeTo: ".")
            loaded = Loaded(stamp: stamp, hosts: KnownHosts(String(decoding: bytes, as: UTF8.self)))
        }
        guard var loaded else { return Knowledge(file: path, name: name, lines: []) }
        let hashed = loaded.hashedMatches[name] ?? LibSSH2.hashedMatches(name, in: loaded.hosts)
        if !loaded.hosts.hashed.isEmpty { loaded.hashedMatches[name] = hashed }
        files.withLock { [loaded] in $0[path] = loaded }
        return Knowledge(file: path, name: name, lines: loaded.hosts.matches(name, hashedMatches: hashed))
    }
}

import Glibc
public import RolloutEngine

/// A file of trusted host keys in OpenSSH's format, to be shown and to be added to.
public struct HostKeyFile: Sendable {
    /// One line of the file.
    public struct Entry: Hashable, Sendable {
        /// The names as written; a hashed one as its hash.
        public let names: [String]
        /// The key that is known for them.
        public let key: HostKey
        /// Whether the key must never be accepted.
        public let isRevoked: Bool
        /// Its line, from 1.
        public let line: Int
    }

    /// What accepting a key did.
    public enum Acceptance: Hashable, Sendable {
        /// It was there.
        case alreadyTrusted
        /// It was added; nothing had been known of the device.
        case added
        /// It took the place of these.
        case replaced([HostKey])
    }

    /// Where the file is.
    public let path: String

    /// The file at a path; it need not exist.
    public init(path: String) { self.path = path }

    /// The keys in it, in the file's order; none when there is no file.
    ///
    /// - Throws: `DriverError` with `.localSetup` when the file cannot be read.
    public func list() throws(DriverError) -> [Entry] {
        KnownHosts(try read()).lines.map { line in
            Entry(names: line.names, key: line.entry.key, isRevoked: line.isRevoked, line: line.entry.line)
        }
    }

    /// The keys that are trusted for a device.
    ///
    /// - Throws: `DriverError` with `.localSetup` when the file cannot be read.
    public func keys(of address: String, port: Int) throws(DriverError) -> [HostKey] {
        let hosts = KnownHosts(try read())
        let name = KnownHosts.name(address: address, port: port)
        return hosts.matches(name, hashedMatches: LibSSH2.hashedMatches(name, in: hosts))
            .filter { !$0.isRevoked }.map(\.entry.key)
    }

    /// Trusts a key for a device from now on.
    ///
    /// Readers see the old file or the new one, never half of it, and two who accept at once do not lose a line.
    ///
    /// - Parameter replacing: Whether other keys of that device are dropped; without it, they are a reason to refuse.
    /// - Throws: `DriverError` with `.hostKeyChanged` when another key is known and `replacing` is false, or when the key is
    ///   revoked; `.localSetup` when the file cannot be read or written.
    @discardableResult
    public func accept(_ key: HostKey, address: String, port: Int, replacing: Bool = false) throws(DriverError)
        -> Acceptance
    {
        let folder = try lockFolder()
        defer { close(folder) }
        let text = try read()
        let hosts = KnownHosts(text)
        let name = KnownHosts.name(address: address, port: port)
        let matches = hosts.matches(name, hashedMatches: LibSSH2.hashedMatches(name, in: hosts))
        switch KnownHosts.judge(key, by: matches) {
        case .trusted: return .alreadyTrusted
        case .revoked(let line):
            throw DriverError(.hostKeyChanged, "\(path):\(line) revokes this key, \(key.fingerprint)", effect: .none)
        case .unknown:
            try write(text, adding: key, name)
            return .added
        case .changed(let known):
            guard replacing else {
                let lines = known.map { "\($0.type) \($0.fingerprint) at line \($0.line)" }.joined(separator: ", ")
                throw DriverError(
                    .hostKeyChanged, "\(path) has another key for \(name): \(lines); it would have to be replaced",
                    effect: .none)
            }
            try write(try dropping(name, matches, from: text), adding: key, name)
            return .replaced(known.map(\.key))
        }
    }

    /// The text without this name on these lines; revoked keys stay.
    private func dropping(_ name: String, _ matches: [KnownHosts.Line], from text: String) throws(DriverError) -> String
    {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for match in matches.reversed() where !match.isRevoked {
            let index = match.entry.line - 1
            let others = match.names.filter { $0 != name }
            if match.hashedName != nil || others.isEmpty {
                lines.remove(at: index)
            } else if others.count < match.names.count {
                let rest = lines[index].drop { $0 == " " || $0 == "\t" }.drop { $0 != " " && $0 != "\t" }
                lines[index] = others.joined(separator: ",") + rest
            } else {
                throw DriverError(
                    .localSetup,
                    "\(path):\(match.entry.line) trusts a key for a pattern that '\(name)' fits; change it by hand",
                    effect: .none)
            }
        }
        return lines.joined(separator: "\n")
    }

    private func write(_ text: String, adding key: HostKey, _ name: String) throws(DriverError) {
        let separator = text.isEmpty || text.hasSuffix("\n") ? "" : "\n"
        do {
            try SmallFile.replace(
                realPath, with: Array((text + separator + "\(name) \(key.type) \(key.base64)\n").utf8))
        } catch {
            throw DriverError(.localSetup, "known hosts \(error.path): \(error.reason)", effect: .none)
        }
    }

    private func read() throws(DriverError) -> String {
        guard access(path, F_OK) == 0 || errno != ENOENT else { return "" }
        do {
            return String(decoding: try SmallFile.read(path, relativeTo: "."), as: UTF8.self)
        } catch {
            throw DriverError(.localSetup, "known hosts \(error.path): \(error.reason)", effect: .none)
        }
    }

    /// Where a link leads, so that the link is not replaced by a file.
    private var realPath: String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Locks the folder, as the file itself is replaced; makes it when it is not there.
    private func lockFolder() throws(DriverError) -> CInt {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        mkdir(folder, 0o700)
        let fd = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard fd >= 0, flock(fd, LOCK_EX) == 0 else {
            throw DriverError(.localSetup, "known hosts folder \(folder): \(Errno.text(errno))", effect: .none)
        }
        return fd
    }
}

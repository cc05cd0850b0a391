internal import Foundation
internal import Synchronization

/// A real PostgreSQL server of a test's own, reached over a socket in its folder. It can be killed, stopped, frozen and started again,
/// and it ends with the object, or with the process.
public final class PostgresServer: Sendable {
    /// Where its data and its socket are.
    public let folder: String
    /// Its port; it listens there on loopback only if it was asked to.
    public let port: Int
    private let options: [String]
    private let process = Mutex<Process?>(nil)
    private static let programs = "/usr/lib/postgresql/15/bin"

    /// Whether one can be started: as root, who lends it the user `postgres`.
    public static let isAvailable =
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: programs + "/initdb")
        && getpwnam("postgres") != nil

    /// Why a test that needs one is skipped.
    public static let whyNot = "a server of PostgreSQL 15 can only be started as root"

    /// One that all tests of a process share, each with a database of its own.
    public static let shared = Result { try PostgresServer() }

    /// Makes a server and waits until it lets somebody in.
    ///
    /// - Parameters:
    ///   - options: Settings such as `fsync=off`, on its command line.
    ///   - onLoopback: Whether it listens on a free port of 127.0.0.1, too.
    public init(options: [String] = [], onLoopback: Bool = false) throws {
        self.options = options + (onLoopback ? ["listen_addresses=127.0.0.1"] : [])
        port = onLoopback ? try Self.freePort() : 5432
        folder = try Self.makeFolder()
        let creation = try Self.launch(
            ["\(Self.programs)/initdb", "-D", folder + "/data", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8"])
        creation.waitUntilExit()
        try start()
    }

    /// Makes a standby of another server, which streams what that writes. Both are reached over their sockets alone.
    public init(standbyOf primary: PostgresServer) throws {
        (options, port) = (primary.options, primary.port)
        folder = try Self.makeFolder()
        let copying = try Self.launch(
            [
                "\(Self.programs)/pg_basebackup", "-D", folder + "/data", "-h", primary.folder, "-p", "\(primary.port)",
                "--wal-method=stream", "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
            ], output: folder + "/log")
        copying.waitUntilExit()
        try start()
    }

    private static func makeFolder() throws -> String {
        let folder = NSTemporaryDirectory() + "rollout-pg-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try lend(folder)
        Leftovers.shared.add(folder)
        return folder
    }

    deinit {
        stop()
        Leftovers.shared.remove(folder)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Gives a folder to the user that the server runs as.
    public static func lend(_ folder: String) throws {
        guard let user = getpwnam("postgres"), chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
            throw POSIXError(.EPERM)
        }
    }

    // MARK: Its life

    /// Starts it, and waits until it lets somebody in.
    public func start() throws {
        var words = [
            "\(Self.programs)/postgres", "-D", folder + "/data", "-k", folder, "-p", "\(port)", "-c",
            "listen_addresses=",
        ]
        for option in ["max_connections=300", "deadlock_timeout=200ms"] + options { words += ["-c", option] }
        let started = try Self.launch(words, output: folder + "/log")
        process.withLock { $0 = started }
        Leftovers.shared.add(folder, started.processIdentifier)
        // Its socket is there before it lets anybody in, and after a crash it recovers first.
        for _ in 0..<1200 {
            if try isReady() { return }
            guard started.isRunning else { throw POSIXError(.ECHILD) }
            usleep(25_000)
        }
        throw POSIXError(.ETIMEDOUT)
    }

    /// Has a standby take over, and waits until it can be written to.
    public func promote() throws { try sql("SELECT pg_promote(true, 60)") }

    /// Shuts it down at once, but cleanly.
    public func stop() { end { kill($0, SIGINT) } }

    /// Kills all of its processes at once, as a power cut would.
    public func crash() {
        end { server in for each in [server] + Self.children(of: server) { kill(each, SIGKILL) } }
    }

    /// Has all of its processes stand still.
    public func freeze() { signal(SIGSTOP) }

    /// Has them go on.
    public func thaw() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        guard let server = process.withLock({ $0?.processIdentifier }) else { return }
        for each in [server] + Self.children(of: server) { kill(each, number) }
    }

    private func end(_ how: (pid_t) -> Void) {
        guard let server = process.withLock({ $0.take() }) else { return }
        if server.isRunning { how(server.processIdentifier) }
        server.waitUntilExit()
    }

    private func isReady() throws -> Bool {
        let question = try Self.launch(["\(Self.programs)/pg_isready", "-q", "-h", folder, "-p", "\(port)", "-t", "5"])
        question.waitUntilExit()
        return question.terminationStatus == 0
    }

    // MARK: What is in it

    /// Makes an empty database.
    ///
    /// - Returns: Its URL.
    public func makeDatabase(_ clause: String = "") throws -> String {
        let name = "t" + UUID().uuidString.lowercased().replacing("-", with: "")
        try sql("CREATE DATABASE \(name) \(clause)")
        return url(of: name)
    }

    /// The URL of a database for a user.
    public func url(of database: String, user: String = "postgres") -> String {
        "postgres://\(user)@/\(database)?host=\(folder)&port=\(port)"
    }

    /// Runs SQL as the superuser through psql, and gives what it prints, without decoration.
    @discardableResult
    public func sql(_ text: String, in url: String? = nil) throws -> String {
        let words = [
            "/usr/bin/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url ?? self.url(of: "postgres"),
        ]
        let process = Process()
        let (output, input) = (Pipe(), Pipe())
        Self.prepare(process, words)
        process.standardOutput = output
        process.standardError = output
        process.standardInput = input
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Refusal(said: said) }
        return said.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What psql said of SQL that failed.
    public struct Refusal: Error, CustomStringConvertible {
        /// In its words.
        public let said: String
        /// The same.
        public var description: String { said }
    }

    // MARK: Processes

    private static func freePort() throws -> Int {
        let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(probe) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(probe, $0, size) == 0 && getsockname(probe, $0, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func launch(_ words: [String], output: String? = nil) throws -> Process {
        let process = Process()
        prepare(process, words)
        if let output {
            if !FileManager.default.fileExists(atPath: output) {
                _ = FileManager.default.createFile(atPath: output, contents: nil)
            }
            let file = FileHandle(forWritingAtPath: output) ?? .nullDevice
            file.seekToEndOfFile()
            process.standardOutput = file
            process.standardError = file
        }
        try process.run()
        return process
    }

    private static func prepare(_ process: Process, _ words: [String]) {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        process.arguments = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] + words
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
    }

    private static func children(of server: pid_t) -> [pid_t] {
        let list = try? String(contentsOfFile: "/proc/\(server)/task/\(server)/children", encoding: .utf8)
        return (list ?? "").split(separator: " ").compactMap { pid_t($0) }
    }
}

/// Servers that live as long as the process: nobody lets go of what is shared, so their end is seen to when it leaves.
private final class Leftovers: Sendable {
    static let shared = Leftovers()
    private let servers = Mutex<[String: pid_t]>([:])

    private init() {
        atexit {
            for (folder, server) in Leftovers.shared.servers.withLock(\.self) {
                if server > 0 {
                    kill(server, SIGINT)
                    for _ in 0..<200 where kill(server, 0) == 0 && waitpid(server, nil, WNOHANG) == 0 { usleep(25_000) }
                }
                try? FileManager.default.removeItem(atPath: folder)
            }
        }
    }

    func add(_ folder: String, _ server: pid_t = 0) { servers.withLock { $0[folder] = server } }
    func remove(_ folder: String) { servers.withLock { $0[folder] = nil } }
}

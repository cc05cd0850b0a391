import DeviceDrivers
import Foundation
import Glibc
import RolloutEngine

/// A real sshd on loopback with keys and files in a folder of its own. Ends with this object.
final class RealServer: Sendable {
    static let isPossible = Tool.path("sshd") != nil && Tool.path("ssh-keygen") != nil

    let folder: String
    let port: Int
    private let pid: pid_t

    var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }
    var knownHosts: String { folder + "/known_hosts" }
    /// Lines of sshd's log that tell of an attempt to authenticate.
    var authenticationAttempts: [String] {
        log.split(separator: "\n").map(String.init).filter {
            $0.contains("Failed ") || $0.contains("Accepted ") || $0.contains("userauth-request")
        }
    }

    /// Starts a server and writes a known_hosts file that trusts it.
    init(_ extra: [String] = [], hostKeys: [String] = ["ed25519"], prefix: [String] = []) throws {
        folder = NSTemporaryDirectory() + "rollout-ssh-\(UUID().uuidString)"
        let folder = folder
        try FileManager.default.createDirectory(atPath: folder + "/scratch", withIntermediateDirectories: true)
        chmod(folder, 0o755)
        chmod(folder + "/scratch", 0o777)
        if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
        for type in hostKeys {
            try Tool.run("ssh-keygen", "-q", "-t", type, "-N", "", "-C", "", "-f", "\(folder)/host_\(type)")
        }
        try Tool.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "\(folder)/user")
        try FileManager.default.copyItem(atPath: "\(folder)/user.pub", toPath: "\(folder)/authorized")
        chmod("\(folder)/authorized", 0o644)
        var started: (pid: pid_t, port: Int)?
        // Another test may take the port that was just free.
        for _ in 0..<5 where started == nil {
            let port = Self.freePort()
            let lines =
                extra + hostKeys.map { "HostKey \(folder)/host_\($0)" } + [
                    "Port \(port)", "ListenAddress 127.0.0.1", "PidFile \(folder)/pid",
                    "AuthorizedKeysFile \(folder)/authorized",
                    "StrictModes no", "UsePAM no", "UseDNS no", "PermitRootLogin yes", "MaxStartups 1000:30:2000",
                    "PerSourceMaxStartups none", "LogLevel DEBUG2", "PrintMotd no", "PrintLastLog no",
                ]
            try lines.joined(separator: "\n").write(toFile: "\(folder)/config", atomically: true, encoding: .utf8)
            started = try Self.start(prefix, in: folder).map { ($0, port) }
        }
        guard let started else {
            throw Tool.Failure(
                command: prefix + ["sshd"],
                output: (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "")
        }
        (pid, port) = started
        let keys = try hostKeys.map { try publicKey("host_\($0)") }
        try trust(keys, as: "[127.0.0.1]:\(port)")
    }

    /// Starts sshd with the configuration in a folder; nil when its port was taken.
    private static func start(_ prefix: [String], in folder: String) throws -> pid_t? {
        let command = prefix + [Tool.path("sshd") ?? "sshd"] + ["-f", "\(folder)/config", "-E", "\(folder)/log"]
        try? FileManager.default.removeItem(atPath: "\(folder)/log")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        for _ in 0..<1_500 {
            let found = (try? String(contentsOfFile: "\(folder)/pid", encoding: .utf8)).flatMap {
                pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines))
            }
            if let found { return found }
            let log = (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? ""
            if log.contains("Cannot bind any address") { return nil }
            usleep(20_000)
        }
        return nil
    }

    deinit { stop() }

    /// Ends the server; sessions that it has already forked live on.
    func stop() {
        kill(pid, SIGTERM)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// `type base64` of a key that was made in the folder.
    func publicKey(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(name).pub", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Writes the known_hosts file anew.
    func trust(_ keys: [String], as name: String) throws {
        let text = keys.map { "\(name) \($0)\n" }.joined()
        try text.write(toFile: knownHosts, atomically: true, encoding: .utf8)
    }

    /// Lets the same user through a jump device, and trusts both.
    ///
    /// - Returns: The lines of the known_hosts file: ours, and the jump device's.
    func trust(behind gate: RealServer) throws -> [String] {
        try Tool.run("cp", "\(folder)/authorized", "\(gate.folder)/authorized")
        let lines = try [self, gate].map { "[127.0.0.1]:\($0.port) \(try $0.publicKey("host_ed25519"))" }
        try (lines.joined(separator: "\n") + "\n").write(toFile: knownHosts, atomically: true, encoding: .utf8)
        return lines
    }

    /// The server as a device, reached with its own user key.
    func device(_ change: (inout SSHSettings) -> Void = { _ in }) -> Device {
        var settings = SSHSettings(
            port: port, user: ThrowawayAccount.name, keyFile: folder + "/user", knownHosts: knownHosts)
        change(&settings)
        return Device(
            name: DeviceName("eco-01"), address: "127.0.0.1", platform: PlatformName("linux"), range: RangeName("eco"),
            datacentre: DatacentreName("gra"), ssh: settings)
    }

    static func freePort() -> Int {
        let fd = socket(AF_INET, 1, 0)
        defer { close(fd) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(fd, raw, size)
                getsockname(fd, raw, &size)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }
}

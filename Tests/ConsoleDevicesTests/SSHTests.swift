import ConsoleDevices
import Foundation
import Testing

private let isInstalled = ["/usr/sbin/sshd", "/usr/bin/ssh", "/usr/bin/ssh-keygen"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: $0)
}

/// A device behind a real sshd, reached by a real ssh. The server talks over the client's pipe: it needs no port.
@Suite(.enabled(if: isInstalled, "needs sshd and ssh"))
struct SSHTests {
    private let path = NSTemporaryDirectory() + "console-ssh-\(UUID().uuidString)"

    private func run(_ program: String, _ arguments: [String], typing text: String = "") throws -> (
        said: String, status: Int32
    ) {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (said, process.terminationStatus)
    }

    /// Keys, and a server whose every session is the device's.
    private func setUp() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        // Where sshd gives up its rights, if it has any.
        try? FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        for key in ["host", "user"] {
            _ = try run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(path)/\(key)"])
        }
        try """
        HostKey \(path)/host
        AuthorizedKeysFile \(path)/user.pub
        StrictModes no
        UsePAM no
        PermitRootLogin yes
        ForceCommand \(try ConsoleProcess.program()) \(path)/device

        """.write(toFile: "\(path)/sshd.conf", atomically: true, encoding: .utf8)
    }

    private func ssh(_ words: String..., typing text: String = "") throws -> (said: String, status: Int32) {
        let options = [
            "ProxyCommand=/usr/sbin/sshd -i -f \(path)/sshd.conf -E \(path)/log", "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes",
        ]
        return try run("/usr/bin/ssh", options.flatMap { ["-o", $0] } + ["-i", "\(path)/user"] + words, typing: text)
    }

    @Test func aDialogueAndSingleCommandsReachTheDevice() throws {
        try setUp()
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try ConsoleFolder.make("\(path)/device", device: Bench.device(.juniperJunos))
        let dialogue = try ssh(
            "-tt", "device", typing: "configure\rset system domain-name seen\rcommit and-quit\rexit\r")
        // Who logged in is who the device knows.
        let end = "commit complete\r\nExiting configuration mode\r\n\(NSUserName())@edge-1> exit\r\n"
        #expect(dialogue.said.contains(end), "\(dialogue.said)")
        #expect(dialogue.status == 0)
        let shown = try ssh("device", "show configuration system domain-name")
        #expect(shown.said == "domain-name seen;\n")
        #expect(shown.status == 0)
        #expect(try ssh("device", "show nonsense").status == 1)
    }
}

import Foundation
import RolloutEngine
import Synchronization

/// One connection of the program `ssh`, on which commands are run one after another.
final class OpenSSHSession: CommandSession {
    let line: OpenSSHCommandLine
    let device: Device
    let peer: SSHError.Peer
    private let outputLimit: Int
    /// Why nothing can be run any more.
    private let closed = Mutex<String?>(nil)

    init(_ line: OpenSSHCommandLine, _ device: Device, _ peer: SSHError.Peer, _ outputLimit: Int) {
        self.line = line
        self.device = device
        self.peer = peer
        self.outputLimit = outputLimit
    }

    /// Whoever forgets it ends it all the same, a little later.
    deinit {
        guard closed.withLock({ $0 }) == nil else { return }
        let (line, device) = (line, device)
        Task.detached { await Self.end(line, device) }
    }

    func run(_ command: String, input: [UInt8], within limit: Timespan) async throws(DriverError) -> CommandResult {
        if let reason = closed.withLock({ $0 }) {
            throw SSHError.closed(peer: peer, reason: reason).driverError(effect: .none)
        }
        try? FileManager.default.removeItem(atPath: line.commandLog)
        let ending = await ChildProcess.run(
            line.running(command, on: device), input: input, within: Int(limit.milliseconds), limit: outputLimit,
            keepsErrors: true)
        let trouble: SSHError
        switch ending {
        case .exited(let status, let output, let errors):
            // 255 is ssh's own for trouble, and may be the command's: what ssh heard of the command tells them apart.
            if status != 255 || saysThatCommandEnded {
                return CommandResult(status: status, output: output, errors: errors)
            }
            trouble =
                Self.isAlive(line)
                ? .noExitStatus(peer: peer)
                : .lost(peer: peer, step: "running a command", reason: "OpenSSH lost the connection")
        case .signalled(let signal):
            trouble = .lost(peer: peer, step: "running a command", reason: "ssh was ended by signal \(signal)")
        case .tookTooLong: trouble = .timeout(peer: peer, step: "running a command", limit: limit)
        case .saidTooMuch: trouble = .outputTooLarge(peer: peer, limit: outputLimit)
        case .notStarted(let why):
            throw DriverError(.localSetup, why, effect: .none)
        }
        let error = trouble.driverError(effect: .possible)
        await end("an earlier command failed: \(error.message)")
        throw error
    }

    func close() async { await end("it was closed") }

    /// Ends the connection and takes its folder away. The process that holds it answers at once, or is gone.
    private func end(_ reason: String) async {
        let isFirst = closed.withLock { closed in
            defer { closed = closed ?? reason }
            return closed == nil
        }
        guard isFirst else { return }
        await Self.end(line, device)
    }

    private static func end(_ line: OpenSSHCommandLine, _ device: Device) async {
        if isAlive(line) { _ = await ChildProcess.run(line.ending(on: device), within: 2000, limit: 1 << 16) }
        // What it takes away itself at this very moment makes an attempt fail.
        for _ in 0..<10 where FileManager.default.fileExists(atPath: line.folder) {
            try? FileManager.default.removeItem(atPath: line.folder)
        }
    }

    /// Whether the connection's process still listens.
    private static func isAlive(_ line: OpenSSHCommandLine) -> Bool {
        FileManager.default.fileExists(atPath: line.socket)
    }

    /// In the words of OpenSSH's mux.c, since 5.1.
    private var saysThatCommandEnded: Bool { Self.text(line.commandLog).contains("Received exit status from master") }

    /// In the words of OpenSSH's mux.c, since 5.1.
    var saysThatSessionIsOpen: Bool { Self.text(line.commandLog).contains("master session id: ") }

    /// SSH_MSG_CHANNEL_FAILURE (RFC 4254, 5.4), of which it tells nobody in its own words.
    var saysThatItWasRefused: Bool { Self.text(line.connectionLog).contains("status_confirm: type 100 ") }

    /// What it said for people, of the connection and of the last command.
    ///
    /// - Parameter words: What it said where it says such things.
    func complaints(after words: String) -> String {
        OpenSSHLog(Self.text(line.commandLog) + "\n" + Self.text(line.connectionLog), complaint: words).words
    }

    /// What a log holds, whatever bytes a device had it write.
    static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}

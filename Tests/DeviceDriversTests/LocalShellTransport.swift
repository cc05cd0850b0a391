import DeviceDrivers
import Foundation
import RolloutEngine
import Synchronization

/// Runs commands on this machine, in a network namespace if there is one: the device is real, only the wire is missing.
///
/// The wire can be broken at any command.
struct LocalShellTransport: CommandTransport {
    /// What befalls a command.
    enum Fault: Hashable, Sendable {
        /// The connection is gone before the command arrives.
        case lostBefore
        /// The command is certainly not sent, as when no channel can be opened for it.
        case notSent
        /// The command runs to its end, but its answer never arrives.
        case lostAfter
        /// The shell is fed the first part of its input only: that many bytes, counted from the end when negative.
        case inputCut(Int)
        /// Only the first part of the answer arrives: that many bytes, counted from the end when negative.
        case outputCut(Int)
        /// The shell is killed after that many milliseconds.
        case killed(Int)
    }

    /// How the shell is started instead of plainly; `/bin/sh -s` stands in it as `SHELL`.
    var wrapping = "SHELL"
    /// The shell.
    var shell = "/bin/sh"
    /// What befalls the command with this number, from 0.
    var faults: [Int: Fault] = [:]
    /// Counts commands over all sessions, and keeps what was sent.
    let log = CommandLog()

    final class CommandLog: Sendable {
        private let inputs = Mutex<[String]>([])
        var sent: [String] { inputs.withLock { $0 } }
        func next(_ input: [UInt8]) -> Int {
            inputs.withLock {
                $0.append(String(decoding: input, as: UTF8.self))
                return $0.count - 1
            }
        }
    }

    /// In a network namespace. What starts with the machine is hidden from it: no device of a test may have this machine do
    /// anything when it starts.
    static func inNamespace(_ name: String) -> Self {
        inNamespace(
            name, prepared: "for place in /run/systemd /etc/cron.d; do mount -t tmpfs none $place; done 2>/dev/null")
    }

    /// In a network namespace, and with file systems of its own that a command without single quotes has prepared.
    static func inNamespace(_ name: String, prepared: String) -> Self {
        Self(wrapping: "exec ip netns exec \(name) sh -c '\(prepared); exec SHELL'")
    }

    func connect(to device: Device, within limit: Timespan) async throws(DriverError) -> any CommandSession {
        Session(transport: self)
    }

    private struct Session: CommandSession {
        let transport: LocalShellTransport

        func run(_ command: String, input: [UInt8], within limit: Timespan) async throws(DriverError) -> CommandResult {
            let lost = DriverError(.connectionLost, "the wire was cut", effect: .possible)
            let fault = transport.faults[transport.log.next(input)]
            var fed = input
            var milliseconds = Int(limit.milliseconds)
            switch fault {
            case .lostBefore: throw lost
            case .notSent: throw DriverError(.connectionLost, "no channel", effect: .none)
            case .inputCut(let count): fed = Array(input.prefix(count < 0 ? max(0, input.count + count) : count))
            case .killed(let after): milliseconds = after
            case .lostAfter, .outputCut, nil: break
            }
            let inner = command.replacing("/bin/sh", with: transport.shell)
            let line = transport.wrapping.replacing("SHELL", with: inner)
            // A shell whose time is over lives on when nobody kills it, as it does behind sshd.
            var isKilled = false
            if case .killed = fault { isKilled = true }
            let ran = await LocalShell.run(line, input: fed, milliseconds: milliseconds, killing: isKilled)
            guard let result = ran else {
                throw fault == nil ? DriverError(.timeout, "no end within \(limit)", effect: .possible) : lost
            }
            switch fault {
            case .lostAfter, .inputCut, .killed: throw lost
            case .outputCut(let count):
                let length = count < 0 ? max(0, result.output.count + count) : count
                return CommandResult(status: 255, output: Array(result.output.prefix(length)), errors: [])
            case .lostBefore, .notSent, nil: return result
            }
        }

        func close() async {}
    }
}

/// A shell on this machine.
enum LocalShell {
    /// Runs a command line to its end; nil when it took longer, and was killed if so wanted.
    ///
    /// As sshd does, it waits for the shell alone and not for what the shell left behind; `Process` would.
    static func run(_ line: String, input: [UInt8] = [], milliseconds: Int = 20_000, killing: Bool = true)
        async -> CommandResult?
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-shell-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        func file(_ name: String) -> String { folder.appending(path: name).path }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(input).write(to: URL(filePath: file("in")))
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_addopen(&actions, 0, file("in"), O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 1, file("out"), O_WRONLY | O_CREAT, 0o600)
            posix_spawn_file_actions_addopen(&actions, 2, file("err"), O_WRONLY | O_CREAT, 0o600)
            var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup(line), nil]
            defer { for argument in arguments { free(argument) } }
            var pid = pid_t()
            guard posix_spawn(&pid, "/bin/sh", &actions, nil, &arguments, environ) == 0 else { return nil }
            let deadline = ContinuousClock.now + .milliseconds(milliseconds)
            var status: Int32 = 0
            while waitpid(pid, &status, WNOHANG) == 0 {
                if ContinuousClock.now > deadline {
                    guard killing else { return nil }
                    kill(pid, SIGKILL)
                    waitpid(pid, &status, 0)
                    return nil
                }
                try? await Task.sleep(for: .milliseconds(5))
            }
            return CommandResult(
                status: status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F),
                output: Array(try Data(contentsOf: URL(filePath: file("out")))),
                errors: Array(try Data(contentsOf: URL(filePath: file("err")))))
        } catch {
            return CommandResult(status: 255, output: [], errors: Array("\(error)".utf8))
        }
    }
}

import Foundation

/// The program itself, run as a person would, with a state folder of its own, and at its most talkative: what it says then is
/// searched for secrets.
struct RolloutProgram {
    let state: String
    /// What is set in its environment beside the usual.
    var environment: [String: String] = [:]
    /// A command that then becomes the program, as `unshare` does; it is found in the usual places.
    var via: [String] = []

    /// What one run printed, and how it ended.
    struct Ending {
        var code: Int32
        var output: String
    }

    /// Starts it and leaves it running; both streams go to a file.
    func start(_ arguments: [String]) throws -> Running {
        let log = "\(state)/\(UUID().uuidString).log"
        guard FileManager.default.createFile(atPath: log, contents: nil), let file = FileHandle(forWritingAtPath: log)
        else { throw CocoaError(.fileWriteUnknown) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = via + [try Self.built("rollout").path] + arguments + Self.trace(arguments)
        process.environment = ProcessInfo.processInfo.environment.merging(["XDG_STATE_HOME": state]) { $1 }
            .merging(environment) { $1 }
        process.standardOutput = file
        process.standardError = file
        try process.run()
        return Running(process: process, log: log)
    }

    /// What makes it say all it knows; not where a machine reads what it prints.
    private static func trace(_ arguments: [String]) -> [String] {
        arguments.contains { $0 == "--json" || $0.hasPrefix("-v") } ? [] : ["-vvv"]
    }

    /// Something that was built: it lies beside the tests' own program.
    static func built(_ name: String) throws -> URL {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: name)
    }

    /// Runs it to its end.
    func run(_ arguments: String...) async throws -> Ending { try await start(arguments).wait() }

    /// One run that goes on.
    struct Running: Sendable {
        let process: Process
        let log: String

        /// What it printed so far.
        var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

        /// Waits for its end; Foundation's own way to wait takes a core.
        func wait() async -> Ending {
            while process.isRunning { try? await Task.sleep(for: .milliseconds(20)) }
            return Ending(code: process.terminationStatus, output: output)
        }

        /// Ends it at once, in the middle of whatever it does.
        func kill() async -> Ending {
            Foundation.kill(process.processIdentifier, SIGKILL)
            return await wait()
        }

        /// Waits until it printed something, or ended.
        func prints(_ text: String) async throws {
            while process.isRunning, !output.contains(text) { try await Task.sleep(for: .milliseconds(50)) }
        }
    }
}

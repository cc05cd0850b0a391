import Foundation

/// The program itself, run as a person would, with a state folder of its own.
struct RolloutProgram {
    let state: String

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
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        // It lies beside the tests' own program.
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: "rollout")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["XDG_STATE_HOME": state]) { $1 }
        process.standardOutput = file
        process.standardError = file
        try process.run()
        return Running(process: process, log: log)
    }

    /// Runs it to its end.
    func run(_ arguments: String...) throws -> Ending { try start(arguments).wait() }

    /// One run that goes on.
    struct Running {
        let process: Process
        let log: String

        /// What it printed so far.
        var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

        /// Waits for its end.
        func wait() -> Ending {
            process.waitUntilExit()
            return Ending(code: process.terminationStatus, output: output)
        }

        /// Ends it at once, in the middle of whatever it does.
        func kill() -> Ending {
            Foundation.kill(process.processIdentifier, SIGKILL)
            return wait()
        }

        /// Waits until it printed something, or ended.
        func prints(_ text: String) async throws {
            while process.isRunning, !output.contains(text) { try await Task.sleep(for: .milliseconds(50)) }
        }
    }
}

import ArgumentParser
import Foundation
import RolloutEngine

/// What every command shares: errors become a sentence on standard error and one of our exit codes.
enum Command {
    /// Runs the body of a command and leaves with its exit code.
    static func run(_ output: OutputOptions, _ body: () async throws -> ExitStatus) async throws {
        let code: ExitStatus
        do {
            code = try await body()
        } catch {
            let failure = CommandFailure(error)
            let lines = failure.message.split(separator: "\n", omittingEmptySubsequences: false).map {
                SafeText.line(String($0))
            }
            say(output.style.paint("error: ", .bad) + lines.joined(separator: "\n"))
            throw ExitCode(failure.code.rawValue)
        }
        if code != .done { throw ExitCode(code.rawValue) }
    }
}

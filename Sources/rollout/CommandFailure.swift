import ArgumentParser
import Foundation
import RolloutEngine
import RolloutLab
import RolloutWeb

/// Ends a command with one of our exit codes and a sentence for the person.
struct CommandFailure: Error, CustomStringConvertible {
    /// The exit code.
    let code: ExitStatus
    /// What happened, what was expected, what to do.
    let message: String

    /// Ends a command.
    init(_ code: ExitStatus, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    var description: String { message }

    /// The exit code and message for any error that can reach a command.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let input as InputError: self.init(.badInput, input.description)
        case let refusal as PlanRefusal: self.init(.refused, refusal.description)
        case let store as StoreError:
            let code: ExitStatus =
                switch store.code {
                case .leaseHeld, .leaseLost: .leaseHeld
                case .notFound: .badInput
                default: .unavailable
                }
            self.init(code, store.message)
        case let lab as LabError:
            let code: ExitStatus =
                switch lab.code {
                case .unavailable: .unavailable
                case .refused: .refused
                case .badInput: .badInput
                case .failed: .error
                }
            self.init(code, lab.message)
        case let web as WebError:
            let code: ExitStatus =
                switch web.code {
                case .badInput: .badInput
                case .refused: .refused
                case .unavailable: .unavailable
                }
            self.init(code, web.description)
        case let driver as DriverError: self.init(.error, driver.description)
        default: self.init(.error, "\(error)")
        }
    }
}

/// Writes to standard error: talk, not data.
func say(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
}

/// The environment of this process.
enum Environment {
    /// The value of a variable that is set and not empty.
    static func value(_ name: String) -> String? {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { return nil }
        return value
    }
}

/// Writes to standard output: data. Not buffered, so that both streams keep their order on a terminal.
func show(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
}

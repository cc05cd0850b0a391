import Foundation
import Logging
import RolloutEngine

/// What `-v` shows: one line a thing on standard error, with the time and nothing that a terminal would obey.
struct VerboseLog: LogHandler {
    private let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = SystemClock().now().description.dropFirst(11).prefix(12)
        say("\(time)  \(padded(label, 5)) \(SafeText.line(event.message.description))")
    }

    /// A log for a part of the program: warnings only, with `-v` what is done, with `-vv` what came back.
    static func logger(_ label: String, verbosity: Int) -> Logger {
        Logger(label: label) { label in
            VerboseLog(label: label, logLevel: verbosity == 0 ? .warning : verbosity == 1 ? .info : .debug)
        }
    }
}

import Logging
import Synchronization

/// A log that is kept in memory.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    /// What was said so far.
    var all: [String] { lines.withLock { $0 } }

    /// Writes to it.
    func logger(_ level: Logger.Level) -> Logger {
        Logger(label: "test") { _ in Handler(lines: self, logLevel: level) }
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { lines.lines.withLock { $0.append("\(event.message)") } }
    }
}

import ArgumentParser
import Foundation

/// How every command talks.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print data as JSON.")
    var json = false

    @Flag(help: "Print without colour; so does NO_COLOR in the environment.")
    var noColor = false

    @Flag(help: "Draw with ASCII characters only.")
    var ascii = false

    @Flag(
        name: [.customShort("v"), .long],
        help: "Say on standard error what is done on devices; twice: also what they answer.")
    var verbose: Int

    /// Whether standard output may carry colour.
    var usesColour: Bool {
        !noColor && ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty && isatty(STDOUT_FILENO) == 1
    }

    /// Prints data: lines of standard output.
    func data(_ lines: [String]) { Self.write(lines, to: .standardOutput) }

    /// Prints talk: lines of standard error.
    func talk(_ lines: [String]) { Self.write(lines, to: .standardError) }

    /// Prints a value as JSON, keys sorted.
    func data(_ value: some Encodable) throws {
        data([try JSONOutput.pretty(value)])
    }

    private static func write(_ lines: [String], to handle: FileHandle) {
        guard !lines.isEmpty else { return }
        try? handle.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
    }
}

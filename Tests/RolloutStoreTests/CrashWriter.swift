import Foundation

/// A process that writes until it is killed or done.
final class CrashWriter {
    private let process = Process()
    private let pipe = Pipe()

    /// Starts it; it lies beside the tests' own program.
    init(_ arguments: String...) throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("crash-writer")
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
    }

    /// Ends it at once, in the middle of whatever it does.
    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// Waits for its end and returns the numbers that it saw acknowledged.
    func acknowledged() -> [Int64] {
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap { Int64($0) }
    }
}

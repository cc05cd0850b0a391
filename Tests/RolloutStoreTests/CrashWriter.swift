import Foundation

/// A process that writes until it is killed or done.
final class CrashWriter {
    private let process = Process()
    private let pipe = Pipe()
    private var output = Data()

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

    /// Waits until it saw so many numbers acknowledged, or is over.
    func wait(for count: Int) {
        while output.count(where: { $0 == UInt8(ascii: "\n") }) < count {
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { return }
            output += more
        }
    }

    /// Waits for its end and returns the numbers that it saw acknowledged.
    func acknowledged() -> [Int64] {
        output += pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap { Int64($0) }
    }
}

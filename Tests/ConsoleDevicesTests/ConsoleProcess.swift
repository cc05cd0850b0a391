import Foundation

/// A session at a device in a folder, served by a process of its own.
final class ConsoleProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ folder: String, _ command: String? = nil) throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("console-session")
        process.arguments = [folder] + (command.map { [$0] } ?? [])
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try output.fileHandleForWriting.close()
    }

    /// What it says until that text comes, or until its end.
    func read(until text: String) throws -> String {
        var said = ""
        while !said.contains(text) {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { return said }
            said += String(decoding: data, as: UTF8.self)
        }
        return said
    }

    func type(_ text: String) { try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    func hangUp() { try? input.fileHandleForWriting.close() }

    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func status() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}

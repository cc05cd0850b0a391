import Foundation

/// A session at a device in a folder, served by a process of its own.
final class ConsoleProcess {
    private let process = Process()
    private let input: FileHandle
    private let output: FileHandle

    /// A session; on a pty of so many rows if given, else on pipes.
    init(_ folder: String, _ command: String? = nil, rows: UInt16? = nil) throws {
        if let rows {
            var (pty, end): (Int32, Int32) = (-1, -1)
            var size = winsize(ws_row: rows, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0)
            guard openpty(&pty, &end, nil, nil, &size) == 0 else { throw POSIXError(.ENXIO) }
            let session = FileHandle(fileDescriptor: end, closeOnDealloc: true)
            input = FileHandle(fileDescriptor: pty, closeOnDealloc: true)
            output = input
            process.standardInput = session
            process.standardOutput = session
        } else {
            let (typed, said) = (Pipe(), Pipe())
            input = typed.fileHandleForWriting
            output = said.fileHandleForReading
            process.standardInput = typed
            process.standardOutput = said
        }
        process.executableURL = URL(fileURLWithPath: try Self.program())
        process.arguments = [folder] + (command.map { [$0] } ?? [])
        try process.run()
        // Only the session is to hold its end open.
        (process.standardOutput as? Pipe)?.fileHandleForWriting.closeFile()
    }

    /// The program; it lies beside the tests' own.
    static func program() throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("console-session").path
    }

    /// What it says until that text comes, or until its end.
    func read(until text: String) throws -> String {
        var said = ""
        while !said.contains(text) {
            let data = output.availableData
            guard !data.isEmpty else { return said }
            said += String(decoding: data, as: UTF8.self)
        }
        return said
    }

    func type(_ text: String) { try? input.write(contentsOf: Data(text.utf8)) }

    func hangUp() { try? input.close() }

    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func status() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}

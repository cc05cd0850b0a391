import Foundation
import RolloutEngine

/// Writes pictures to files: SVG as it is, PNG through `rsvg-convert` (librsvg), which draws SVG better than code of ours would.
enum PictureFile {
    /// Writes an SVG file.
    ///
    /// - Throws: `CommandFailure` that names the file.
    static func write(svg: String, to path: String) throws {
        do {
            try Data(svg.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandFailure(.unavailable, "cannot write \(path): \(error.localizedDescription)")
        }
    }

    /// Writes a PNG file of twice the picture's size, for sharp text.
    ///
    /// - Throws: `CommandFailure` when `rsvg-convert` is not installed or does not draw it.
    static func write(png svg: String, to path: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["rsvg-convert", "--zoom", "2", "--background-color", "white", "-o", path]
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
            try input.fileHandleForWriting.write(contentsOf: Data(svg.utf8))
            try input.fileHandleForWriting.close()
        } catch {
            throw CommandFailure(.unavailable, "cannot run rsvg-convert: \(error.localizedDescription)")
        }
        process.waitUntilExit()
        switch process.terminationStatus {
        case 0: return
        case 127:
            throw CommandFailure(
                .unavailable,
                "rsvg-convert is not installed, which draws PNG files: apt-get install librsvg2-bin, or use --svg FILE")
        default: throw CommandFailure(.unavailable, "rsvg-convert could not write \(path)")
        }
    }
}

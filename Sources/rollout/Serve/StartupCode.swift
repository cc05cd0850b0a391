import Foundation
import Glibc

/// The code that only the start needed: pages of the program and its libraries, half of what `serve` would hold while it waits.
enum StartupCode {
    /// Gives all code back to the system. What runs on comes back by itself, page by page, when it is run.
    static func giveBack() {
        // Its size is not known beforehand: `contentsOfFile` would read no more than its beginning.
        guard let maps = try? FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd() else { return }
        for range in code(inMaps: String(decoding: maps, as: UTF8.self)) {
            madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), Int(range.count), Int32(MADV_DONTNEED))
        }
    }

    /// Where code of files is mapped that nobody can have written to, out of the text of `/proc/PID/maps` (proc(5)).
    static func code(inMaps text: String) -> [Range<UInt>] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count >= 6, fields[1] == "r-xp", fields[4] != "0" else { return nil }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
        }
    }
}

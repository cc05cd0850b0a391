import Foundation

/// The machine's processes at an instant.
struct ProcessTable {
    /// One process.
    struct Entry: Hashable {
        let pid: Int32
        let parent: Int32
        /// When it was started, in ticks since boot: with the number, who it is.
        let start: UInt64
        /// R, S, T for stopped, Z for ended.
        let state: Character
        /// The first 15 bytes of its program's name.
        let name: String
    }

    let entries: [Entry]

    /// Reads `/proc`.
    init() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        entries = names.compactMap(Int32.init).sorted().compactMap(Self.entry)
    }

    /// One process, if it is there and has not ended.
    static func entry(_ pid: Int32) -> Entry? {
        guard let text = readSmallFile("/proc/\(pid)/stat"), let open = text.firstIndex(of: "("),
            let close = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 19, let state = fields[0].first, state != "Z", state != "X", let parent = Int32(fields[1]),
            let start = UInt64(fields[19])
        else { return nil }
        return Entry(
            pid: pid, parent: parent, start: start, state: state, name: String(text[text.index(after: open)..<close]))
    }

    /// The processes below another, itself not counted.
    func descendants(of pid: Int32) -> [Entry] {
        let children = Dictionary(grouping: entries, by: \.parent)
        var found: [Entry] = []
        var queue = [pid]
        while let next = queue.popLast() {
            for child in children[next] ?? [] {
                found.append(child)
                queue.append(child.pid)
            }
        }
        return found
    }
}

/// The text of a small file; nil when it cannot be read.
func readSmallFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while bytes.count < 1 << 20 {
        let count = read(descriptor, &chunk, chunk.count)
        guard count > 0 else { break }
        bytes.append(contentsOf: chunk[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
}

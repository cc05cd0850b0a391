import Foundation
import RolloutEngine

/// What a script of ours printed: named entries between a first and a last line that only this script can print. Pure.
///
///     @@begin 3f2a90c1d7be
///     @hostname 0 10
///     gra-eco-05
///     @@end 3f2a90c1d7be 1
///
/// Every entry says how long it is, so nothing that a device holds can pass for the frame around it.
struct ShellReport: Sendable {
    /// The entries, as they came.
    var entries: [Entry]

    /// One answer: a name, an exit status, and what was printed.
    struct Entry: Hashable, Sendable {
        /// What was asked.
        var name: String
        /// How it ended.
        var status: Int
        /// What it printed, without the newlines at the end.
        var output: [UInt8]

        /// The output as text; bytes that are not UTF-8 become U+FFFD.
        var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// Why a report cannot be used.
    struct Garbled: Error {
        /// In words.
        let what: String
    }

    /// Reads a whole report. What a login script printed before it is passed over.
    ///
    /// - Throws: `Garbled` for anything but a whole report with nothing behind it.
    init(_ bytes: [UInt8], nonce: String) throws(Garbled) {
        let newline = UInt8(ascii: "\n")
        var rest = bytes[...]
        func line() throws(Garbled) -> String {
            guard let end = rest.firstIndex(of: newline) else { throw Garbled(what: "it ends in the middle of a line") }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[..<end], as: UTF8.self)
        }
        let first = "@@begin \(nonce)"
        var isFound = false
        while !isFound {
            guard !rest.isEmpty else { throw Garbled(what: "it does not begin with '\(first)'") }
            isFound = try line() == first
        }
        entries = []
        while true {
            let header = try line()
            if header == "@@end \(nonce) \(entries.count)" { break }
            var words = header.split(separator: " ", omittingEmptySubsequences: false)
            guard header.hasPrefix("@"), !header.hasPrefix("@@"), words.count >= 3,
                let length = words.popLast().flatMap({ number($0, "") }), length <= 1 << 28,
                let status = words.popLast().flatMap({ number($0, "") }), status <= 255
            else { throw Garbled(what: "a line of it is not a heading: \(header.prefix(80))") }
            guard rest.count > Int(length), rest[rest.startIndex + Int(length)] == newline else {
                throw Garbled(
                    what: "the answer to \(words.joined(separator: " ").prefix(80)) has not the length it says")
            }
            let output = rest.prefix(Int(length))
            rest = rest.dropFirst(Int(length) + 1)
            entries.append(
                Entry(
                    name: String(words.joined(separator: " ").dropFirst()), status: Int(status), output: Array(output)))
        }
        guard rest.isEmpty else { throw Garbled(what: "something follows its end") }
    }

    /// The one entry of that name.
    func entry(_ name: String) throws(Garbled) -> Entry {
        let found = entries.filter { $0.name == name }
        guard found.count == 1 else { throw Garbled(what: "it holds \(found.count) answers to '\(name)'") }
        return found[0]
    }

    /// The entries whose names begin so.
    func entries(under prefix: String) -> [Entry] { entries.filter { $0.name.hasPrefix(prefix) } }
}

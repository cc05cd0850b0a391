import RolloutEngine

/// Values as data in shell scripts: what may appear where, and how it is quoted. Pure.
enum ShellText {
    /// A word that the shell takes literally, whatever is in it. NUL cannot be in one; callers refuse it before.
    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }

    /// A command from its words.
    static func command(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

    /// An interface's name: what the kernel allows, without what could be taken for an option or a pattern.
    static func isInterface(_ name: String) -> Bool {
        (1...15).contains(name.utf8.count) && name != "." && name != ".." && !name.hasPrefix("-")
            && name.utf8.allSatisfy { isWord($0) || "_.:-".utf8.contains($0) }
    }

    /// The absolute path of a file, without `.`, `..`, empty parts, spaces and patterns.
    static func isPath(_ path: String) -> Bool {
        guard path.hasPrefix("/"), path.utf8.count <= 1000 else { return false }
        return path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 200
                && part.utf8.allSatisfy { isWord($0) || "_.:@+=,%~-".utf8.contains($0) }
        }
    }

    /// The mark of an order: it names files in the state folder.
    static func isMark(_ mark: String) -> Bool {
        (1...120).contains(mark.utf8.count) && !mark.hasPrefix(".") && !mark.hasPrefix("-")
            && mark.utf8.allSatisfy { isWord($0) || "_.-".utf8.contains($0) }
    }

    /// Permissions with four octal digits, `0644`; nil for anything that is not octal.
    static func permissions(_ text: String) -> String? {
        guard (3...4).contains(text.utf8.count), text.utf8.allSatisfy({ (48...55).contains($0) }) else { return nil }
        return text.utf8.count == 3 ? "0" + text : text
    }

    /// The words of a reload command; nil when it is more than one plain command.
    ///
    /// Words and options only: no quotes, variables, pipes or second commands, so that no value can smuggle one in. Whoever
    /// needs more puts a script on the device and names it here.
    static func plainCommand(_ text: String) -> [String]? {
        let words = text.split(separator: " ").map(String.init)
        guard let program = words.first, text.utf8.count <= 1000, !program.hasPrefix("-"), !program.utf8.contains(0x3D),
            words.allSatisfy({ $0.utf8.allSatisfy { isWord($0) || "_./:=@,+%-".utf8.contains($0) } })
        else { return nil }
        return words
    }

    /// Whether a text still holds a template's marks.
    static func holdsMarkers(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return zip(bytes, bytes.dropFirst()).contains { first, second in
            first == UInt8(ascii: "{") && (second == UInt8(ascii: "{") || second == UInt8(ascii: "%"))
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}

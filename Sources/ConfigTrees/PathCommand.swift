/// A command of a platform whose configuration is paths.
enum PathCommand: Hashable {
    case set([String])
    case delete([String])
    case deactivate([String])
    case activate([String])
    /// Puts the entry at a path before or behind another entry of the same list.
    case insert([String], isBefore: Bool, of: String)

    /// Reads a line.
    ///
    /// - Throws: `ConfigTreeError` with the given number, if it is no command.
    init(_ text: String, line: Int, syntax: ConfigSyntax) throws(ConfigTreeError) {
        if text.hasPrefix(syntax.deletePrefix) {
            self = .delete(try Self.words(text.dropFirst(syntax.deletePrefix.count), line))
        } else if text.hasPrefix("deactivate ") {
            self = .deactivate(try Self.words(text.dropFirst("deactivate ".count), line))
        } else if text.hasPrefix("activate ") {
            self = .activate(try Self.words(text.dropFirst("activate ".count), line))
        } else if text.hasPrefix("insert ") {
            let words = try Self.words(text.dropFirst("insert ".count), line)
            // insert … term A before term B: the list's name is said twice.
            guard words.count > 4, ["before", "after"].contains(words[words.count - 3]) else {
                throw ConfigTreeError(line: line, expected: "'insert PATH before|after NAME ENTRY'")
            }
            self = .insert(
                words.dropLast(3), isBefore: words[words.count - 3] == "before", of: words[words.count - 1])
        } else if text.hasPrefix(syntax.setPrefix) {
            self = .set(try Self.words(text.dropFirst(syntax.setPrefix.count), line))
        } else {
            throw ConfigTreeError(line: line, expected: "a line that begins with '\(syntax.setPrefix)'")
        }
    }

    /// As it is typed.
    func text(_ syntax: ConfigSyntax) -> String {
        switch self {
        case .set(let path): syntax.setPrefix + Self.text(path, syntax)
        case .delete(let path): syntax.deletePrefix + Self.text(path, syntax)
        case .deactivate(let path): "deactivate " + Self.text(path, syntax)
        case .activate(let path): "activate " + Self.text(path, syntax)
        case .insert(let path, let isBefore, let entry):
            "insert \(Self.text(path, syntax)) \(isBefore ? "before" : "after") "
                + Self.text([path.dropLast().last ?? "", entry], syntax)
        }
    }

    private static func words(_ text: Substring, _ line: Int) throws(ConfigTreeError) -> [String] {
        var reader = WordReader(String(text), braces: false, comments: [])
        var words: [String] = []
        do {
            while let token = try reader.next() {
                if case .word(let word) = token { words.append(word) }
            }
        } catch {
            throw ConfigTreeError(line: line, expected: "a closing quote in this line")
        }
        guard words.count <= ConfigTree.deepestNesting else {
            throw ConfigTreeError(line: line, expected: "at most \(ConfigTree.deepestNesting) words")
        }
        if words.isEmpty { throw ConfigTreeError(line: line, expected: "a path") }
        return words
    }

    private static func text(_ path: [String], _ syntax: ConfigSyntax) -> String {
        path.map { quoted($0, syntax.quote) }.joined(separator: " ")
    }

    /// A word as it has to be written: enclosed only if it would not be one word otherwise.
    static func quoted(_ word: String, _ quote: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case 0...32, 127, UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "{"), UInt8(ascii: "}"),
                    UInt8(ascii: ";"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "#"), UInt8(ascii: "&"),
                    UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"),
                    UInt8(ascii: "$"), UInt8(ascii: "\\"), UInt8(ascii: "`"), UInt8(ascii: "?"), UInt8(ascii: "!"):
                    false
                default: true
                }
            } && !word.hasPrefix("/*") && !word.hasPrefix("//")
        if isPlain { return word }
        if quote == "'", !word.utf8.contains(UInt8(ascii: "'")) { return "'\(word)'" }
        var text = "\""
        for character in word.unicodeScalars {
            if character == "\"" || character == "\\" { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(character)
        }
        return text + "\""
    }
}

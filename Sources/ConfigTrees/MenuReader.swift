/// Reads what RouterOS exports: lines with the path of a menu, and commands in it.
///
/// A node is a menu; its children are commands, each in one line.
package struct MenuReader {
    private static let verbs: Set<String> = ["add", "set", "remove", "move", "unset", "enable", "disable", "reset"]

    private let comments: [String]

    init(syntax: ConfigSyntax) {
        comments = syntax.comments
    }

    func read(_ text: String) throws(ConfigTreeError) -> [ConfigNode] {
        var menus: [ConfigNode] = []
        var index: [String: Int] = [:]
        var current: Int?
        var lines = SourceLines(text)
        while lines.advance() {
            if lines.isEmpty || comments.contains(where: lines.text.hasPrefix) { continue }
            let number = lines.number
            let words = try Self.words(Self.joined(&lines), line: number)
            let menu = words.prefix { !Self.verbs.contains($0) }
            if words[0].hasPrefix("/") {
                let name = menu.joined(separator: " ")
                if index[name] == nil {
                    index[name] = menus.count
                    menus.append(ConfigNode(text: name))
                }
                current = index[name]
            } else if !menu.isEmpty {
                throw ConfigTreeError(line: number, expected: "a menu such as '/ip address', or 'add' or 'set'")
            }
            guard menu.count < words.count else { continue }
            guard let current else {
                throw ConfigTreeError(line: number, expected: "a menu such as '/ip address' above")
            }
            menus[current].children.append(ConfigNode(text: words[menu.count...].joined(separator: " ")))
        }
        return menus
    }

    /// A line with those it goes on in: each but the last ends with a backslash.
    private static func joined(_ lines: inout SourceLines) -> String {
        var text = lines.text
        while text.utf8.last == UInt8(ascii: "\\") {
            text.removeLast()
            guard lines.advance() else { break }
            text.append(lines.text)
        }
        return text
    }

    /// Splits at blanks that stand neither in quotes nor in brackets.
    package static func words(_ text: String, line: Int) throws(ConfigTreeError) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var isQuoted = false
        var brackets = 0
        var isEscaped = false
        for byte in text.utf8 {
            if byte == 32 || byte == 9, !isQuoted, brackets == 0 {
                if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
                word = []
                continue
            }
            word.append(byte)
            if isEscaped {
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"): isEscaped = isQuoted
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "[") where !isQuoted: brackets += 1
            case UInt8(ascii: "]") where !isQuoted: brackets = max(0, brackets - 1)
            default: break
            }
        }
        if isQuoted { throw ConfigTreeError(line: line, expected: "a closing quote in this line") }
        if brackets > 0 { throw ConfigTreeError(line: line, expected: "a closing ']' in this line") }
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}

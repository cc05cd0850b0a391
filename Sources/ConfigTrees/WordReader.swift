/// Splits statements into words: quotes enclose blanks, brackets may enclose a list.
///
/// A word is what it means: `"up link"` and `'up link'` are the same word.
struct WordReader {
    /// What stands between words.
    enum Token: Hashable {
        case word(String)
        case open, close, end, listOpen, listClose
        /// A line ends, which ends a statement where nothing else does.
        case newline
        /// A comment, which some devices also write behind a statement.
        case comment(String)
    }

    private let bytes: [UInt8]
    private var at = 0
    private(set) var line = 1
    private let endsStatements: Bool
    private let comments: [[UInt8]]

    /// - Parameter braces: Whether braces, brackets and `;` are signs of their own.
    init(_ text: String, braces: Bool, comments: [String]) {
        bytes = Array(text.utf8)
        endsStatements = braces
        self.comments = comments.map { Array($0.utf8) }
    }

    mutating func next() throws(ConfigTreeError) -> Token? {
        while at < bytes.count, bytes[at] == 32 || bytes[at] == 9 || bytes[at] == 13 { at += 1 }
        guard at < bytes.count else { return nil }
        if bytes[at] == 10 {
            at += 1
            line += 1
            return .newline
        }
        if isAt("/*") { return try longComment() }
        if comments.contains(where: { bytes[at...].starts(with: $0) }) {
            let end = bytes[at...].firstIndex(of: 10) ?? bytes.count
            defer { at = end }
            return .comment(String(decoding: bytes[at..<end], as: UTF8.self))
        }
        if endsStatements, let sign = Self.signs[bytes[at]] {
            at += 1
            return sign
        }
        return .word(try word())
    }

    private static let signs: [UInt8: Token] = [
        UInt8(ascii: "{"): .open, UInt8(ascii: "}"): .close, UInt8(ascii: ";"): .end,
        UInt8(ascii: "["): .listOpen, UInt8(ascii: "]"): .listClose,
    ]

    private func isAt(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return bytes[at...].starts(with: wanted)
    }

    private mutating func longComment() throws(ConfigTreeError) -> Token {
        let begin = line
        at += 2
        while at < bytes.count {
            if isAt("*/") {
                at += 2
                return .comment("")
            }
            if bytes[at] == 10 { line += 1 }
            at += 1
        }
        throw ConfigTreeError(line: begin, expected: "'*/' somewhere below, which ends the comment")
    }

    private mutating func word() throws(ConfigTreeError) -> String {
        let quote = bytes[at]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            let begin = at
            while at < bytes.count, bytes[at] > 32, !(endsStatements && Self.signs[bytes[at]] != nil) { at += 1 }
            // A control character that is no blank is a word of its own, so that reading moves on.
            if at == begin { at += 1 }
            return String(decoding: bytes[begin..<at], as: UTF8.self)
        }
        let begin = line
        at += 1
        var word: [UInt8] = []
        while at < bytes.count {
            var byte = bytes[at]
            at += 1
            if byte == quote { return String(decoding: word, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), at < bytes.count,
                bytes[at] == quote || bytes[at] == UInt8(ascii: "\\")
            {
                byte = bytes[at]
                at += 1
            }
            if byte == 10 { line += 1 }
            word.append(byte)
        }
        throw ConfigTreeError(line: begin, expected: "a quote somewhere below, which ends the one in this line")
    }
}

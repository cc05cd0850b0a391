/// A word of a typed line.
struct Word: Equatable, Sendable {
    /// The word; of a quoted one, with its quotes.
    let text: String
    /// How many characters stand before it on the line.
    let offset: Int

    /// The words of a line: apart by blanks, but for those in double quotes. A quote behind a backslash is none.
    static func split(_ line: String) -> [Word] {
        var words: [Word] = []
        var current = ""
        var start = 0
        var isQuoted = false
        var isEscaped = false
        for (offset, character) in line.enumerated() {
            if character == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = character == "\\" && !isEscaped
            if character == " ", !isQuoted {
                if !current.isEmpty { words.append(Word(text: current, offset: start)) }
                current = ""
            } else {
                if current.isEmpty { start = offset }
                current.append(character)
            }
        }
        if !current.isEmpty { words.append(Word(text: current, offset: start)) }
        return words
    }
}

extension String {
    /// Without the quotes around it, if there are any.
    var unquoted: String {
        count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
    }

    /// Without the blanks around it.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}

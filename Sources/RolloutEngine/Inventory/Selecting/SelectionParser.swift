import Foundation

/// Reads the language of selections by recursive descent.
struct SelectionParser {
    private enum Token: Equatable {
        case and, or, not, open, close, comma, equals, differs
        case word(String)
        case quoted(String)
        case expression(String)
        case file(String)
        case end
    }

    private let text: String
    private var tokens: [(token: Token, column: Int)] = []
    private var index = 0
    private var depth = 0

    /// How deep parentheses and `!` may be nested.
    private static let depthLimit = 64
    /// How long a selection may be. Longer lists belong into a file.
    private static let lengthLimit = 65_536

    init(_ text: String) throws(InputError) {
        self.text = text
        guard text.utf8.count <= Self.lengthLimit else {
            throw InputError(
                at: SourceLocation(file: "selection"), "is longer than \(Self.lengthLimit) bytes",
                remedy: "write the devices into a file, one a line, and say @FILE")
        }
        try tokenize()
    }

    mutating func selection() throws(InputError) -> Selection.Expression {
        guard peek != .end else {
            throw error("the selection is empty", remedy: "expected such as range=eco & !tag=frozen")
        }
        let expression = try disjunction()
        guard peek == .end else {
            throw error(
                "expected & or | before \(description(peek))",
                remedy: peek == .word("and") || peek == .word("or") ? "write & for and, | for or, ! for not" : nil)
        }
        return expression
    }

    private var peek: Token { tokens[index].token }

    private mutating func take() -> Token {
        let token = tokens[index].token
        if index < tokens.count - 1 { index += 1 }
        return token
    }

    private mutating func disjunction() throws(InputError) -> Selection.Expression {
        var parts = [try conjunction()]
        while peek == .or {
            _ = take()
            parts.append(try conjunction())
        }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(InputError) -> Selection.Expression {
        var parts = [try negation()]
        while peek == .and {
            _ = take()
            parts.append(try negation())
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws(InputError) -> Selection.Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw error("nested deeper than \(Self.depthLimit) levels") }
        switch peek {
        case .not:
            _ = take()
            return .not(try negation())
        case .open:
            let opening = tokens[index].column
            _ = take()
            let inner = try disjunction()
            guard peek == .close else {
                throw error("expected ) for the ( at column \(opening), not \(description(peek))")
            }
            _ = take()
            return inner
        default: return try term()
        }
    }

    private mutating func term() throws(InputError) -> Selection.Expression {
        let column = tokens[index].column
        guard case .word(let word) = peek else {
            let pattern = try pattern("a device or an attribute")
            return .term(Selection.Term(attribute: .name, patterns: [pattern], column: column))
        }
        _ = take()
        let attribute = Selection.Attribute(word)
        switch peek {
        case .equals, .differs:
            let differs = take() == .differs
            let term = Selection.Term(attribute: attribute, patterns: [try pattern("a value")], column: column)
            return differs ? .not(.term(term)) : .term(term)
        case .word("in"):
            _ = take()
            return .term(Selection.Term(attribute: attribute, patterns: try list(), column: column))
        case .word("not") where tokens[index + 1].token == .word("in"):
            _ = take()
            _ = take()
            return .not(.term(Selection.Term(attribute: attribute, patterns: try list(), column: column)))
        default:
            return .term(Selection.Term(attribute: .name, patterns: [NamePattern(word: word)], column: column))
        }
    }

    private mutating func list() throws(InputError) -> [NamePattern] {
        guard peek == .open else {
            throw error("expected ( after in, not \(description(peek))", remedy: "such as dc in (gra,rbx)")
        }
        _ = take()
        var patterns = [try pattern("a value")]
        while peek == .comma {
            _ = take()
            patterns.append(try pattern("a value"))
        }
        guard peek == .close else { throw error("expected , or ) in the list, not \(description(peek))") }
        _ = take()
        return patterns
    }

    private mutating func pattern(_ wanted: String) throws(InputError) -> NamePattern {
        switch peek {
        case .word(let word):
            _ = take()
            return NamePattern(word: word)
        case .quoted(let text):
            _ = take()
            return .exact(text)
        case .expression(let source):
            guard let expression = try? NSRegularExpression(pattern: source) else {
                throw error("\(excerpt(source)) is no regular expression")
            }
            _ = take()
            return .expression(expression)
        case .file(let path):
            let names = try NameList.read(path)
            _ = take()
            return .names(names, file: path)
        default: throw error("expected \(wanted), not \(description(peek))")
        }
    }

    private func error(_ message: String, remedy: String? = nil) -> InputError {
        InputError(
            at: SourceLocation(file: "selection", line: 1, column: tokens[index].column), message, remedy: remedy)
    }

    private func description(_ token: Token) -> String {
        switch token {
        case .and: "&"
        case .or: "|"
        case .not: "!"
        case .open: "("
        case .close: ")"
        case .comma: ","
        case .equals: "="
        case .differs: "!="
        case .word(let text), .quoted(let text): excerpt(text)
        case .expression(let text): excerpt("~" + text)
        case .file(let text): excerpt("@" + text)
        case .end: "the end"
        }
    }
}

extension SelectionParser {
    private mutating func tokenize() throws(InputError) {
        let characters = Array(text)
        var at = 0
        while at < characters.count {
            let column = at + 1
            let character = characters[at]
            at += 1
            if character.isWhitespace { continue }
            let token: Token
            switch character {
            case "&": token = .and
            case "|": token = .or
            case "(": token = .open
            case ")": token = .close
            case ",": token = .comma
            case "=": token = .equals
            case "!":
                let differs = at < characters.count && characters[at] == "="
                if differs { at += 1 }
                token = differs ? .differs : .not
            case "'", "\"":
                guard let end = characters[at...].firstIndex(of: character) else {
                    throw InputError(
                        at: SourceLocation(file: "selection", line: 1, column: column), "a quote that is never closed")
                }
                token = .quoted(String(characters[at..<end]))
                at = end + 1
            case "~": token = .expression(Self.expression(characters, &at))
            case "@": token = .file(Self.word(characters, &at))
            default:
                at -= 1
                token = .word(Self.word(characters, &at))
            }
            tokens.append((token, column))
        }
        tokens.append((.end, characters.count + 1))
    }

    private static func word(_ characters: [Character], _ at: inout Int) -> String {
        let start = at
        while at < characters.count, !characters[at].isWhitespace, !"&|!(),='\"".contains(characters[at]) { at += 1 }
        return String(characters[start..<at])
    }

    /// A regular expression ends at a blank, or at an operator that is not inside its own parentheses or brackets.
    private static func expression(_ characters: [Character], _ at: inout Int) -> String {
        let start = at
        var depth = 0
        var isInBrackets = false
        while at < characters.count, !characters[at].isWhitespace {
            let character = characters[at]
            if character == "\\" {
                at = min(at + 2, characters.count)
                continue
            }
            if isInBrackets {
                isInBrackets = character != "]"
            } else if character == "[" {
                isInBrackets = true
            } else if character == "(" {
                depth += 1
            } else if depth == 0, "&|),".contains(character) {
                break
            } else if character == ")" {
                depth -= 1
            }
            at += 1
        }
        return String(characters[start..<at])
    }
}

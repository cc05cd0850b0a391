/// A value in a template: a literal or a variable, with filters. Checked, and written anew so that Stencil is strict.
struct TemplateExpression {
    /// The variables that must be defined.
    private(set) var variables: [String] = []
    /// The variable alone, when there is nothing else.
    private(set) var plainVariable: String?
    /// For Stencil, with a check behind each path.
    private(set) var rewritten = ""

    /// Reads `rate`, `vlans.0`, `"text"`, `rate|default:"x"|uppercase`.
    init(_ text: String, line: Int) throws(TemplateProblem) {
        let parts = Self.split(text, at: "|")
        let operand = parts[0].trimmingSpaces()
        let filters = parts.dropFirst().map { $0.trimmingSpaces() }
        let root = try Self.root(of: operand, line: line)
        rewritten = operand
        if let root, filters.first?.hasPrefix("default") != true {
            variables.append(root)
            if operand == root, filters.isEmpty { plainVariable = root }
            rewritten += "|\(Self.strictFilter):\"\(operand)\""
        }
        for filter in filters {
            let pieces = Self.split(filter, at: ":")
            let name = pieces[0].trimmingSpaces()
            guard TemplateLanguage.filters.contains(name) else {
                throw TemplateProblem(
                    line: line, message: "unknown filter \(excerpt(name))",
                    remedy: suggestion(for: name, among: TemplateLanguage.filters, noun: "filters"))
            }
            rewritten += "|\(name)"
            guard pieces.count > 1 else { continue }
            let arguments = Self.split(pieces.dropFirst().joined(separator: ":"), at: ",").map { $0.trimmingSpaces() }
            for argument in arguments {
                if let root = try Self.root(of: argument, line: line) { variables.append(root) }
            }
            rewritten += ":" + arguments.joined(separator: ",")
        }
    }

    /// The filter that throws when there is no value.
    static let strictFilter = "rolloutDefined"
    /// The filter that throws when a value is a list.
    static let singleFilter = "rolloutSingle"
    /// The filter that throws when a value is no list.
    static let listFilter = "rolloutList"

    /// The variable that an operand starts with; nil for a literal.
    private static func root(of operand: String, line: Int) throws(TemplateProblem) -> String? {
        if let quote = operand.first, quote == "\"" || quote == "'" {
            guard operand.count > 1, operand.last == quote, !operand.dropFirst().dropLast().contains(quote) else {
                throw TemplateProblem(line: line, message: "\(excerpt(operand)) is no text in quotes")
            }
            return nil
        }
        if Int(operand) != nil || operand == "true" || operand == "false" { return nil }
        let parts = operand.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard isIdentifier(parts[0]) else {
            throw TemplateProblem(
                line: line, message: operand.isEmpty ? "a variable is missing" : "\(excerpt(operand)) is no variable",
                remedy: "expected a name such as uplink, vlans.0, or a text in quotes")
        }
        for part in parts.dropFirst() {
            let isNumber = !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            let isLoopOnly = part == "last" && parts[0] != "forloop"
            guard isNumber || TemplateLanguage.members.contains(part), !isLoopOnly else {
                throw TemplateProblem(
                    line: line, message: "\(excerpt(operand)) is no variable",
                    remedy: "after a dot comes the number of an item, first or count")
            }
        }
        return parts[0]
    }

    static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
            default: false
            }
        } && !["inf", "infinity", "nan"].contains(text.lowercased())
    }

    /// Splits outside of quotes.
    static func split(_ text: String, at separator: Character) -> [String] {
        var parts = [""]
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == separator {
                parts.append("")
                continue
            }
            parts[parts.count - 1].append(character)
        }
        return parts
    }

    /// Splits a condition into operators and values, outside of quotes.
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        func end() {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
        for character in text {
            if let open = quote {
                if character == open { quote = nil }
                word.append(character)
            } else if character == "\"" || character == "'" {
                quote = character
                word.append(character)
            } else if character.isWhitespace {
                end()
            } else if character == "(" || character == ")" {
                end()
                words.append(String(character))
            } else {
                word.append(character)
            }
        }
        end()
        return words
    }
}

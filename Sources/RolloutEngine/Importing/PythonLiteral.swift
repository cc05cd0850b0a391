/// Reads what Ansible reads values of its INI files as: a literal of Python, or else the text itself
/// (https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html, "Defining variables in INI format").
struct PythonLiteral {
    private var rest: Substring
    private let line: Int
    private let column: Int
    private var depth = 0

    private init(_ text: String, _ line: Int, _ column: Int) {
        rest = text[...]
        self.line = line
        self.column = column
    }

    /// The value of a text that stands at a place.
    static func read(_ text: String, line: Int, column: Int) -> YAMLNode {
        var reader = PythonLiteral(text, line, column)
        if let node = reader.value() {
            reader.skipBlanks()
            if reader.rest.isEmpty || reader.rest.hasPrefix("#") { return node }
        }
        return YAMLNode(content: .scalar(text, plain: false), line: line, column: column)
    }

    private func node(_ content: YAMLNode.Content) -> YAMLNode {
        YAMLNode(content: content, line: line, column: column)
    }

    private mutating func skipBlanks() { rest = rest.drop { $0 == " " || $0 == "\t" } }

    private mutating func take(_ character: Character) -> Bool {
        skipBlanks()
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func value() -> YAMLNode? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= YAMLDocument.depthLimit else { return nil }
        skipBlanks()
        switch rest.first {
        case "'", "\"": return string().map { node(.scalar($0, plain: false)) }
        case "[": return list(until: "]")
        case "(": return list(until: ")")
        case "{": return map()
        default: return word()
        }
    }

    private mutating func string() -> String? {
        let quote = rest.removeFirst()
        var text = ""
        while let character = rest.popFirst() {
            if character == quote { return text }
            guard character == "\\" else {
                text.append(character)
                continue
            }
            switch rest.popFirst() {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case let same? where same == "\\" || same == "'" || same == "\"": text.append(same)
            case let other?: text += "\\\(other)"
            case nil: return nil
            }
        }
        return nil
    }

    private mutating func list(until end: Character) -> YAMLNode? {
        rest.removeFirst()
        var items: [YAMLNode] = []
        while !take(end) {
            if !items.isEmpty {
                guard take(",") else { return nil }
                if take(end) { break }
            }
            guard let item = value() else { return nil }
            items.append(item)
        }
        return node(.list(items))
    }

    private mutating func map() -> YAMLNode? {
        rest.removeFirst()
        var entries: [YAMLEntry] = []
        while !take("}") {
            if !entries.isEmpty {
                guard take(",") else { return nil }
                if take("}") { break }
            }
            guard case .scalar(let key, _)? = value()?.content, take(":"), let value = value() else { return nil }
            entries.append(YAMLEntry(key: key, line: line, column: column, value: value))
        }
        return node(.map(entries))
    }

    private mutating func word() -> YAMLNode? {
        let word = rest.prefix { !" \t,:]})#".contains($0) }
        rest = rest.dropFirst(word.count)
        switch word {
        case "True": return node(.scalar("true", plain: true))
        case "False": return node(.scalar("false", plain: true))
        case "None": return node(.null)
        default: return Self.number(String(word)).map { node($0) }
        }
    }

    /// Whole numbers as we write them; fractions as they are written.
    private static func number(_ text: String) -> YAMLNode.Content? {
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        let sign = text.hasPrefix("-") ? "-" : ""
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.lowercased().hasPrefix(prefix) {
            guard let value = Int64(digits.dropFirst(2), radix: radix) else { return nil }
            return .scalar(sign + String(value), plain: true)
        }
        let plain = digits.filter { $0 != "_" }
        guard let first = plain.first, first.isASCII, first.isNumber || first == "." else { return nil }
        if let value = Int64(plain) {
            // Python has no numbers with leading zeros: such a text stays one.
            return first == "0" && value != 0 ? nil : .scalar(sign + String(value), plain: true)
        }
        guard Double(plain) != nil, !plain.lowercased().contains("x") else { return nil }
        return .scalar(text, plain: false)
    }
}

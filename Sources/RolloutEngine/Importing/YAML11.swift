/// What plain scalars mean to PyYAML, which Ansible reads with: YAML 1.1 (https://yaml.org/type/).
enum YAML11 {
    /// The same node in our words: its flags and whole numbers as we write them.
    static func inOurWords(_ node: YAMLNode) -> YAMLNode {
        let content: YAMLNode.Content
        switch node.content {
        case .scalar(let text, plain: true): content = scalar(text)
        case .list(let items): content = .list(items.map(inOurWords))
        case .map(let entries):
            content = .map(
                entries.map { YAMLEntry(key: $0.key, line: $0.line, column: $0.column, value: inOurWords($0.value)) })
        case .null, .encrypted, .scalar: return node
        }
        return YAMLNode(content: content, line: node.line, column: node.column)
    }

    private static func scalar(_ text: String) -> YAMLNode.Content {
        switch text.lowercased() {
        case "yes", "on", "true": return isOneCase(text) ? .scalar("true", plain: true) : .scalar(text, plain: false)
        case "no", "off", "false": return isOneCase(text) ? .scalar("false", plain: true) : .scalar(text, plain: false)
        default: break
        }
        if let number = number(text) { return .scalar(String(number), plain: true) }
        return .scalar(text, plain: false)
    }

    /// `yes`, `Yes` and `YES` are flags, `yEs` is not.
    private static func isOneCase(_ text: String) -> Bool {
        text == text.lowercased() || text == text.uppercased() || text.dropFirst() == text.dropFirst().lowercased()
    }

    /// Whole numbers, also octal (`0644`), hexadecimal, binary, and of base 60 (`1:30`).
    private static func number(_ text: String) -> Int64? {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let isNegative = text.hasPrefix("-")
        let digits = (isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]).filter { $0 != "_" }
        guard let first = digits.first, first.isNumber, text.last != ":" else { return nil }
        let value: Int64?
        if digits.contains(":") {
            let parts = digits.split(separator: ":", omittingEmptySubsequences: false)
            guard first != "0", parts.dropFirst().allSatisfy({ (1...2).contains($0.count) && Int($0) ?? 60 < 60 })
            else { return nil }
            value = parts.reduce(Int64?(0)) { sum, part in
                guard let sum, let part = decimal(part), sum < Int64.max / 61 else { return nil }
                return sum * 60 + part
            }
        } else if digits.hasPrefix("0x") {
            value = Int64(digits.dropFirst(2), radix: 16)
        } else if digits.hasPrefix("0b") {
            value = Int64(digits.dropFirst(2), radix: 2)
        } else if first == "0", digits.count > 1 {
            value = Int64(digits, radix: 8)
        } else {
            value = decimal(Substring(digits))
        }
        return value.map { isNegative ? -$0 : $0 }
    }

    private static func decimal(_ text: Substring) -> Int64? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(text) : nil
    }
}

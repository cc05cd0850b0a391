/// What can be said of Jinja's templates without rendering them.
enum SimpleTemplate {
    /// Whether a text is one.
    static func isTemplate(_ text: String) -> Bool {
        text.utf8.contains(UInt8(ascii: "{")) && ["{{", "{%", "{#"].contains { text.contains($0) }
    }

    /// Whether any text in a value is one.
    static func isTemplate(_ node: YAMLNode) -> Bool {
        switch node.content {
        case .scalar(let text, _): isTemplate(text)
        case .list(let items): items.contains(where: isTemplate)
        case .map(let entries): entries.contains { isTemplate($0.value) }
        case .null, .encrypted: false
        }
    }

    /// The text with names of variables put in, and nothing cleverer than that; nil when it needs more.
    static func filled(_ text: String, host: ForeignFleet.Host) -> String? {
        var result = ""
        var rest = text[...]
        while let opening = rest.firstRange(of: "{{") {
            guard let closing = rest[opening.upperBound...].firstRange(of: "}}") else { return nil }
            let name = String(rest[opening.upperBound..<closing.lowerBound]).trimmingBlanks()
            let value: String?
            switch name {
            case "inventory_hostname": value = host.name
            case "inventory_hostname_short": value = host.name.split(separator: ".").first.map(String.init)
            default: value = host.variables[name]?.text
            }
            guard let value, !isTemplate(value) else { return nil }
            result += rest[..<opening.lowerBound] + value
            rest = rest[closing.upperBound...]
        }
        result += rest
        return isTemplate(result) ? nil : result
    }
}

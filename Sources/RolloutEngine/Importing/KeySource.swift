/// What says which datacentre, or which product range, a host is in.
public enum KeySource: Sendable {
    /// A variable; dots lead into maps.
    case variable(String)
    /// The host's group whose name matches a pattern with one `*`, which stands for the name.
    case group(prefix: String, suffix: String)
    /// The host's group that is directly a part of this one.
    case childOf(String)

    /// Reads `KEY`, `group=dc_*` or `child-of=datacentres`; nil for anything else.
    public init?(_ text: String) {
        if text.hasPrefix("group=") {
            let parts = text.dropFirst(6).split(separator: "*", omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            self = .group(prefix: String(parts[0]), suffix: String(parts[1]))
        } else if text.hasPrefix("child-of=") {
            guard text.count > 9 else { return nil }
            self = .childOf(String(text.dropFirst(9)))
        } else {
            guard !text.isEmpty, !text.contains("=") else { return nil }
            self = .variable(text)
        }
    }

    /// The first part of a variable's name, which is a key of its own.
    var key: String? {
        guard case .variable(let name) = self else { return nil }
        return name.split(separator: ".").first.map(String.init)
    }

    /// What it says of a host, and where; several when groups leave a choice.
    func values(of host: ForeignFleet.Host, parents: [String: Set<String>]) -> [(text: String, place: SourceLocation)] {
        switch self {
        case .variable(let name):
            if let value = host.variables[name] { return value.text.map { [($0, value.location)] } ?? [] }
            var parts = name.split(separator: ".").map(String.init)[...]
            guard let first = parts.popFirst(), let value = host.variables[first] else { return [] }
            var node = value.node
            for part in parts {
                guard case .map(let entries) = node.content, let next = entries.first(where: { $0.key == part }) else {
                    return []
                }
                node = next.value
            }
            guard case .scalar(let text, _) = node.content else { return [] }
            return [(text, SourceLocation(file: value.file, line: node.line, column: node.column))]
        case .group(let prefix, let suffix):
            return host.groups.compactMap { name in
                guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.count > prefix.count + suffix.count else {
                    return nil
                }
                return (String(name.dropFirst(prefix.count).dropLast(suffix.count)), host.location)
            }
        case .childOf(let parent):
            return host.groups.filter { parents[$0]?.contains(parent) == true }.map { ($0, host.location) }
        }
    }
}

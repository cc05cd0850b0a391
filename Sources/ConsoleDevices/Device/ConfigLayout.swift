/// How a platform writes a configuration down.
enum ConfigLayout: Sendable {
    /// Lines indented by `width` a level; `separator` after each block of the first level, `inner` after each beneath.
    case indented(width: Int, separator: String, inner: String = "")
    /// `name { … }` with `end` after each leaf.
    case braces(width: Int, end: String)

    /// The lines of a level and of those beneath it.
    func lines(_ nodes: [ConfigNode], depth: Int = 0) -> [String] {
        nodes.flatMap { node -> [String] in
            let indent = String(repeating: " ", count: depth * width)
            let beneath = lines(node.children, depth: depth + 1)
            switch self {
            case .indented(_, let separator, let inner):
                let end = depth == 0 ? separator : inner
                return [indent + node.line] + beneath + (node.isBlock && !end.isEmpty ? [indent + end] : [])
            case .braces(_, let end):
                guard node.isBlock, !(beneath.isEmpty && !end.isEmpty) else { return [indent + node.line + end] }
                return [indent + node.line + " {"] + beneath + [indent + "}"]
            }
        }
    }

    /// As differences are shown.
    var withoutSeparators: ConfigLayout {
        if case .indented(let width, _, _) = self { .indented(width: width, separator: "") } else { self }
    }

    /// Blanks a level.
    var width: Int {
        switch self {
        case .indented(let width, _, _), .braces(let width, _): width
        }
    }
}

extension ConfigTree {
    /// Every leaf with its whole path in one line, each after `prefix`: `set interfaces ge-0/0/1 mtu 9000`.
    func flat(_ prefix: String) -> [String] { Self.flat(nodes, prefix) }

    private static func flat(_ nodes: [ConfigNode], _ prefix: String) -> [String] {
        nodes.flatMap { node -> [String] in
            let line = prefix.isEmpty ? node.line : "\(prefix) \(node.line)"
            return node.children.isEmpty ? [line] : flat(node.children, line)
        }
    }
}

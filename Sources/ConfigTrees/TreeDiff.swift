/// The differences of two configurations of a platform, section by section.
///
/// Order, writing and defaults differ only where the dialect says that they count.
public struct TreeDiff: Hashable, Sendable {
    let level: Level

    /// Compares two configurations, in time linear in their size.
    public init(from old: ConfigTree, to new: ConfigTree, dialect: ConfigDialect) {
        self.init(from: old, to: new, rules: DialectRules(dialect))
    }

    /// The same, by a dialect that was made ready before.
    package init(from old: ConfigTree, to new: ConfigTree, rules: DialectRules) {
        level = TreeComparison(rules: rules).compare(
            old.normal(for: rules.dialect), new.normal(for: rules.dialect), in: [])
    }

    /// Whether both say the same.
    public var isEmpty: Bool { level.edits.isEmpty }

    /// Lines that begin with `+` for what comes, `-` for what goes, `~` for what is moved, and a blank for the sections around
    /// them. Two blanks more for each section.
    public var text: String {
        var text = ""
        Self.write(level, 0, &text)
        return text
    }

    private static func write(_ level: Level, _ depth: Int, _ text: inout String) {
        for edit in level.edits {
            switch edit {
            case .within(let section, let level):
                // Where only one thing differs below, words of a path stand in one line.
                line(" ", section.text, depth, &text)
                write(level, depth + 1, &text)
            case .add(let node): whole("+", node, depth, &text)
            case .remove(let node): whole("-", node, depth, &text)
            case .replace(let old, let new), .exchange(let old, let new), .rewrite(let old, let new):
                whole("-", old, depth, &text)
                whole("+", new, depth, &text)
            case .move(let node, let isBefore, let other):
                line("~", "\(node.text) (now \(isBefore ? "before" : "after") \(other))", depth, &text)
            case .activity(let node, let isInactive):
                line(isInactive ? "-" : "+", "\(node.text) (\(isInactive ? "without" : "in") effect)", depth, &text)
            case .again: continue
            }
        }
    }

    private static func whole(_ sign: String, _ node: ConfigNode, _ depth: Int, _ text: inout String) {
        line(sign, node.text, depth, &text)
        for child in node.children { whole(sign, child, depth + 1, &text) }
    }

    private static func line(_ sign: String, _ content: String, _ depth: Int, _ text: inout String) {
        let margin = sign + String(repeating: "  ", count: depth)
        for part in content.split(separator: "\n", omittingEmptySubsequences: false) { text += margin + part + "\n" }
    }
}

extension ConfigTree {
    /// The tree in the form in which trees of a dialect are compared.
    func normal(for dialect: ConfigDialect) -> [ConfigNode] {
        syntax.family == .menus ? MenuEntries(dialect: dialect).normal(nodes) : nodes
    }
}

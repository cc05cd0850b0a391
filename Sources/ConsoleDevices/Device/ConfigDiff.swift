/// How two configurations differ.
struct ConfigDiff: Equatable, Sendable {
    /// What differs at one place.
    struct Change: Equatable, Sendable {
        /// The place: lines from the first level down, without what is beneath them.
        let path: [ConfigNode]
        /// What is only in the old one, or says something else there.
        let gone: [ConfigNode]
        /// What is only in the new one, or says something else there.
        let new: [ConfigNode]
    }

    /// In the order of the new configuration.
    let changes: [Change]
    var isEmpty: Bool { changes.isEmpty }

    init(from old: ConfigTree, to new: ConfigTree) { changes = Self.compare(old.nodes, new.nodes, []) }

    private static func compare(_ old: [ConfigNode], _ new: [ConfigNode], _ path: [ConfigNode]) -> [Change] {
        func counterpart(_ node: ConfigNode, _ others: [ConfigNode]) -> ConfigNode? {
            others.first { $0.key == node.key && $0.line == node.line }
        }
        let gone = old.filter { counterpart($0, new) == nil }
        let added = new.filter { counterpart($0, old) == nil }
        let here = gone.isEmpty && added.isEmpty ? [] : [Change(path: path, gone: gone, new: added)]
        return here
            + new.flatMap { node in
                counterpart(node, old).map { compare($0.children, node.children, path + [node.alone]) } ?? []
            }
    }

    /// Every line of the difference with its sign, beneath the lines it is in.
    func lines(_ layout: ConfigLayout) -> [(sign: Character, line: String)] {
        var shown: [ConfigNode] = []
        return changes.flatMap { change -> [(sign: Character, line: String)] in
            let depth = change.path.count
            func indented(_ depth: Int, _ line: String) -> (sign: Character, line: String) {
                (" ", String(repeating: " ", count: depth * layout.width) + line)
            }
            let lines =
                layout.withoutSeparators.lines(change.gone, depth: depth).map { (sign: Character("-"), line: $0) }
                + layout.withoutSeparators.lines(change.new, depth: depth).map { (sign: Character("+"), line: $0) }
            if case .braces = layout {
                return change.path.enumerated().map { indented($0, $1.line + " {") } + lines
                    + change.path.indices.reversed().map { indented($0, "}") }
            }
            // A place that was shown for the change before is not shown again.
            let known = zip(shown, change.path).prefix { $0 == $1 }.count
            shown = change.path
            return change.path.enumerated().dropFirst(known).map { indented($0, $1.line) } + lines
        }
    }
}

extension ConfigNode {
    /// The line without those beneath it.
    var alone: ConfigNode {
        var node = self
        node.children = []
        return node
    }

    /// It and all beneath it, each as the path that leads there.
    func paths(after path: [ConfigNode]) -> [[ConfigNode]] {
        [path + [alone]] + children.flatMap { $0.paths(after: path + [alone]) }
    }
}

extension ConfigTree {
    /// This configuration after the changes that lead from `base` to `edited`, made by somebody who did not know this one.
    func applying(_ diff: ConfigDiff) -> ConfigTree {
        var tree = self
        for change in diff.changes {
            let keys = change.path.map(\.key)
            for node in change.gone where !change.new.contains(where: { $0.key == node.key }) {
                tree.remove(keys + [node.key])
            }
            for path in change.new.flatMap({ $0.paths(after: change.path) }) { tree.set(path) }
        }
        return tree
    }

    /// This configuration after another was laid over it.
    func merging(_ other: ConfigTree) -> ConfigTree {
        var tree = self
        for path in other.nodes.flatMap({ $0.paths(after: []) }) { tree.set(path) }
        return tree
    }
}

// Lines that somebody wants to be there, or not to be there, in a configuration that holds many others.
extension ConfigTree {
    /// Beginnings of outermost lines. Whatever some lines may change, whether they come or go, stands in a configuration below
    /// lines that begin like one of these.
    ///
    /// Where a line takes the place of others of its kind (`hostname`) its first word is the beginning; where it stands beside them
    /// (`ntp server 192.0.2.1`) the first two; a section is itself one. On platforms of paths they are the first word, or the first two
    /// where everything below has two more.
    package static func beginnings(of trees: [ConfigTree], rules: DialectRules) -> [String] {
        var found: [[Substring]] = []
        for tree in trees {
            for node in tree.nodes {
                switch tree.syntax.family {
                case .indented: found.append(beginning(of: node, rules))
                case .paths: found += pathBeginnings(of: node)
                case .menus: found.append(node.words)
                }
            }
        }
        // What begins like another is part of it.
        var kept: [[Substring]] = []
        for words in found where !found.contains(where: { $0.count < words.count && words.starts(with: $0) }) {
            if !kept.contains(words) { kept.append(words) }
        }
        return kept.map { $0.joined(separator: " ") }
    }

    private static func beginning(of node: ConfigNode, _ rules: DialectRules) -> [Substring] {
        let positive = rules.negated(node.text)?.words ?? node.words
        guard case .alone = rules.slot(of: node, in: []) else { return Array(positive.prefix(1)) }
        if !node.children.isEmpty { return positive }
        return Array(positive.prefix(positive.count > 2 ? 2 : 1))
    }

    private static func pathBeginnings(of node: ConfigNode) -> [[Substring]] {
        func depth(_ node: ConfigNode) -> Int { 1 + (node.children.map(depth).min() ?? 0) }
        let areDeep = node.children.allSatisfy { depth($0) > 2 && !$0.text.contains(" ") }
        guard !node.children.isEmpty, areDeep, !node.text.contains(" ") else { return [[node.text[...]]] }
        return node.children.map { [node.text[...], $0.text[...]] }
    }

    /// For each beginning the part of this configuration with all outermost lines that begin like it, or that negate such a line.
    package func parts(_ beginnings: [String], rules: DialectRules) -> [ConfigTree] {
        let tree = apart(rules)
        return beginnings.map { beginning in
            let words = beginning.words
            return tree.filtered { path in
                path.count < words.count && syntax.family != .indented
                    ? words.starts(with: path) : Self.begins(path, with: words, rules)
            }
        }
    }

    /// All but the parts that begin like these.
    package func without(_ beginnings: [String], rules: DialectRules) -> ConfigTree {
        let all = beginnings.map(\.words)
        return apart(rules).filtered { path in !all.contains { Self.begins(path, with: $0, rules) } }
    }

    private static func begins(_ path: [Substring], with words: [Substring], _ rules: DialectRules) -> Bool {
        path.starts(with: words) || path.first == rules.dialect.negation[...] && path.dropFirst().starts(with: words)
    }

    /// This configuration with a line for each entry of outermost lists in one line.
    private func apart(_ rules: DialectRules) -> ConfigTree {
        guard syntax.family == .indented else { return self }
        var tree = self
        tree.nodes = TreeComparison(rules: rules).tidied(nodes, in: [])
        return tree
    }

    /// This configuration without the outermost lines of which a test says so: of their words, or on platforms of paths of the first
    /// word, and of the first two.
    private func filtered(_ isKept: ([Substring]) -> Bool) -> ConfigTree {
        var tree = self
        guard syntax.family != .indented else {
            tree.nodes.removeAll { !isKept($0.words) }
            return tree
        }
        tree.nodes = nodes.compactMap { node in
            guard isKept([node.text[...]]) else { return nil }
            var kept = node
            kept.children.removeAll { !isKept([node.text[...], $0.text[...]]) }
            return kept.children.isEmpty && !node.children.isEmpty ? nil : kept
        }
        return tree
    }

    /// This configuration once a device was told all lines of another; what those take the place of is gone.
    ///
    /// - Throws: `ConfigTreeError` when a device would refuse them.
    package func holding(_ other: ConfigTree, rules: DialectRules) throws(ConfigTreeError) -> ConfigTree {
        var tree = self
        switch syntax.family {
        case .indented:
            Self.makeRoom(for: other.nodes, in: &tree.nodes, [], rules)
            try LineApplying(rules: rules).apply(other.nodes, to: &tree.nodes)
        case .paths:
            try PathApplying(rules: rules).apply(
                TreePrinter.paths(other.nodes).map { $0.text(syntax) }, to: &tree.nodes)
        case .menus: throw ConfigTreeError(line: 1, expected: "a platform without menus")
        }
        return tree
    }

    /// Takes away what a device wants to be taken back before its place is taken: entries with a number.
    private static func makeRoom(
        for new: [ConfigNode], in nodes: inout [ConfigNode], _ parents: [[Substring]], _ rules: DialectRules
    ) {
        for node in new {
            let slot = rules.slot(of: node, in: parents)
            if case .exchanged = slot {
                nodes.removeAll { !$0.text.isExactly(node.text) && rules.slot(of: $0, in: parents) == slot }
            }
            guard let index = nodes.firstIndex(where: { $0.text.isExactly(node.text) }) else { continue }
            makeRoom(for: node.children, in: &nodes[index].children, parents + [node.words], rules)
        }
    }

    /// This configuration without the lines of another: what holds nothing there goes with all that is in it, of the rest only what
    /// it holds there. What is not here is not missed.
    package func lacking(_ other: ConfigTree) -> ConfigTree {
        var tree = self
        tree.nodes = Self.lacking(other.nodes, in: nodes, arePaths: syntax.family == .paths)
        return tree
    }

    private static func lacking(_ gone: [ConfigNode], in nodes: [ConfigNode], arePaths: Bool) -> [ConfigNode] {
        nodes.compactMap { node in
            guard let part = gone.first(where: { $0.text.isExactly(node.text) }) else { return node }
            if part.children.isEmpty { return nil }
            var left = node
            left.children = lacking(part.children, in: node.children, arePaths: arePaths)
            // A word of a path that named only what is gone is gone, too; a section that is empty is still there.
            return arePaths && left.children.isEmpty && !node.children.isEmpty ? nil : left
        }
    }

    /// The same in one way of many, so that two are equal line by line where a device would see no difference: siblings in the order of
    /// their texts, numbers in them by what they count, and behind them those whose order counts, in theirs. What a device does not show is
    /// left out.
    package func canonical(rules: DialectRules) -> ConfigTree {
        var tree = self
        tree.nodes = Self.canonical(nodes, in: [], rules)
        return tree
    }

    private static func canonical(_ nodes: [ConfigNode], in parents: [[Substring]], _ rules: DialectRules)
        -> [ConfigNode]
    {
        var sorted: [ConfigNode] = []
        var ordered: [ConfigNode] = []
        for var node in TreeComparison(rules: rules).tidied(nodes, in: parents) {
            let words = node.words
            if node.children.isEmpty, rules.defaults.matches(words, in: parents) { continue }
            if !rules.rewritten.matches(words, in: parents) {
                node.children = canonical(node.children, in: parents + [words], rules)
            }
            if rules.ordered.matches(words, in: parents), !rules.exchanged.matches(words, in: parents) {
                ordered.append(node)
            } else {
                sorted.append(node)
            }
        }
        return sorted.sorted { $0.text.precedes($1.text) } + ordered
    }

    /// Each line with the lines that it stands below, outermost first; on platforms of paths each whole path as one.
    package var lines: [[String]] {
        if syntax.family == .paths {
            return TreePrinter.paths(nodes).compactMap { command in
                if case .set(let path) = command { [path.joined(separator: " ")] } else { nil }
            }
        }
        func lines(_ nodes: [ConfigNode], _ above: [String]) -> [[String]] {
            nodes.flatMap { node in
                let path = above + [node.text]
                return [path] + lines(node.children, path)
            }
        }
        return lines(nodes, [])
    }

    /// Whether it says nothing.
    package var isEmpty: Bool { nodes.isEmpty }
}

extension String {
    /// Byte by byte, but digits by the number that they are.
    fileprivate func precedes(_ other: String) -> Bool {
        var (left, right) = (utf8[...], other.utf8[...])
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        while let a = left.first, let b = right.first {
            guard isDigit(a), isDigit(b) else {
                if a != b { return a < b }
                left = left.dropFirst()
                right = right.dropFirst()
                continue
            }
            let (one, two) = (left.prefix(while: isDigit), right.prefix(while: isDigit))
            let (first, second) = (one.drop { $0 == 0x30 }, two.drop { $0 == 0x30 })
            if first.count != second.count { return first.count < second.count }
            if !first.elementsEqual(second) { return first.lexicographicallyPrecedes(second) }
            if one.count != two.count { return one.count < two.count }
            left = left.dropFirst(one.count)
            right = right.dropFirst(two.count)
        }
        return left.isEmpty && !right.isEmpty
    }
}

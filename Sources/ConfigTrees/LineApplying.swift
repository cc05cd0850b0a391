/// What a platform with sections makes of commands.
struct LineApplying {
    let rules: DialectRules

    func apply(_ commands: [ConfigNode], to nodes: inout [ConfigNode]) throws(ConfigTreeError) {
        try apply(commands, to: &nodes, in: [])
    }

    private func apply(
        _ commands: [ConfigNode], to nodes: inout [ConfigNode], in parents: [[Substring]]
    ) throws(ConfigTreeError) {
        let comparison = TreeComparison(rules: rules)
        nodes = comparison.tidied(nodes, in: parents)
        // Commands that speak of numbers mean those that the device gives.
        var numbers = commands.map { ConfigNode(text: rules.negated($0.text) ?? $0.text) }
        comparison.number(&nodes, &numbers, in: parents)
        for command in commands.flatMap({ comparison.entries(of: $0, in: parents) }) {
            let words = command.words
            if let target = target(of: command, words, in: parents) {
                takeBack(target, command, &nodes, in: parents)
            } else {
                try say(command, words, &nodes, in: parents)
            }
            reset(after: command, &nodes, in: parents)
        }
    }

    /// The words that a command takes back, or nil if it says something.
    private func target(of command: ConfigNode, _ words: [Substring], in parents: [[Substring]]) -> [Substring]? {
        if words.first == "default", words.count > 1 { return Array(words.dropFirst()) }
        return rules.takenBack(by: words, in: parents) ?? rules.negated(command.text)?.words
    }

    private func takeBack(
        _ target: [Substring], _ command: ConfigNode, _ nodes: inout [ConfigNode], in parents: [[Substring]]
    ) {
        if let (_, match) = rules.groups.match(target, in: parents), match.count == target.count {
            Self.remove(target, below: &nodes)
            return
        }
        let before = nodes.count
        let line = target.joined(separator: " ")
        if let exact = nodes.firstIndex(where: { $0.text.isExactly(line) }) {
            nodes.remove(at: exact)
        } else {
            nodes.removeAll { $0.words.starts(with: target) }
        }
        let isShown = rules.toggles.matches(target, in: parents)
        if rules.negated(command.text) == nil { return }
        if rules.defaults.matches(command.words, in: parents) { return }
        if nodes.contains(where: { $0.text.isExactly(command.text) }) { return }
        if isShown || nodes.count == before { nodes.append(command) }
    }

    private static func remove(_ beginning: [Substring], below nodes: inout [ConfigNode]) {
        nodes.removeAll { $0.words.starts(with: beginning) }
        for index in nodes.indices { remove(beginning, below: &nodes[index].children) }
    }

    private func say(
        _ command: ConfigNode, _ words: [Substring], _ nodes: inout [ConfigNode], in parents: [[Substring]]
    ) throws(ConfigTreeError) {
        let opposite = rules.opposite(command.text)
        let wasNegated = nodes.contains { $0.text.isExactly(opposite) }
        nodes.removeAll { $0.text.isExactly(opposite) }
        if let index = nodes.firstIndex(where: { $0.text.isExactly(command.text) }) {
            if rules.rewritten.matches(words, in: parents) { nodes[index].children = [] }
            try enter(command, words, &nodes[index], in: parents)
            return
        }
        let slot = rules.slot(of: command, in: parents)
        if let index = nodes.firstIndex(where: { rules.slot(of: $0, in: parents) == slot }) {
            if case .exchanged = slot, rules.negated(nodes[index].text) == nil {
                throw ConfigTreeError(
                    line: 1, expected: "'\(nodes[index].text)' to be taken back before '\(command.text)'")
            }
            nodes.remove(at: index)
        } else if wasNegated, !isShown(words, opposite, in: parents) {
            return
        }
        var node = ConfigNode(text: command.text)
        try enter(command, words, &node, in: parents)
        let last = nodes.firstIndex { other in
            rules.dialect.ordered.contains {
                $0.last?.match(other.words, in: parents) != nil && $0.lines.match(words, in: parents) != nil
            }
        }
        nodes.insert(node, at: last ?? nodes.count)
    }

    /// Whether a line that was negated until now is shown, and not what holds anyway.
    private func isShown(_ words: [Substring], _ opposite: String, in parents: [[Substring]]) -> Bool {
        rules.toggles.matches(words, in: parents) || rules.defaults.matches(opposite.words, in: parents)
    }

    private func enter(
        _ command: ConfigNode, _ words: [Substring], _ node: inout ConfigNode, in parents: [[Substring]]
    ) throws(ConfigTreeError) {
        if command.children.isEmpty { return }
        if rules.rewritten.matches(words, in: parents) {
            node.children = command.children
        } else {
            try apply(command.children, to: &node.children, in: parents + [words])
        }
    }

    private func reset(after command: ConfigNode, _ nodes: inout [ConfigNode], in parents: [[Substring]]) {
        let words = rules.negated(command.text)?.words ?? command.words
        guard let (index, _) = rules.resets.match(words, in: parents) else { return }
        let taken = PatternIndex(rules.dialect.resets[index].takesAway)
        nodes.removeAll { taken.matches($0.words, in: parents) }
    }
}

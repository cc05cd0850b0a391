/// What a platform of paths makes of commands.
struct PathApplying {
    let rules: DialectRules

    func apply(_ commands: [String], to nodes: inout [ConfigNode]) throws(ConfigTreeError) {
        for (index, text) in commands.enumerated() {
            let command = try PathCommand(text, line: index + 1, syntax: rules.dialect.syntax)
            var isKnown = true
            switch command {
            case .set(let path): set(path[...], &nodes, in: [])
            case .delete(let path):
                isKnown = change(path[...], &nodes) { $0.remove(at: $1) }
                prune(path, &nodes)
            case .deactivate(let path): isKnown = change(path[...], &nodes) { $0[$1].isInactive = true }
            case .activate(let path): isKnown = change(path[...], &nodes) { $0[$1].isInactive = false }
            case .insert(let path, let isBefore, let entry):
                isKnown = change(path[...], &nodes) { nodes, index in
                    let node = nodes.remove(at: index)
                    let other = nodes.firstIndex { $0.text == entry } ?? nodes.count - 1
                    nodes.insert(node, at: isBefore ? other : other + 1)
                }
            }
            if !isKnown { throw ConfigTreeError(line: index + 1, expected: "a path that is set, in '\(text)'") }
        }
    }

    /// Takes away what named only what is gone.
    private func prune(_ path: [String], _ nodes: inout [ConfigNode]) {
        let above = path.dropLast()
        guard let word = above.last else { return }
        let parents = above.dropLast().map(\.words)
        guard rules.partial.matches(word.words, in: parents) else { return }
        var isEmpty = false
        _ = change(above, &nodes) { nodes, index in
            isEmpty = nodes[index].children.isEmpty
            if isEmpty { nodes.remove(at: index) }
        }
        if isEmpty { prune(Array(above), &nodes) }
    }

    private func set(_ path: ArraySlice<String>, _ nodes: inout [ConfigNode], in parents: [[Substring]]) {
        guard let word = path.first else { return }
        let place: Int
        if let same = nodes.firstIndex(where: { $0.text.isExactly(word) }) {
            place = same
        } else {
            let node = ConfigNode(text: word, isJoined: path.count == 1)
            if path.count == 1, case .replacing(let key) = rules.slot(of: node, in: parents) {
                nodes.removeAll { $0.children.isEmpty && rules.slot(of: $0, in: parents) == .replacing(key) }
            }
            place = nodes.count
            nodes.append(node)
        }
        set(path.dropFirst(), &nodes[place].children, in: parents + [word.words])
    }

    /// Changes the list that the end of a path stands in, at its place.
    ///
    /// - Returns: False if there is no such path.
    private func change(
        _ path: ArraySlice<String>, _ nodes: inout [ConfigNode], _ body: (inout [ConfigNode], Int) -> Void
    ) -> Bool {
        guard let word = path.first, let index = nodes.firstIndex(where: { $0.text.isExactly(word) }) else {
            return false
        }
        if path.count > 1 { return change(path.dropFirst(), &nodes[index].children, body) }
        body(&nodes, index)
        return true
    }
}

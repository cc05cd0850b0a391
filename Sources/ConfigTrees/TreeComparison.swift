/// Finds the differences of two trees of a dialect.
struct TreeComparison {
    let rules: DialectRules

    /// Compares what stands in one section in two trees.
    func compare(_ old: [ConfigNode], _ new: [ConfigNode], in parents: [[Substring]]) -> Level {
        if old == new { return Level(edits: [], new: new) }
        var old = tidied(old, in: parents)
        var new = tidied(new, in: parents)
        number(&old, &new, in: parents)
        let place = Dictionary(
            zip(old.map { ExactText($0.text) }, old.indices), uniquingKeysWith: { first, _ in first })
        // For each new line its place in the old lines, if it stays.
        var stays = new.map { place[ExactText($0.text)] }
        let moves = order(old, new, &stays, in: parents)

        var isGone = Array(repeating: true, count: old.count)
        for index in stays { if let index { isGone[index] = false } }
        let slots = pair(
            old.indices.filter { isGone[$0] }, old, new.indices.filter { stays[$0] == nil }, new, in: parents)
        var edits: [Edit] = []
        var removals = Removals(old: old, isGone: isGone, isPaired: slots.isPaired)
        removals.take(upTo: 0, into: &edits) { isDefault($0, in: parents) }
        for (index, node) in new.enumerated() {
            if let partner = slots.partner[index] {
                edits.append(change(old[partner], node, in: parents))
                removals.take(upTo: partner + 1, into: &edits) { isDefault($0, in: parents) }
            } else if let same = stays[index] {
                edits += kept(old[same], node, in: parents)
                removals.take(upTo: same + 1, into: &edits) { isDefault($0, in: parents) }
            } else if place[ExactText(node.text)] != nil || !isDefault(node, in: parents) {
                edits.append(.add(node))
            }
        }
        removals.take(upTo: old.count, into: &edits) { isDefault($0, in: parents) }
        for (index, edit) in edits.enumerated() where !rules.dialect.lasting.isEmpty {
            guard case .remove(let node) = edit, rules.lasting.matches(node.words, in: parents) else { continue }
            let emptied = compare(node.children, [], in: parents + [node.words])
            edits[index] = .within(ConfigNode(text: node.text), emptied)
        }
        edits += moves
        edits += resaid(edits, new, stays, in: parents)
        return Level(edits: edits, new: new)
    }

    private func kept(_ old: ConfigNode, _ new: ConfigNode, in parents: [[Substring]]) -> [Edit] {
        var edits: [Edit] = []
        if old.isInactive != new.isInactive { edits.append(.activity(new, isInactive: new.isInactive)) }
        if old.children == new.children { return edits }
        let words = new.words
        if rules.rewritten.matches(words, in: parents) { return [.rewrite(old, by: new)] }
        if rules.recreated.matches(words, in: parents) { return [.exchange(old, by: new)] }
        let level = compare(old.children, new.children, in: parents + [words])
        if !level.edits.isEmpty { edits.append(.within(new, level)) }
        return edits
    }

    private func isDefault(_ node: ConfigNode, in parents: [[Substring]]) -> Bool {
        rules.defaults.matches(node.words, in: parents)
    }

    // MARK: One of a kind

    private struct Pairs {
        /// For each new line the old one that it takes the place of.
        var partner: [Int: Int] = [:]
        var isPaired: Set<Int> = []
    }

    private func pair(
        _ gone: [Int], _ old: [ConfigNode], _ come: [Int], _ new: [ConfigNode], in parents: [[Substring]]
    ) -> Pairs {
        var pairs = Pairs()
        if gone.isEmpty || come.isEmpty { return pairs }
        var free: [DialectRules.Slot: [Int]] = [:]
        for index in gone.reversed() { free[rules.slot(of: old[index], in: parents), default: []].append(index) }
        for index in come {
            let slot = rules.slot(of: new[index], in: parents)
            guard let partner = free[slot]?.last, !old[partner].text.isExactly(new[index].text) else { continue }
            // Only lines take each other's place; a section takes what is in it along.
            let areLines = old[partner].children.isEmpty && new[index].children.isEmpty
            if case .exchanged = slot {} else if !areLines { continue }
            free[slot]?.removeLast()
            pairs.partner[index] = partner
            pairs.isPaired.insert(partner)
        }
        return pairs
    }

    private func change(_ old: ConfigNode, _ new: ConfigNode, in parents: [[Substring]]) -> Edit {
        if case .exchanged = rules.slot(of: new, in: parents), rules.negated(new.text) == nil {
            return .exchange(old, by: new)
        }
        return .replace(old, by: new)
    }

    /// Lines that stay the same but go with a sibling's change.
    private func resaid(_ edits: [Edit], _ new: [ConfigNode], _ stays: [Int?], in parents: [[Substring]]) -> [Edit] {
        if rules.dialect.resets.isEmpty { return [] }
        var patterns: [LinePattern] = []
        for edit in edits {
            let changed: [ConfigNode] =
                switch edit {
                case .add(let node), .remove(let node): [node]
                case .replace(let old, let new), .exchange(let old, let new): [old, new]
                default: []
                }
            for node in changed {
                let words = rules.negated(node.text)?.words ?? node.words
                guard let (index, _) = rules.resets.match(words, in: parents) else { continue }
                patterns += rules.dialect.resets[index].takesAway
            }
        }
        if patterns.isEmpty { return [] }
        let index = PatternIndex(patterns)
        return new.indices
            .filter { stays[$0] != nil && index.matches(new[$0].words, in: parents) }
            .map { .again(new[$0]) }
    }
}

/// Gives what is gone, in its old order, a place among what is there: behind the old lines it stood behind.
private struct Removals {
    let old: [ConfigNode]
    let isGone: [Bool]
    let isPaired: Set<Int>
    private var next = 0

    init(old: [ConfigNode], isGone: [Bool], isPaired: Set<Int>) {
        self.old = old
        self.isGone = isGone
        self.isPaired = isPaired
    }

    /// Adds those that come before the next line that stays, from an index on.
    mutating func take(upTo index: Int, into edits: inout [Edit], unless isDefault: (ConfigNode) -> Bool) {
        while next < old.count, next < index || isGone[next] && !isPaired.contains(next) {
            if isGone[next], !isPaired.contains(next), !isDefault(old[next]) { edits.append(.remove(old[next])) }
            next += 1
        }
    }
}

extension TreeComparison {
    /// Holds lines whose order counts to it: what cannot stay is taken out of `stays`.
    ///
    /// - Returns: The moves that are needed afterwards, on platforms that can move entries.
    func order(_ old: [ConfigNode], _ new: [ConfigNode], _ stays: inout [Int?], in parents: [[Substring]]) -> [Edit] {
        if rules.dialect.ordered.isEmpty { return [] }
        let before = lists(old, in: parents)
        let after = lists(new, in: parents)
        var moves: [Edit] = []
        for list in after.order {
            guard let wanted = after.lists[list], let present = before.lists[list] else { continue }
            if rules.dialect.ordered[list.rule].isMovable {
                moves += self.moves(present.map { old[$0].text }, wanted.map { new[$0] })
                continue
            }
            var kept = 0
            for index in present where kept < wanted.count && old[index].text.isExactly(new[wanted[kept]].text) {
                kept += 1
            }
            for index in wanted.dropFirst(kept) { stays[index] = nil }
        }
        return moves
    }

    private struct List: Hashable {
        let rule: Int
        let names: String
    }

    private func lists(_ nodes: [ConfigNode], in parents: [[Substring]]) -> (lists: [List: [Int]], order: [List]) {
        var lists: [List: [Int]] = [:]
        var order: [List] = []
        for (index, node) in nodes.enumerated() {
            guard rules.ordered.mayMatch(firstWord: node.firstWord) else { continue }
            let words = node.words
            guard let (rule, match) = rules.ordered.match(words, in: parents),
                rules.dialect.ordered[rule].last?.match(words, in: parents) == nil,
                !rules.exchanged.matches(words, in: parents)
            else { continue }
            let list = List(rule: rule, names: match.names)
            if lists[list] == nil { order.append(list) }
            lists[list, default: []].append(index)
        }
        return (lists, order)
    }

    /// The moves that bring a list into its order, once what is gone was removed and what is new was added at the end: as few of
    /// what was there as can be, and what is new to its place.
    private func moves(_ old: [String], _ new: [ConfigNode]) -> [Edit] {
        let wanted = Dictionary(
            zip(new.map { ExactText($0.text) }, new.indices), uniquingKeysWith: { first, _ in first })
        let present = old.filter { wanted[ExactText($0)] != nil }
        let known = Set(present.map(ExactText.init))
        let lastKnown = new.lastIndex { known.contains(ExactText($0.text)) } ?? -1
        let still = Set(
            Self.longestRising(present.compactMap { wanted[ExactText($0)] }) + Array(lastKnown + 1..<new.count))
        var first = present.first
        var moves: [Edit] = []
        for (index, node) in new.enumerated() {
            if !still.contains(index) {
                if index > 0 {
                    moves.append(.move(node, isBefore: false, of: new[index - 1].text))
                } else if let head = first, head != node.text {
                    moves.append(.move(node, isBefore: true, of: head))
                }
            }
            if index == 0 { first = node.text }
        }
        return moves
    }

    /// The longest sequence of rising numbers in a list.
    private static func longestRising(_ numbers: [Int]) -> [Int] {
        // ends[n]: where the rising sequence of n + 1 numbers with the smallest end ends.
        var ends: [Int] = []
        var before = Array(repeating: -1, count: numbers.count)
        for (index, number) in numbers.enumerated() {
            var low = 0
            var high = ends.count
            while low < high {
                let middle = (low + high) / 2
                if numbers[ends[middle]] < number { low = middle + 1 } else { high = middle }
            }
            before[index] = low > 0 ? ends[low - 1] : -1
            if low == ends.count { ends.append(index) } else { ends[low] = index }
        }
        var rising: [Int] = []
        var at = ends.last ?? -1
        while at >= 0 {
            rising.append(numbers[at])
            at = before[at]
        }
        return rising
    }
}

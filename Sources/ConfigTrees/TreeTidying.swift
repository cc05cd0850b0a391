extension TreeComparison {
    /// The same lines, each once, and those that go on in others in one.
    func tidied(_ nodes: [ConfigNode], in parents: [[Substring]]) -> [ConfigNode] {
        var tidy: [ConfigNode] = []
        tidy.reserveCapacity(nodes.count)
        var place: [ExactText: Int] = [:]
        var room = Self.mostExpanded
        for line in nodes {
            for node in expanded(line, &room, in: parents) { add(node, to: &tidy, &place, in: parents) }
        }
        return tidy
    }

    private func add(
        _ node: ConfigNode, to tidy: inout [ConfigNode], _ place: inout [ExactText: Int], in parents: [[Substring]]
    ) {
        if let same = place[ExactText(node.text)] {
            tidy[same].children += node.children
            return
        }
        if rules.continued.mayMatch(firstWord: node.firstWord),
            let (_, match) = rules.continued.match(node.words, in: parents)
        {
            let rest = node.words.dropFirst(match.count)
            if rest.first == "add", rest.count == 2, let last = rest.last, let before = place[ExactText(match.key)] {
                tidy[before].text += "," + last
                return
            }
            place[ExactText(match.key)] = tidy.count
        }
        place[ExactText(node.text)] = tidy.count
        tidy.append(node)
    }

    /// How many entries the lists of a section may have together: a hostile text must not become a thousand times as long.
    private static let mostExpanded = 20_000

    /// A line for each entry of a list, as long as there is room.
    private func expanded(_ node: ConfigNode, _ room: inout Int, in parents: [[Substring]]) -> [ConfigNode] {
        guard rules.expanded.mayMatch(firstWord: node.firstWord) else { return [node] }
        let words = node.words
        guard node.children.isEmpty, let (_, match) = rules.expanded.match(words, in: parents) else { return [node] }
        let beginning = words.prefix(match.count).joined(separator: " ") + " "
        guard let numbers = Self.numbers(words.dropFirst(match.count)), numbers.count > 1, numbers.count <= room else {
            return [node]
        }
        room -= numbers.count
        return numbers.map { ConfigNode(text: beginning + String($0)) }
    }

    /// A command for each entry of a list that it says or takes back.
    func entries(of command: ConfigNode, in parents: [[Substring]]) -> [ConfigNode] {
        var room = Self.mostExpanded
        guard let positive = rules.negated(command.text) else { return expanded(command, &room, in: parents) }
        let entries = expanded(ConfigNode(text: positive, children: command.children), &room, in: parents)
        return entries.count > 1 ? entries.map { ConfigNode(text: rules.opposite($0.text)) } : [command]
    }

    /// The numbers of a list, or nil if it is none, or one longer than any device's.
    private static func numbers(_ words: ArraySlice<Substring>) -> [Int]? {
        var numbers: [Int] = []
        var isRange = false
        for word in words.flatMap({ $0.split(separator: ",") }) {
            if word == "to" {
                isRange = true
                continue
            }
            let ends = word.split(separator: "-").compactMap { UInt16($0).map(Int.init) }
            guard var first = ends.first, let last = ends.last, ends.count <= 2 else { return nil }
            if isRange, let before = numbers.last { first = before + 1 }
            isRange = false
            guard first <= last, last - first < 4096, numbers.count < 4096 else { return nil }
            numbers += first...last
        }
        return numbers
    }

    /// Gives the lines of a numbered section numbers if only one of both has them.
    func number(_ old: inout [ConfigNode], _ new: inout [ConfigNode], in parents: [[Substring]]) {
        guard let section = parents.last, !old.isEmpty, !new.isEmpty,
            rules.numbered.matches(section, in: parents.dropLast())
        else { return }
        func hasNumbers(_ nodes: [ConfigNode]) -> Bool { nodes.contains { $0.text.first?.isWholeNumber == true } }
        func add(to nodes: inout [ConfigNode]) {
            for index in nodes.indices { nodes[index].text = "\((index + 1) * 10) " + nodes[index].text }
        }
        switch (hasNumbers(old), hasNumbers(new)) {
        case (true, false): add(to: &new)
        case (false, true): add(to: &old)
        default: break
        }
    }
}

extension TreeComparison {
    /// The same lines, each once, and those that go on in others in one.
    func tidied(_ nodes: [ConfigNode], in parents: [[Substring]]) -> [ConfigNode] {
        var tidy: [ConfigNode] = []
        tidy.reserveCapacity(nodes.count)
        var place: [ExactText: Int] = [:]
        var room = Self.mostExpanded
        for line in nodes {
            if line.children.isEmpty, rules.lasting.mayMatch(firstWord: line.firstWord),
                rules.lasting.matches(line.words, in: parents)
            {
                continue
            }
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
        guard let entries = Self.entries(words.dropFirst(match.count)), entries.count > 1, entries.count <= room else {
            return [node]
        }
        room -= entries.count
        return entries.map { ConfigNode(text: beginning + $0) }
    }

    /// A command for each entry of a list that it says or takes back.
    func entries(of command: ConfigNode, in parents: [[Substring]]) -> [ConfigNode] {
        var room = Self.mostExpanded
        guard let positive = rules.negated(command.text) else { return expanded(command, &room, in: parents) }
        let entries = expanded(ConfigNode(text: positive, children: command.children), &room, in: parents)
        return entries.count > 1 ? entries.map { ConfigNode(text: rules.opposite($0.text)) } : [command]
    }

    /// The entries of a list of numbers, or of ports such as `1/2-1/22,A1,Trk1`; nil if it is none, or one longer than any device's.
    private static func entries(_ words: ArraySlice<Substring>) -> [String]? {
        var entries: [(prefix: Substring, number: Int)] = []
        var isRange = false
        for word in words.flatMap({ $0.split(separator: ",") }) {
            if word == "to" {
                isRange = true
                continue
            }
            let ends = word.split(separator: "-").map(entry)
            guard ends.count <= 2, var first = ends.first ?? nil, let last = ends.last ?? nil,
                first.prefix == last.prefix
            else { return nil }
            if isRange, let before = entries.last { first.number = before.number + 1 }
            isRange = false
            guard first.number <= last.number, last.number - first.number < 4096, entries.count < 4096 else {
                return nil
            }
            entries += (first.number...last.number).map { (first.prefix, $0) }
        }
        return entries.map { $0.prefix + String($0.number) }
    }

    /// A number with what stands before it.
    private static func entry(_ word: Substring) -> (prefix: Substring, number: Int)? {
        let prefix = word.dropLast(word.reversed().prefix { $0.isASCII && $0.isNumber }.count)
        return UInt16(word.dropFirst(prefix.count)).map { (prefix, Int($0)) }
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

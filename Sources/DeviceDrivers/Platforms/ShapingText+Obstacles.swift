import RolloutEngine

// What may not stand beside the lines of an interface.
extension ShapingText {
    /// What stands where nothing may stand beside our lines, each with the lines it is in.
    func obstacles(in outline: ConfigOutline, policy: String?) throws(DriverError) -> [String] {
        var found: [String] = []
        for path in rules.alone where policy != nil || !path.contains(where: { names("policy", in: $0) }) {
            guard let last = path.last else { continue }
            var places = [Place(nodes: outline.nodes, above: "")]
            for step in path.dropLast() {
                let wanted = try expression(step, policy: policy, isLast: false)
                places = places.flatMap { $0.below(wanted) }
            }
            let known = values(policy: policy)
            let beginning = Placeholders.filled(last) { known[$0] }
            let own = try own(at: path, policy: policy)
            for place in places {
                for node in place.nodes where Self.tail(of: node.text, after: beginning) != nil {
                    if let obstacle = own.obstacle(of: node) { found.append(place.above + obstacle) }
                }
            }
        }
        return found
    }

    /// Lines below one that was asked for, with all that is above them.
    private struct Place {
        var nodes: [ConfigOutline.Node]
        var above: String

        func below(_ wanted: LineExpression) -> [Place] {
            nodes.filter { wanted.isFound(in: $0.text) }.map {
                Place(nodes: $0.children, above: above + $0.text + " / ")
            }
        }
    }

    /// Lines of our own where nothing else may stand: those that the rules say at the same place.
    private struct OwnLines {
        var lines: [LineExpression]
        /// Whether the rules say a line at the end of this path, and none below it.
        var mayHoldNothing: Bool

        /// What there is in a line, or in what it holds, that is not ours.
        func obstacle(of node: ConfigOutline.Node) -> String? {
            guard lines.contains(where: { $0.isFound(in: node.text) }) else { return node.text }
            guard mayHoldNothing, let inner = node.children.first else { return nil }
            return node.text + " / " + inner.text
        }
    }

    private func own(at path: [String], policy: String?) throws(DriverError) -> OwnLines {
        let depth = path.count - 1
        let rules = self.rules.lines.filter { $0.count > depth && Array($0[..<depth]) == Array(path[..<depth]) }
        var lines: [LineExpression] = []
        for rule in rules {
            lines.append(try expression(rule[depth], policy: policy, isLast: rule.count == path.count))
        }
        return OwnLines(
            lines: lines,
            mayHoldNothing: self.rules.lines.contains { $0.count == path.count }
                && !rules.contains { $0.count > path.count })
    }
}

/// The lines of a configuration under the lines they are indented below; flat where a platform writes whole paths. Pure.
struct ConfigOutline: Hashable, Sendable {
    /// The outermost lines.
    var nodes: [Node] = []

    /// One line with what stands below it.
    struct Node: Hashable, Sendable {
        var text: String
        var children: [Node] = []
    }

    /// Lines that stand under each other already.
    init(nodes: [Node]) { self.nodes = nodes }

    /// Reads lines that are indented by any number of spaces.
    init(_ lines: some Sequence<String>) {
        var open: [(indent: Int, node: Node)] = []
        var roots: [Node] = []
        func close(to indent: Int) {
            while let last = open.last, last.indent >= indent {
                open.removeLast()
                if open.isEmpty {
                    roots.append(last.node)
                } else {
                    open[open.count - 1].node.children.append(last.node)
                }
            }
        }
        for line in lines {
            guard let start = line.utf8.firstIndex(where: { $0 != 0x20 }) else { continue }
            let indent = line.utf8.distance(from: line.startIndex, to: start)
            close(to: indent)
            open.append((indent, Node(text: String(line[start...]).trimmingTrailingSpaces())))
        }
        close(to: 0)
        nodes = roots
    }

    /// The lines, indented by one space for each level.
    var lines: [String] {
        func lines(of node: Node, _ depth: Int) -> [String] {
            [String(repeating: " ", count: depth) + node.text] + node.children.flatMap { lines(of: $0, depth + 1) }
        }
        return nodes.flatMap { lines(of: $0, 0) }
    }
}

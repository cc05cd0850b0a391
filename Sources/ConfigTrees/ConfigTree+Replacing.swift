extension ConfigTree {
    /// Of this configuration, the outermost lines that others have as well, with all that stands beneath them.
    public func beginning(like others: [ConfigTree]) -> ConfigTree {
        let texts = Set(others.flatMap { $0.nodes.map(\.text) })
        var tree = self
        tree.nodes.removeAll { !texts.contains($0.text) }
        return tree
    }

    /// This configuration with a part of it in the place of another, on platforms of paths and of sections.
    ///
    /// What named only what is gone is gone too; what anything else stands beneath stays. So the way to this configuration takes
    /// away no more than the part, which the way from part to part does not know: it sees nothing else beneath a common beginning.
    public func replacing(_ old: ConfigTree, by new: ConfigTree) -> ConfigTree {
        var tree = self
        tree.nodes = Self.adding(new.nodes, to: Self.removing(old.nodes, from: nodes))
        return tree
    }

    private static func removing(_ gone: [ConfigNode], from nodes: [ConfigNode]) -> [ConfigNode] {
        nodes.compactMap { node in
            guard let part = gone.first(where: { $0.text.isExactly(node.text) }) else { return node }
            var node = node
            if node.children.isEmpty { return part.children.isEmpty ? nil : node }
            node.children = removing(part.children, from: node.children)
            return node.children.isEmpty ? nil : node
        }
    }

    private static func adding(_ new: [ConfigNode], to nodes: [ConfigNode]) -> [ConfigNode] {
        var nodes = nodes
        for node in new {
            if let index = nodes.firstIndex(where: { $0.text.isExactly(node.text) }) {
                nodes[index].children = adding(node.children, to: nodes[index].children)
            } else {
                nodes.append(node)
            }
        }
        return nodes
    }
}

extension ConfigTree {
    /// This configuration without the commands that hold a text, and the sections that stood for nothing else.
    public func without(_ text: String) -> ConfigTree {
        func kept(_ nodes: [ConfigNode]) -> [ConfigNode] {
            nodes.compactMap { node in
                if node.text.contains(text) { return nil }
                guard !node.children.isEmpty else { return node }
                var node = node
                node.children = kept(node.children)
                return node.children.isEmpty ? nil : node
            }
        }
        var tree = self
        tree.nodes = kept(nodes)
        return tree
    }
}

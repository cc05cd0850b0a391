/// Paths that share the words they begin with. Words of one parent are found at once, however many there are.
struct PathTrie {
    private struct Key: Hashable {
        let parent: Int
        let word: ExactText
    }

    private var nodes: [ConfigNode] = [ConfigNode(text: "")]
    private var children: [[Int]] = [[]]
    private var index: [Key: Int] = [:]

    static let root = 0

    /// The child of a node with this word; it is made if there is none.
    mutating func child(of parent: Int, word: String, isJoined: Bool) -> Int {
        let key = Key(parent: parent, word: ExactText(word))
        if let child = index[key] { return child }
        let child = nodes.count
        nodes.append(ConfigNode(text: word, isJoined: isJoined))
        children.append([])
        children[parent].append(child)
        index[key] = child
        return child
    }

    /// The node at the end of a path, or nil.
    func find(_ path: [String]) -> Int? {
        var node = Self.root
        for word in path {
            guard let child = index[Key(parent: node, word: ExactText(word))] else { return nil }
            node = child
        }
        return node
    }

    mutating func deactivate(_ node: Int) {
        // A value is without effect exactly if its name is: the flag stands at the value, whichever of them was named.
        let only = children[node].count == 1 ? children[node][0] : node
        nodes[children[only].isEmpty ? only : node].isInactive = true
    }

    /// The tree. It is as deep as the longest path, which readers limit.
    func tree() -> [ConfigNode] {
        subtree(Self.root).children
    }

    private func subtree(_ node: Int) -> ConfigNode {
        var tree = nodes[node]
        tree.children = children[node].map(subtree)
        return tree
    }
}

/// One line of a configuration, with the lines beneath it.
public struct ConfigNode: Codable, Equatable, Sendable {
    /// The line as the device shows it, without indentation: `description to the core`.
    public var line: String
    /// What a later line must share to take this one's place: `description`. A list entry is its own key.
    public let key: String
    /// Where it stands among its siblings: the place of its rule in the grammar, as devices show settings in their own order.
    let order: Int
    /// Whether it stays when nothing is beneath it.
    let isLasting: Bool
    /// Whether lines can be beneath it.
    let isBlock: Bool
    /// The lines beneath.
    public var children: [ConfigNode] = []

    init(line: String, key: String, order: Int, isLasting: Bool, isBlock: Bool) {
        self.line = line
        self.key = key
        self.order = order
        self.isLasting = isLasting
        self.isBlock = isBlock
    }
}

/// A configuration: lines in a hierarchy. Every line is there once, under its key.
public struct ConfigTree: Codable, Equatable, Sendable {
    /// The lines of the first level.
    public internal(set) var nodes: [ConfigNode] = []

    /// An empty configuration.
    public init() {}

    init(nodes: [ConfigNode]) { self.nodes = nodes }

    /// Puts the last line of a path there, and those before it where they are missing.
    mutating func set(_ path: [ConfigNode]) { Self.set(path[...], in: &nodes) }

    private static func set(_ path: ArraySlice<ConfigNode>, in nodes: inout [ConfigNode]) {
        guard let first = path.first else { return }
        let index: Int
        if let known = nodes.firstIndex(where: { $0.key == first.key }) {
            nodes[known].line = first.line
            index = known
        } else {
            index = nodes.firstIndex { $0.order > first.order } ?? nodes.count
            nodes.insert(first, at: index)
        }
        set(path.dropFirst(), in: &nodes[index].children)
    }

    /// Takes away what is at a path of keys, with the containers that are empty then; false when there is nothing.
    @discardableResult
    mutating func remove(_ keys: [String]) -> Bool { Self.remove(keys[...], in: &nodes) }

    private static func remove(_ keys: ArraySlice<String>, in nodes: inout [ConfigNode]) -> Bool {
        guard let key = keys.first, let index = nodes.firstIndex(where: { $0.key == key }) else { return false }
        guard keys.count > 1 else {
            nodes.remove(at: index)
            return true
        }
        let removed = remove(keys.dropFirst(), in: &nodes[index].children)
        if removed, nodes[index].children.isEmpty, !nodes[index].isLasting { nodes.remove(at: index) }
        return removed
    }

    /// What is at a path of keys.
    public func node(_ keys: [String]) -> ConfigNode? {
        var found: ConfigNode?
        var level = nodes
        for key in keys {
            guard let next = level.first(where: { $0.key == key }) else { return nil }
            found = next
            level = next.children
        }
        return found
    }

    /// What comes after a key on its line: `10` of `description = 10`; nil when it is not there.
    func value(_ keys: [String]) -> String? {
        node(keys).map { node in
            node.line == node.key ? "" : String(node.line.dropFirst(node.key.count + 1))
        }
    }
}

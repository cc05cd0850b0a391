/// A configuration of a network device: commands, and the commands within their sections.
public struct ConfigTree: Hashable, Sendable {
    /// How many sections may stand in each other. No platform comes near; what does, is no configuration.
    public static let deepestNesting = 100

    let syntax: ConfigSyntax
    var nodes: [ConfigNode]
    /// Whether it was written as flat `set` lines. Only platforms of paths have these.
    let isFlat: Bool

    init(nodes: [ConfigNode], syntax: ConfigSyntax, isFlat: Bool = false) {
        self.nodes = nodes
        self.syntax = syntax
        self.isFlat = isFlat
    }

    /// Reads a configuration as a device shows it or as a person writes it, in time linear in its length.
    ///
    /// Comments, blank lines, ends of sections and the syntax's noise are not kept.
    ///
    /// - Throws: `ConfigTreeError` with the line.
    public init(parsing text: String, syntax: ConfigSyntax) throws(ConfigTreeError) {
        switch syntax.family {
        case .indented:
            self.init(nodes: try IndentedReader(syntax: syntax).read(text), syntax: syntax)
        case .paths:
            let isFlat = PathReader.isFlat(text, syntax)
            let reader = PathReader(syntax: syntax)
            self.init(
                nodes: isFlat ? try reader.readFlat(text) : try reader.readBraces(text), syntax: syntax, isFlat: isFlat)
        case .menus:
            self.init(nodes: try MenuReader(syntax: syntax).read(text), syntax: syntax)
        }
    }

    /// The same, by a dialect that was made ready before.
    package init(parsing text: String, rules: DialectRules) throws(ConfigTreeError) {
        let syntax = rules.dialect.syntax
        if syntax.family == .indented {
            self.init(nodes: try rules.reader.read(text), syntax: syntax)
        } else {
            try self.init(parsing: text, syntax: syntax)
        }
    }

    /// The same, as whole paths on platforms of paths, also where it was written in braces.
    public var flattened: ConfigTree { ConfigTree(nodes: nodes, syntax: syntax, isFlat: syntax.family == .paths) }

    /// The configuration in the way it was written, with a newline behind every line.
    ///
    /// Read again it gives the same tree.
    public var text: String {
        switch syntax.family {
        case .indented: TreePrinter(syntax: syntax).indented(nodes)
        case .paths: isFlat ? TreePrinter(syntax: syntax).flat(nodes) : TreePrinter(syntax: syntax).braces(nodes)
        case .menus: TreePrinter(syntax: syntax).menus(nodes)
        }
    }
}

/// A command without its indentation, and what stands in its section; on platforms of paths one word of a path.
///
/// A command of several lines, such as a banner, holds them with newlines between.
struct ConfigNode: Hashable, Sendable {
    var text: String
    var children: [ConfigNode] = []
    /// Kept by the device but without effect: `inactive:` on Junos.
    var isInactive = false
    /// Paths in braces: this word stands in one statement with the one before, as `0` in `unit 0 { ... }`.
    var isJoined = false

    var firstWord: Substring { text.firstWord }

    static func == (a: ConfigNode, b: ConfigNode) -> Bool {
        a.text.isExactly(b.text) && a.isInactive == b.isInactive && a.isJoined == b.isJoined && a.children == b.children
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ExactText(text))
        hasher.combine(isInactive)
        hasher.combine(children)
    }

    /// The words of the first line.
    var words: [Substring] {
        guard let end = text.utf8.firstIndex(of: UInt8(ascii: "\n")) else { return text.words }
        return String(text[..<end]).words
    }
}

/// Nodes in the order of a text, put into each other by their depth.
struct TreeBuilder {
    private var roots: [ConfigNode] = []
    private var open: [ConfigNode] = []

    /// How many sections are open.
    var depth: Int { open.count }

    /// Adds a node at a depth, 0 for the outermost, that is at most the depth so far.
    mutating func add(_ node: ConfigNode, at depth: Int, line: Int) throws(ConfigTreeError) {
        guard depth < ConfigTree.deepestNesting else {
            throw ConfigTreeError(line: line, expected: "at most \(ConfigTree.deepestNesting) sections in each other")
        }
        close(to: depth)
        open.append(node)
    }

    /// Closes sections until only so many are open.
    mutating func close(to depth: Int) {
        while open.count > depth, let node = open.popLast() {
            if open.isEmpty { roots.append(node) } else { open[open.count - 1].children.append(node) }
        }
    }

    mutating func finish() -> [ConfigNode] {
        close(to: 0)
        return roots
    }
}

/// Writes trees as their platforms do.
struct TreePrinter {
    let syntax: ConfigSyntax

    func indented(_ nodes: [ConfigNode]) -> String {
        var text = ""
        func add(_ nodes: [ConfigNode], _ margin: String) {
            for node in nodes {
                text += margin
                text += node.text
                text += "\n"
                if !node.children.isEmpty { add(node.children, margin + " ") }
            }
        }
        add(nodes, "")
        return text
    }

    func flat(_ nodes: [ConfigNode]) -> String {
        Self.paths(nodes).map { $0.text(syntax) + "\n" }.joined()
    }

    /// The commands that make a tree, deactivations behind what is set.
    static func paths(_ nodes: [ConfigNode], under parent: [String] = []) -> [PathCommand] {
        var sets: [PathCommand] = []
        var inactive: [PathCommand] = []
        func add(_ nodes: [ConfigNode], _ parent: [String]) {
            for node in nodes {
                let path = parent + [node.text]
                if node.children.isEmpty { sets.append(.set(path)) } else { add(node.children, path) }
                if node.isInactive { inactive.append(.deactivate(path)) }
            }
        }
        add(nodes, parent)
        return sets + inactive
    }

    func braces(_ nodes: [ConfigNode]) -> String {
        var text = ""
        func add(_ node: ConfigNode, _ margin: String, _ before: String) {
            let words = before + PathCommand.quoted(node.text, syntax.statementEnd.isEmpty ? syntax.quote : "\"")
            let start = margin + (node.isInactive ? "inactive: " : "") + words
            let section = node.children.filter { !$0.isJoined }
            if node.children.isEmpty {
                text += start + syntax.statementEnd + "\n"
            } else if !section.isEmpty || node.isInactive {
                text += start + " {\n"
                for child in section { add(child, margin + "    ", "") }
                text += margin + "}\n"
            }
            for child in node.children where child.isJoined { add(child, margin, words + " ") }
        }
        for node in nodes { add(node, "", "") }
        return text
    }

    func menus(_ nodes: [ConfigNode]) -> String {
        nodes.map { menu in menu.text + "\n" + menu.children.map { $0.text + "\n" }.joined() }.joined()
    }
}

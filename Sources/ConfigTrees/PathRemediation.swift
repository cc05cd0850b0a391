/// Commands for platforms whose configuration is paths.
struct PathRemediation {
    let rules: DialectRules

    /// What is deleted first, then what is set, then what order and effect need.
    func commands(_ level: Level) -> [PathCommand] {
        var commands = Commands()
        add(level, [], &commands)
        return commands.deletes + commands.sets + commands.rest
    }

    private struct Commands {
        var deletes: [PathCommand] = []
        var sets: [PathCommand] = []
        var rest: [PathCommand] = []
    }

    private func add(_ level: Level, _ parent: [String], _ commands: inout Commands) {
        for edit in level.edits {
            switch edit {
            case .within(let node, let level): add(level, parent + [node.text], &commands)
            case .add(let node), .replace(_, let node), .again(let node): set(node, parent, &commands)
            case .remove(let node): delete(node, parent, &commands)
            case .exchange(let old, let new), .rewrite(let old, let new):
                delete(old, parent, &commands)
                set(new, parent, &commands)
            case .move(let node, let isBefore, let other):
                commands.rest.append(.insert(parent + [node.text], isBefore: isBefore, of: other))
            case .activity(let node, let isInactive):
                let path = parent + [node.text]
                commands.rest.append(isInactive ? .deactivate(path) : .activate(path))
            }
        }
    }

    private func set(_ node: ConfigNode, _ parent: [String], _ commands: inout Commands) {
        for command in TreePrinter.paths([node], under: parent) {
            if case .set = command { commands.sets.append(command) } else { commands.rest.append(command) }
        }
    }

    private func delete(_ node: ConfigNode, _ parent: [String], _ commands: inout Commands) {
        let path = parent + [node.text]
        if !node.children.isEmpty, rules.partial.matches(node.words, in: parent.map(\.words)) {
            for child in node.children { delete(child, path, &commands) }
        } else {
            commands.deletes.append(.delete(path))
        }
    }
}

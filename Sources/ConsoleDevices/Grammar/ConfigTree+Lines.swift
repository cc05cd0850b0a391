extension ConfigTree {
    /// The configuration that typed lines make, those of a block indented beneath it.
    ///
    /// - Parameters:
    ///   - lines: as a device shows them; separators and comments are skipped.
    ///   - dialect: whose lines they are.
    /// - Returns: the configuration, and the lines that were not understood.
    static func typed(
        _ lines: [String], _ dialect: any Dialect, interfaces: [String], onto start: ConfigTree = ConfigTree()
    ) -> (tree: ConfigTree, misread: [String]) {
        var tree = start
        var misread: [String] = []
        var levels: [(indent: Int, path: [ConfigNode], rules: [Rule])] = [(-1, [], dialect.grammar)]
        for line in lines {
            let text = line.trimmed
            guard let first = text.first, first != "!", first != "#" else { continue }
            let indent = line.prefix { $0 == " " }.count
            while levels.count > 1, levels[levels.count - 1].indent >= indent { levels.removeLast() }
            let reading = Reading(
                text, naming: dialect.naming, interfaces: interfaces, mayBeShort: dialect.habits.shortWords)
            let level = levels[levels.count - 1]
            let isUndone = ["no", "undo", "delete"].contains(reading.words[0].text)
            let isSet = reading.words[0].text == "set"
            let result = level.rules.read(
                reading, from: isUndone || isSet ? 1 : 0, keyOnly: isUndone, throughout: true)
            guard case .success(let understood) = result else {
                misread.append(text)
                continue
            }
            let path = level.path + understood.path
            if isUndone { tree.remove(path.map(\.key)) } else { tree.set(path) }
            if understood.rule.isBlock { levels.append((indent, path, understood.rule.children)) }
        }
        return (tree, misread)
    }
}

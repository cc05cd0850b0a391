/// What RouterOS makes of commands.
struct MenuApplying {
    let dialect: ConfigDialect

    /// - Returns: The menus with their entries as commands.
    func apply(_ commands: [String], to menus: [ConfigNode]) throws(ConfigTreeError) -> [ConfigNode] {
        let entries = MenuEntries(dialect: dialect)
        var state = entries.normal(menus)
        for (index, command) in commands.enumerated() {
            for menu in try MenuReader(syntax: dialect.syntax).read(command) {
                if !state.contains(where: { $0.text == menu.text }) { state.append(ConfigNode(text: menu.text)) }
                guard let place = state.firstIndex(where: { $0.text == menu.text }) else { continue }
                for line in menu.children {
                    try apply(line.text, in: menu.text, to: &state[place].children, number: index + 1)
                }
            }
        }
        return state.map { menu in
            ConfigNode(text: menu.text, children: menu.children.map { ConfigNode(text: entries.command($0)) })
        }
    }

    private func apply(
        _ line: String, in menu: String, to entries: inout [ConfigNode], number: Int
    ) throws(ConfigTreeError) {
        let words = try MenuReader.words(line, line: number)
        if words.first == "remove" {
            let wanted = MenuEntries.values(words.dropFirst().joined(separator: " "))
            entries.removeAll { MenuEntries.values($0).isSuperset(of: wanted) }
            return
        }
        guard let said = MenuEntries(dialect: dialect).entry(line, menu) else {
            throw ConfigTreeError(line: number, expected: "add, set or remove")
        }
        guard let place = entries.firstIndex(where: { $0.text == said.text }) else {
            entries.append(said)
            return
        }
        if words.first == "add" { throw ConfigTreeError(line: number, expected: "no second entry \(said.text)") }
        for value in said.children {
            let name = value.text.hasPrefix("!") ? String(value.text.dropFirst()) : value.text
            let isUnset =
                value.text.hasPrefix("!") || name == "comment" && value.children.first?.text == "\"\""
                || name == "disabled" && value.children.first?.text == "no"
            entries[place].children.removeAll { $0.text == name }
            if !isUnset { entries[place].children.append(value) }
        }
        if entries[place].children.isEmpty, !MenuEntries.isAdded(entries[place]) { entries.remove(at: place) }
    }
}

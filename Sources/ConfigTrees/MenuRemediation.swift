/// Commands for RouterOS.
struct MenuRemediation {
    let dialect: ConfigDialect

    /// What comes in the order of the menus; what others may still refer to goes behind it, the last menu first.
    func commands(_ level: Level, from old: [ConfigNode]) -> [String] {
        var commands: [String] = []
        var removals: [[String]] = []
        for edit in level.edits {
            switch edit {
            case .within(let menu, let entries):
                let before = old.first { $0.text == menu.text }?.children ?? []
                add(Self.widened(entries, before), menu.text, &commands, &removals)
            case .add(let menu): add(Level(edits: menu.children.map { .add($0) }), menu.text, &commands, &removals)
            case .remove(let menu):
                add(Level(edits: menu.children.map { .remove($0) }), menu.text, &commands, &removals)
            default: continue
            }
        }
        return commands + removals.reversed().joined()
    }

    private func add(_ level: Level, _ menu: String, _ commands: inout [String], _ removals: inout [[String]]) {
        let entries = MenuEntries(dialect: dialect)
        var late: [String] = []
        var said: [String] = []
        let again = Set(level.edits.compactMap { edit in if case .add(let entry) = edit { entry.text } else { nil } })
        for edit in level.edits {
            switch edit {
            case .add(let entry): said.append("\(menu) \(entries.command(entry))")
            case .remove(let entry):
                guard MenuEntries.isAdded(entry) else {
                    let values = entry.children.map(Self.unsaid).joined(separator: " ")
                    if !values.isEmpty { said.append("\(menu) set \(MenuEntries.target(entry))\(values)") }
                    continue
                }
                // What is found by everything it says may be in the way of what comes, and nothing refers to it.
                if entry.children.isEmpty || again.contains(entry.text) {
                    commands.append("\(menu) remove \(entry.text)")
                } else {
                    late.append("\(menu) remove \(entry.text)")
                }
            case .within(let entry, let values):
                let changes = values.edits.compactMap(Self.change).joined(separator: " ")
                said.append("\(menu) set \(MenuEntries.target(entry))\(changes)")
            default: continue
            }
        }
        commands += said
        removals.append(late)
    }

    private static func change(_ edit: Edit) -> String? {
        switch edit {
        case .add(let value): MenuEntries.said(value)
        case .remove(let value): unsaid(value)
        case .within(let value, let level): level.new.isEmpty ? unsaid(value) : "\(value.text)=\(level.new[0].text)"
        default: nil
        }
    }

    /// A value that is not set is the default. Only a few can be said; the others have a way to say that they are not set.
    private static func unsaid(_ value: ConfigNode) -> String {
        switch value.text {
        case "comment": "comment=\"\""
        case "disabled": "disabled=no"
        default: "!" + value.text
        }
    }

    /// More pairs of entries than this are not compared.
    private static let mostPairs = 1_000_000

    /// An entry is found by its values, and so is every entry with more of them. Where such a one would stay, the list is made
    /// anew.
    private static func widened(_ level: Level, _ old: [ConfigNode]) -> Level {
        func isWhole(_ entry: ConfigNode) -> Bool { entry.children.isEmpty && MenuEntries.isAdded(entry) }
        let removed = level.edits.compactMap { edit -> ConfigNode? in
            if case .remove(let entry) = edit, isWhole(entry) { entry } else { nil }
        }
        if removed.isEmpty { return level }
        let going = Set(removed.map(\.text))
        let staying = old.filter { !going.contains($0.text) && isWhole($0) }.map(MenuEntries.values)
        let mayHit =
            removed.count * staying.count > mostPairs
            || removed.map(MenuEntries.values).contains { wanted in staying.contains { $0.isSuperset(of: wanted) } }
        if !mayHit { return level }
        let others = level.edits.filter { edit in
            switch edit {
            case .add(let entry), .remove(let entry): !isWhole(entry)
            default: true
            }
        }
        return Level(
            edits: old.filter(isWhole).map { .remove($0) } + others + level.new.filter(isWhole).map { .add($0) },
            new: level.new)
    }
}

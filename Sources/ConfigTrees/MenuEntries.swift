/// The entries of RouterOS's menus with their values, as they are compared.
///
/// A menu holds entries, an entry the names of values, a name its value. Entries are told from each other by the text that finds
/// them: `[ find name=x ]`, or `set` for the menu's own values.
struct MenuEntries {
    let dialect: ConfigDialect

    /// The entry that stands for the values of a menu itself.
    static let itself = "set"

    func normal(_ menus: [ConfigNode]) -> [ConfigNode] {
        menus.map { menu in
            var entries: [ConfigNode] = []
            var place: [String: Int] = [:]
            for command in menu.children {
                guard let entry = entry(command.text, menu.text) else { continue }
                if let same = place[entry.text] {
                    entries[same].children += entry.children
                } else {
                    place[entry.text] = entries.count
                    entries.append(entry)
                }
            }
            return ConfigNode(text: menu.text, children: entries)
        }.filter { !$0.children.isEmpty }
    }

    /// A name and its value, or a word alone.
    struct Value: Hashable {
        let name: String
        let value: String?

        init(_ word: String) {
            if let equals = word.firstIndex(of: "="), !word.hasPrefix("[") {
                name = String(word[..<equals])
                value = String(word[word.index(after: equals)...])
            } else {
                name = word
                value = nil
            }
        }

        var node: ConfigNode { ConfigNode(text: name, children: value.map { [ConfigNode(text: $0)] } ?? []) }
    }

    /// The entry that a command adds or sets; nil if it does neither.
    func entry(_ command: String, _ menu: String) -> ConfigNode? {
        guard let words = try? MenuReader.words(command, line: 0), let verb = words.first else { return nil }
        let values = words.dropFirst().map(Value.init)
        if verb == "add" { return added(values, menu) }
        guard verb == "set" else { return nil }
        let target = values.first.flatMap { $0.value == nil && !$0.name.hasPrefix("!") ? $0.name : nil }
        let text = target.map { Self.tidied($0) } ?? Self.itself
        return ConfigNode(text: text, children: values.dropFirst(target == nil ? 0 : 1).map(\.node))
    }

    private func added(_ values: [Value], _ menu: String) -> ConfigNode {
        let keys = dialect.entryKeys.first { $0.menu == menu }?.names ?? ["name"]
        let found = keys.compactMap { key in values.first { $0.name == key } }
        let isNamed = found.count == keys.count && !keys.isEmpty
        let finding = isNamed ? found : values.sorted { $0.name < $1.name }
        let text = "[ find " + finding.map(Self.word).joined(separator: " ") + " ]"
        return ConfigNode(text: text, children: isNamed ? values.filter { !found.contains($0) }.map(\.node) : [])
    }

    private static func word(_ value: Value) -> String {
        value.value.map { "\(value.name)=\($0)" } ?? value.name
    }

    /// `[find name=x]` and `[ find name=x ]` are the same.
    private static func tidied(_ target: String) -> String {
        guard target.hasPrefix("["), target.hasSuffix("]") else { return target }
        let inner = (try? MenuReader.words(String(target.dropFirst().dropLast()), line: 0)) ?? []
        return "[ " + inner.filter { $0 != "where" }.joined(separator: " ") + " ]"
    }

    // MARK: Back to commands

    /// Whether an entry was added, and does not come with the device.
    static func isAdded(_ entry: ConfigNode) -> Bool {
        entry.text.hasPrefix("[ find ") && !entry.text.hasPrefix("[ find default-name=")
            && !entry.text.hasPrefix("[ find default=")
    }

    /// What `set` has to be told to find an entry, with a blank.
    static func target(_ entry: ConfigNode) -> String {
        entry.text == itself ? "" : entry.text + " "
    }

    /// A value as it is said.
    static func said(_ value: ConfigNode) -> String {
        value.children.first.map { "\(value.text)=\($0.text)" } ?? value.text
    }

    /// The command that makes an entry.
    func command(_ entry: ConfigNode) -> String {
        let values = entry.children.map(Self.said).joined(separator: " ")
        guard Self.isAdded(entry) else { return "set \(Self.target(entry))\(values)" }
        return "add \(entry.text.dropFirst("[ find ".count).dropLast(" ]".count))"
            + (values.isEmpty ? "" : " " + values)
    }

    /// What an entry is found by, and what it says.
    static func values(_ entry: ConfigNode) -> Set<String> {
        values(entry.text).union(entry.children.map(said))
    }

    /// What an entry is found by.
    static func values(_ text: String) -> Set<String> {
        guard text.hasPrefix("[ find ") else { return [text] }
        return Set((try? MenuReader.words(String(text.dropFirst("[ find ".count).dropLast(" ]".count)), line: 0)) ?? [])
    }
}

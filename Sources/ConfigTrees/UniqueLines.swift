/// Lines that may stand only once on a device and that move from one section to another.
struct UniqueLines {
    let rules: DialectRules

    /// Sections with the commands that take such lines away where they were, for those that stand in another section afterwards.
    func freed(from old: [ConfigNode], to new: [ConfigNode]) -> [ConfigNode] {
        if rules.dialect.unique.isEmpty { return [] }
        var homes: [String: Set<String>] = [:]
        for section in new {
            let parents = [section.words]
            for line in section.children where rules.unique.matches(line.words, in: parents) {
                homes[line.text, default: []].insert(section.text)
            }
        }
        let stay = Set(new.map(\.text))
        return old.compactMap { section in
            // A section that goes as a whole goes before anything is said elsewhere.
            guard stay.contains(section.text) else { return nil }
            let parents = [section.words]
            let moving = section.children.filter { line in
                guard let homes = homes[line.text], !homes.contains(section.text) else { return false }
                return rules.unique.matches(line.words, in: parents)
            }
            if moving.isEmpty { return nil }
            return ConfigNode(
                text: section.text, children: moving.map { ConfigNode(text: rules.takingBack($0, in: parents)) })
        }
    }
}

/// Lines that may stand only once on a device and that move from one section to another.
struct UniqueLines {
    let rules: DialectRules

    /// Sections with the commands that take such lines away where they were, for those that stand in another section afterwards.
    func freed(from old: [ConfigNode], to new: [ConfigNode]) -> [ConfigNode] {
        if rules.dialect.unique.isEmpty { return [] }
        let comparison = TreeComparison(rules: rules)
        func lines(of section: ConfigNode, in parents: [[Substring]]) -> [ConfigNode] {
            section.children.filter { rules.unique.matches($0.words, in: parents) }
                .flatMap { comparison.entries(of: $0, in: parents) }
        }
        var homes: [String: Set<String>] = [:]
        for section in new {
            for line in lines(of: section, in: [section.words]) {
                homes[line.text, default: []].insert(section.text)
            }
        }
        let stay = Set(new.map(\.text))
        return old.compactMap { section in
            // A section that goes as a whole goes before anything is said elsewhere.
            guard stay.contains(section.text) else { return nil }
            let parents = [section.words]
            let moving = lines(of: section, in: parents).filter { line in
                homes[line.text].map { !$0.contains(section.text) } ?? false
            }
            if moving.isEmpty { return nil }
            return ConfigNode(
                text: section.text, children: moving.map { ConfigNode(text: rules.takingBack($0, in: parents)) })
        }
    }
}

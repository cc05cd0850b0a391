/// What configuration may look like at one place, and beneath it.
struct Rule: Sendable {
    let pattern: Pattern
    /// What the prompt says within it, for platforms with modes: `config-if`.
    let mode: String
    /// Whether it stays when nothing is beneath it.
    let isLasting: Bool
    let children: [Rule]
    var isBlock: Bool { !children.isEmpty || isMode }
    let isMode: Bool

    /// A line with nothing beneath it.
    static func line(_ pattern: String) -> Rule {
        Rule(pattern: Pattern(pattern), mode: "", isLasting: true, children: [], isMode: false)
    }

    /// A line with others beneath it, that stays when they are gone: an interface, a policy.
    static func block(_ pattern: String, _ mode: String = "", _ children: [Rule]) -> Rule {
        Rule(pattern: Pattern(pattern), mode: mode, isLasting: true, children: children, isMode: true)
    }

    /// A line that is only there for those beneath it.
    static func container(_ pattern: String, _ children: [Rule]) -> Rule {
        Rule(pattern: Pattern(pattern), mode: "", isLasting: false, children: children, isMode: false)
    }
}

/// A line of configuration that was understood.
struct Understood: Sendable {
    /// The lines from the first level down to it, each as a node without children.
    let path: [ConfigNode]
    /// The rule of the last.
    let rule: Rule
    var keys: [String] { path.map(\.key) }
}

extension [Rule] {
    /// Reads a line. With `throughout`, words that are left are looked for beneath, as in `set interfaces ge-0/0/1 mtu 1500`.
    func read(
        _ reading: Reading, from start: Int = 0, keyOnly: Bool = false, throughout: Bool = false
    ) -> Result<Understood, MisreadingError> {
        Choice.pick(
            map(\.pattern), reading, from: start, keyOnly: keyOnly,
            mayContinue: { throughout && !self[$0].children.isEmpty }
        ).flatMap { chosen in
            let rule = self[chosen.index]
            let agreement = chosen.agreement
            let node = ConfigNode(
                line: agreement.canonical.joined(separator: " "),
                key: agreement.canonical.prefix(agreement.keyWords).joined(separator: " "), order: chosen.index,
                isLasting: rule.isLasting, isBlock: rule.isBlock)
            guard agreement.consumed < reading.words.count else {
                return .success(Understood(path: [node], rule: rule))
            }
            return rule.children.read(reading, from: agreement.consumed, keyOnly: keyOnly, throughout: true).map {
                Understood(path: [node] + $0.path, rule: $0.rule)
            }
        }
    }
}

/// Commands for platforms whose sections are entered and left.
struct LineRemediation {
    let rules: DialectRules
    /// What was taken back before all else: sections with their commands.
    private var freed: Set<String> = []

    init(rules: DialectRules) {
        self.rules = rules
    }

    /// A command, and those in the section that it opens.
    struct Command {
        var text: String
        var children: [Command] = []
        var exit: String?
    }

    func commands(_ level: Level, from old: [ConfigNode], to new: [ConfigNode]) -> [String] {
        var lines: [String] = []
        func write(_ commands: [Command], _ margin: String) {
            for command in commands {
                lines += (margin + command.text).split(separator: "\n", omittingEmptySubsequences: false).map(
                    String.init)
                write(command.children, margin + " ")
                if let exit = command.exit { lines.append(margin + exit) }
            }
        }
        let freed = UniqueLines(rules: rules).freed(from: old, to: new)
        var inner = self
        inner.freed = Set(freed.flatMap { section in section.children.map { "\(section.text)\n\($0.text)" } })
        let rest = inner.commands(level, in: [], gone: [])
        write(adjoined(freed.map { whole($0, in: []) } + rest, in: []), "")
        return lines
    }

    /// When a command is due among those of its section.
    private struct Place: Comparable {
        let phase: Phase
        var rank = 0
        /// Within a kind, what goes makes room for what comes.
        var isComing = true
        let index: Int

        static func < (a: Place, b: Place) -> Bool {
            (a.phase.rawValue, a.rank, a.isComing ? 1 : 0, a.index) < (
                b.phase.rawValue, b.rank, b.isComing ? 1 : 0, b.index
            )
        }
    }

    private enum Phase: Int {
        /// What others refer to, from the simple to what builds on it.
        case define
        case takeAway
        /// Lines that take siblings away come before these are said again.
        case reset
        case say
        /// What nobody refers to any longer.
        case undefine
    }

    /// The commands of a section.
    ///
    /// - Parameter gone: Beginnings of lines that a command of a section around it takes away.
    private func commands(_ level: Level, in parents: [[Substring]], gone: [[Substring]]) -> [Command] {
        let left = Survivors(level, rules, parents)
        var gone = gone
        var placed: [(place: Place, commands: [Command])] = []
        // Groups first: what they take away is not taken back line by line, here and below.
        for (index, edit) in level.edits.enumerated() {
            guard case .remove(let node) = edit else { continue }
            let words = node.words
            guard let (group, match) = rules.groups.match(words, in: parents),
                !left.groups.contains(Survivors.Name(rule: group, key: match.key))
            else { continue }
            let beginning = Array(words.prefix(match.count))
            if gone.contains(where: { words.starts(with: $0) }) { continue }
            gone.append(beginning)
            let text = "\(rules.dialect.negation) \(beginning.joined(separator: " "))"
            let rank = rules.definitions.match(words, in: parents)?.index
            let place = rank.map { Place(phase: .undefine, rank: -$0, index: index) }
            placed.append((place ?? Place(phase: .takeAway, index: index), [Command(text: text)]))
        }
        for (index, edit) in level.edits.enumerated() {
            if let (place, commands) = self.placed(edit, index, left, in: parents, gone: gone) {
                placed.append((place, commands))
            }
        }
        return adjoined(placed.sorted { $0.place < $1.place }.flatMap(\.commands), in: parents)
    }

    /// Without the words that leave a section where the next command enters another of its kind.
    private func adjoined(_ commands: [Command], in parents: [[Substring]]) -> [Command] {
        guard let last = commands.last, !rules.dialect.adjoining.isEmpty else { return commands }
        func kind(of command: Command) -> Int? { rules.adjoining.match(command.text.words, in: parents)?.index }
        return zip(commands, commands.dropFirst()).map { command, next in
            guard command.exit != nil, let own = kind(of: command), own == kind(of: next) else { return command }
            var command = command
            command.exit = nil
            return command
        } + [last]
    }

    private func placed(
        _ edit: Edit, _ index: Int, _ left: Survivors, in parents: [[Substring]], gone: [[Substring]]
    ) -> (Place, [Command])? {
        switch edit {
        case .remove(let node):
            let words = node.words
            if gone.contains(where: { words.starts(with: $0) }) { return nil }
            let command = Command(text: rules.takingBack(node, in: parents))
            if let section = parents.last, freed.contains("\(section.joined(separator: " "))\n\(command.text)") {
                return nil
            }
            guard let (rank, match) = rules.definitions.match(words, in: parents) else {
                // What takes siblings away is taken back behind those that go themselves.
                let isLate = rules.resets.matches(words, in: parents)
                return (Place(phase: .takeAway, rank: isLate ? 1 : 0, index: index), [command])
            }
            let isLast = !left.definitions.contains(Survivors.Name(rule: rank, key: match.key))
            return isLast
                ? (Place(phase: .undefine, rank: -rank, index: index), [command])
                : (Place(phase: .define, rank: rank, isComing: false, index: index), [command])
        case .add(let node), .replace(_, let node), .rewrite(_, let node):
            return (place(node, index, in: parents), [whole(node, in: parents)])
        case .exchange(let old, let new):
            let back = Command(text: rules.takingBack(old, in: parents))
            return (place(new, index, in: parents), [back, whole(new, in: parents)])
        case .again(let node):
            return (Place(phase: .say, index: index), [whole(node, in: parents)])
        case .within(let node, let level):
            let words = node.words
            let inner = commands(level, in: parents + [words], gone: gone)
            if inner.isEmpty { return nil }
            return (
                place(node, index, in: parents),
                [Command(text: node.text, children: inner, exit: rules.exit(from: words, in: parents))]
            )
        case .move, .activity:
            return nil
        }
    }

    private func place(_ node: ConfigNode, _ index: Int, in parents: [[Substring]]) -> Place {
        let words = rules.negated(node.text)?.words ?? node.words
        if let (rank, _) = rules.definitions.match(words, in: parents) {
            return Place(phase: .define, rank: rank, index: index)
        }
        return Place(phase: rules.resets.matches(words, in: parents) ? .reset : .say, index: index)
    }

    /// A line with all that is in it.
    private func whole(_ node: ConfigNode, in parents: [[Substring]]) -> Command {
        let words = node.words
        let inner = parents + [words]
        let isSection = !node.children.isEmpty || rules.sections.matches(words, in: parents)
        var children = node.children
        if !rules.dialect.resets.isEmpty, !rules.rewritten.matches(words, in: parents) {
            let resetting = children.filter { rules.resets.matches($0.words, in: inner) }
            if !resetting.isEmpty {
                children = resetting + children.filter { !rules.resets.matches($0.words, in: inner) }
            }
        }
        return Command(
            text: node.text, children: children.map { whole($0, in: inner) },
            exit: isSection ? rules.exit(from: words, in: parents) : nil)
    }

    /// What a section still has when all is done.
    private struct Survivors {
        struct Name: Hashable {
            let rule: Int
            let key: String
        }
        /// Also of lines in the sections below, which would go with the group.
        private(set) var groups: Set<Name> = []
        private(set) var definitions: Set<Name> = []

        init(_ level: Level, _ rules: DialectRules, _ parents: [[Substring]]) {
            let isAnythingGone = level.edits.contains { if case .remove = $0 { true } else { false } }
            if !isAnythingGone || rules.dialect.groups.isEmpty && rules.dialect.definitions.isEmpty { return }
            for node in level.new {
                addGroups(node, rules, parents)
                guard rules.definitions.mayMatch(firstWord: node.firstWord),
                    let (rule, match) = rules.definitions.match(node.words, in: parents)
                else { continue }
                definitions.insert(Name(rule: rule, key: match.key))
            }
        }

        private mutating func addGroups(_ node: ConfigNode, _ rules: DialectRules, _ parents: [[Substring]]) {
            if rules.groups.mayMatch(firstWord: node.firstWord),
                let (rule, match) = rules.groups.match(node.words, in: parents)
            {
                groups.insert(Name(rule: rule, key: match.key))
            }
            for child in node.children { addGroups(child, rules, parents) }
        }
    }
}

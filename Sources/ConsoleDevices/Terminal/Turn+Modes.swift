extension Turn {
    /// A configuration line of a platform with modes: it belongs to the place that was entered, or to one around it.
    ///
    /// - Parameter throughout: whether a line may go through several places at once: `interface X description Y`.
    mutating func configureInModes(_ line: String, undo: [String] = ["no"], throughout: Bool = false) {
        guard let first = line.first, first != "!", first != "#" else { return }
        let reading = reading(line)
        guard !isRefused(line) else { return refuse(.invalid(word: 0), reading) }
        let isUndone = undo.contains(reading.words[0].text)
        var failure: Misreading?
        for depth in stride(from: session.levels.count, through: 0, by: -1) {
            let rules = depth == 0 ? dialect.grammar : session.levels[depth - 1].rule.children
            let result = rules.read(
                reading, from: isUndone ? 1 : 0, keyOnly: isUndone, throughout: throughout)
            switch result {
            case .success(let understood):
                session.levels.removeLast(session.levels.count - depth)
                return isUndone ? remove(understood, line) : put(understood, line)
            case .failure(let error): failure = further(failure, error.misreading, reading)
            }
        }
        refuse(failure ?? .invalid(word: 0), reading)
    }

    /// `do COMMAND`: a command of the level above from within the configuration, which is where the session stays.
    mutating func obeyAbove(_ line: String, _ words: [Word]) {
        let (mode, levels) = (session.mode, session.levels)
        session.mode = .privileged
        command(String(line.dropFirst(words[1].offset)))
        if session.mode == .privileged {
            session.mode = mode
            session.levels = levels
        }
    }

    /// Of two ways to misread a line the one that got further, else the first.
    private func further(_ first: Misreading?, _ second: Misreading, _ reading: Reading) -> Misreading {
        func reach(_ misreading: Misreading) -> Int {
            switch misreading {
            case .invalid(let word): word
            case .ambiguous(let word): word + 1
            case .incomplete: reading.words.count
            }
        }
        guard let first else { return second }
        return reach(first) >= reach(second) ? first : second
    }

    private mutating func put(_ understood: Understood, _ line: String) {
        let path = session.path + understood.path
        if let objection = dialect.objection(to: path, in: target) { return fail(objection) }
        if understood.rule.isMode { session.levels.append(.init(path: path, rule: understood.rule)) }
        guard !isSwallowed(line) else { return }
        var changed = target
        changed.set(path)
        session.typed.set(path)
        replace(by: changed)
    }

    private mutating func remove(_ understood: Understood, _ line: String) {
        let path = session.path + understood.path
        if let refusal = dialect.refusesToRemove(path, device) { return fail(refusal) }
        guard !isSwallowed(line) else { return }
        var changed = target
        changed.remove(path.map(\.key))
        session.typed.remove(path.map(\.key))
        replace(by: changed)
    }

    /// Puts the changed configuration where the session's lines go; at once in force if that is the running one.
    private mutating func replace(by changed: ConfigTree) {
        guard changed != target else { return }
        guard session.target == .running else {
            target = changed
            return
        }
        takingEffect { $0.target = changed }
    }

    /// Leaves the innermost place; false when there was none to leave.
    mutating func leaveLevel() -> Bool { session.levels.popLast() != nil }

    /// What is beneath the place that was entered.
    func beneath(_ tree: ConfigTree) -> [ConfigNode] {
        session.path.isEmpty ? tree.nodes : tree.node(session.path.map(\.key))?.children ?? []
    }
}

extension Turn {
    /// Understands words that lead through the hierarchy, from the place that was entered.
    ///
    /// - Parameters:
    ///   - start: the word they begin with.
    ///   - keyOnly: whether a value may be left out, as after `delete`.
    func understand(_ line: String, from start: Int, keyOnly: Bool = false) -> Result<Understood, MisreadingError> {
        let rules = session.levels.last?.rule.children ?? dialect.grammar
        return rules.read(reading(line), from: start, keyOnly: keyOnly, throughout: true).map {
            Understood(path: session.path + $0.path, rule: $0.rule)
        }
    }

    /// Puts what the words from `start` on say into the candidate; false when that was refused.
    @discardableResult
    mutating func setPath(_ line: String, from start: Int) -> Bool {
        guard !isRefused(line) else {
            refuse(.invalid(word: start), reading(line))
            return false
        }
        switch understand(line, from: start) {
        case .failure(let error):
            refuse(error.misreading, reading(line))
            return false
        case .success(let understood):
            guard !isSwallowed(line) else { return true }
            var changed = target
            changed.set(understood.path)
            target = changed
            return true
        }
    }

    /// What came of taking something away.
    enum Removal: Equatable { case done, missing, refused }

    /// Takes what the words from `start` on say out of the candidate.
    mutating func deletePath(_ line: String, from start: Int) -> Removal {
        guard !isRefused(line) else {
            refuse(.invalid(word: start), reading(line))
            return .refused
        }
        switch understand(line, from: start, keyOnly: true) {
        case .failure(let error):
            refuse(error.misreading, reading(line))
            return .refused
        case .success(let understood):
            guard !isSwallowed(line) else { return .done }
            var changed = target
            guard changed.remove(understood.path.map(\.key)) else { return .missing }
            target = changed
            return .done
        }
    }

    /// What is at the place that the words from `start` on lead to; nil when they lead nowhere.
    func nodes(_ line: String, from start: Int, in tree: ConfigTree) -> [ConfigNode]? {
        guard start < Word.split(line).count else { return beneath(tree) }
        guard case .success(let understood) = understand(line, from: start, keyOnly: true) else { return nil }
        guard let node = tree.node(understood.path.map(\.key)) else { return [] }
        return node.isBlock ? node.children : [node]
    }
}

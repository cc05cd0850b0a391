extension JunosDialect {
    /// What `commit` was asked for.
    struct CommitOrder: Sendable {
        /// Minutes on trial; nil for good.
        var minutes: Int?
        var comment = ""
        var quits = false
        var checks = false

        init() {}

        /// Reads the words after `commit`; nil where they make no sense.
        init?(_ words: [String]) {
            var words = words[...]
            while let word = words.popFirst() {
                switch word {
                case "confirmed":
                    minutes = 10
                    if let number = words.first.flatMap({ Int($0) }) {
                        guard (1...65535).contains(number) else { return nil }
                        minutes = number
                        words = words.dropFirst()
                    }
                case "comment":
                    guard let text = words.popFirst() else { return nil }
                    comment = text.unquoted
                case "and-quit": quits = true
                case "check": checks = true
                case "synchronize": break
                default: return nil
                }
            }
        }
    }

    /// What a commit of this session would put in force.
    private static func proposed(_ turn: Turn) -> ConfigTree {
        turn.session.target == .own ? turn.device.running.applying(turn.changes) : turn.target
    }

    /// What is wrong with it, as the device says it.
    private static func problems(of tree: ConfigTree, _ turn: Turn) -> [String] {
        if turn.faults.commitFails == true { return ["error: configuration check-out failed"] }
        let named = (tree.node(["class-of-service", "interfaces"])?.children ?? []).flatMap { interface in
            interface.children.filter { $0.key == "scheduler-map" }.map { (interface.line, $0.line) }
        }
        let missing = named.filter {
            tree.node(["class-of-service", "scheduler-maps", String($0.1.dropFirst(14))]) == nil
        }
        guard !missing.isEmpty else { return [] }
        return missing.flatMap {
            ["[edit class-of-service interfaces \($0.0)]", "  '\($0.1)'", "    error: scheduler-map is not defined"]
        } + ["error: configuration check-out failed"]
    }

    /// `commit check` also confirms what is on trial, when there is nothing else to commit.
    static func check(_ turn: inout Turn) {
        guard isUnlocked(&turn) else { return }
        let problems = problems(of: proposed(turn), turn)
        guard problems.isEmpty else { return turn.fail(problems) }
        if turn.device.pending != nil, proposed(turn) == turn.device.running { turn.device.pending = nil }
        turn.say("configuration check succeeds")
    }

    static func commit(_ order: CommitOrder, _ turn: inout Turn) {
        if order.checks { return check(&turn) }
        guard isUnlocked(&turn) else { return }
        guard order.minutes == nil || turn.session.target != .own else {
            return turn.fail("error: commit confirmed is not allowed in private mode")
        }
        let tree = proposed(turn)
        let problems = problems(of: tree, turn)
        guard problems.isEmpty else { return turn.fail(problems) }
        turn.takingEffect { turn in
            if let minutes = order.minutes {
                // On trial anew: still back to what was confirmed last.
                let back = turn.device.pending?.tree ?? turn.device.running
                guard turn.arm(seconds: minutes * 60, back: back) else {
                    return turn.fail("error: could not schedule automatic rollback", "error: commit failed")
                }
                turn.say("commit confirmed will be automatically rolled back in \(minutes) minutes unless confirmed")
            } else {
                turn.device.pending = nil
            }
            turn.device.commit(
                tree, by: turn.session.user, session: turn.session.id, at: turn.now, comment: order.comment)
            turn.device.startup = tree
            if turn.session.target == .own {
                turn.session.candidate = tree
                turn.session.base = tree
                // The shared candidate is what is in force, or nobody could have been private.
                turn.device.candidate = nil
            } else {
                turn.device.candidate = tree
            }
            turn.note("UI_COMMIT: User '\(turn.session.user)' requested 'commit' operation")
            turn.say("commit complete")
        }
        if order.quits, turn.status == 0, !turn.isOver { leave(&turn) }
    }
}

extension IOSXRDialect {
    /// What `commit` was asked for.
    struct CommitOrder: Sendable {
        /// Seconds of the trial; nil for good.
        var seconds: Int?
        var label = ""
        var comment = ""
        var isReplacing = false

        init() {}

        /// Reads the words after `commit`; nil where they make no sense.
        init?(_ words: [String]) {
            var words = words[...]
            while let word = words.popFirst() {
                switch word {
                case "confirmed":
                    let isMinutes = words.first == "minutes"
                    if isMinutes { words = words.dropFirst() }
                    guard let number = words.popFirst().flatMap({ Int($0) }) else { return nil }
                    seconds = isMinutes ? number * 60 : number
                    guard (30...65535).contains(seconds ?? 0) else { return nil }
                case "label":
                    guard let text = words.popFirst() else { return nil }
                    label = text
                case "comment":
                    comment = words.joined(separator: " ")
                    words = []
                case "replace": isReplacing = true
                default: return nil
                }
            }
        }
    }

    static func commit(_ order: CommitOrder, _ turn: inout Turn) {
        guard !order.isReplacing else {
            let question = """
                This commit will replace or remove the entire running configuration. This
                operation can be service affecting.
                Do you wish to proceed? [no]:\u{20}
                """
            turn.ask(question) { turn, answer in
                guard answer.lowercased().hasPrefix("y") else { return }
                put(turn.session.typed, order, &turn)
            }
            return
        }
        if let pending = turn.device.pending {
            guard turn.changes.isEmpty else {
                return turn.fail("% Failed to commit: a trial commit by '\(pending.user)' is not confirmed yet")
            }
            turn.device.pending = nil
            turn.session.knownCommit = turn.device.nextCommit
            turn.note("%MGBL-CONFIG-6-DB_COMMIT: trial confirmed")
            return turn.say("% Confirming commit for trial session.")
        }
        guard !turn.changes.isEmpty else { return turn.say("% No configuration changes to commit.") }
        if let owner = turn.device.lockedBy, owner != turn.session.id {
            return turn.fail("% Failed to commit: the configuration is locked by another session")
        }
        guard turn.session.knownCommit != turn.device.nextCommit else {
            return put(turn.device.running.applying(turn.changes), order, &turn)
        }
        let question = """
            One or more commits have occurred from other
            configuration sessions since this session started
            or since the last commit was made from this session.
            You can use the 'show configuration commit changes'
            command to browse the changes.
            Do you wish to proceed with this commit anyway? [no]:\u{20}
            """
        turn.ask(question) { turn, answer in
            guard answer.lowercased().hasPrefix("y") else { return }
            put(turn.device.running.applying(turn.changes), order, &turn)
        }
    }

    private static func put(_ tree: ConfigTree, _ order: CommitOrder, _ turn: inout Turn) {
        let problems = problems(of: tree)
        guard problems.isEmpty, turn.faults.commitFails != true else {
            turn.session.failed =
                [
                    "!! SEMANTIC ERRORS: This configuration was rejected by ",
                    "!! the system due to semantic errors. The individual ",
                    "!! errors with each failed configuration command can be ", "!! found below.", "", "",
                ] + (problems.isEmpty ? changed(turn.changes) + ["!!% Verification failed"] : problems) + ["end", ""]
            return turn.fail(
                "",
                "% Failed to commit one or more configuration items during a pseudo-atomic operation. All changes made have been reverted. Please issue 'show configuration failed [inheritance]' from this session to view the errors"
            )
        }
        let before = turn.device.running
        turn.takingEffect { turn in
            if let seconds = order.seconds, !turn.arm(seconds: seconds, back: before) {
                return turn.fail("% Failed to commit: the trial timer could not be started")
            }
            turn.device.commit(
                tree, by: turn.session.user, session: turn.session.id, at: turn.now, label: order.label,
                comment: order.comment)
            turn.device.startup = tree
            turn.session.candidate = tree
            turn.session.base = tree
            turn.session.typed = ConfigTree()
            turn.session.knownCommit = turn.device.nextCommit
            turn.note("%MGBL-CONFIG-6-DB_COMMIT: Configuration committed by user '\(turn.session.user)'")
        }
    }

    /// Lines that name what is not there, as `show configuration failed` lists them.
    private static func problems(of tree: ConfigTree) -> [String] {
        tree.nodes.filter { $0.line.hasPrefix("interface ") }.flatMap { interface in
            interface.children.flatMap { node -> [String] in
                guard node.key.hasPrefix("service-policy"), let name = node.line.split(separator: " ").last,
                    tree.node(["policy-map \(name)"]) == nil
                else { return [] }
                return [
                    interface.line, " \(node.line)",
                    "!!% 'qos-ma' detected the 'fatal' condition 'Policy map \(name) not found'", "!",
                ]
            }
        }
    }

    static func rollBack(_ count: Int, _ turn: inout Turn) {
        guard count < turn.device.commits.count else {
            return turn.fail("% The commit database has only \(turn.device.commits.count - 1) commits to roll back")
        }
        guard turn.device.pending == nil else {
            return turn.fail("% Failed to roll back: a trial commit is not confirmed yet")
        }
        let tree = turn.device.commits[count].tree
        turn.takingEffect { turn in
            guard turn.faults.commitFails != true else { return turn.fail("% Failed to commit the rollback changes") }
            turn.device.commit(tree, by: turn.session.user, session: turn.session.id, at: turn.now, via: "Rollback")
            turn.device.startup = tree
            turn.say(
                "Loading Rollback Changes.", "Loaded Rollback Changes in 1 sec ", "Committing.",
                "1 items committed in 1 sec (0)items/sec", "Updating.", "Updated Commit database in 1 sec ",
                "Configuration successfully rolled back \(count) commits.")
        }
    }
}

extension SRLinuxDialect {
    static let commonCommands: [Command] = [
        Command("quit|exit") { turn, _ in
            if turn.session.mode != .configuration { turn.hangUp() } else if !turn.leaveLevel() { leave(&turn) }
        },
        Command("enter candidate [shared] [name <word>]") { turn, _ in
            guard turn.device.lockedBy == nil else {
                return turn.fail("Error: Candidate 'default' is in exclusive use by another session")
            }
            turn.device.candidate = turn.device.candidate ?? turn.device.running
            enter(.shared, &turn)
        },
        Command("enter candidate private [name <word>]") { turn, _ in
            turn.session.candidate = turn.device.running
            turn.session.base = turn.device.running
            enter(.own, &turn)
        },
        Command("enter candidate exclusive [name <word>]") { turn, _ in
            guard turn.device.lockedBy == nil, turn.device.candidate == nil else {
                return turn.fail("Error: Candidate 'default' is in use by another session")
            }
            turn.device.lockedBy = turn.session.id
            turn.device.candidate = turn.device.running
            turn.session.isExclusive = true
            enter(.shared, &turn)
        },
        Command("enter running") { turn, _ in leave(&turn) },
        Command("info [<text>]") { turn, arguments in
            show(
                "info " + arguments.words.dropFirst().joined(separator: " "),
                turn.session.mode == .configuration ? turn.target : turn.device.running, &turn)
        },
        Command("info from running [<text>]") { turn, arguments in
            show("info " + arguments.words.dropFirst(3).joined(separator: " "), turn.device.running, &turn)
        },
        Command("show version") { turn, _ in
            turn.say(
                "Hostname             : \(turn.device.hostname)", "Software Version     : v23.10.1",
                "Chassis Type         : 7220 IXR-D2L")
        },
        Command("environment cli-engine type basic|advanced") { _, _ in },
        Command("environment complete-on-space true|false") { _, _ in },
        Command("save startup") { turn, _ in
            turn.device.startup = turn.device.running
            turn.say(
                "/system:",
                "    Saved current running configuration as initial (startup) configuration '/etc/opt/srlinux/config.json'"
            )
        },
        Command("tools system configuration confirmed-accept|confirmed-reject") { turn, arguments in
            settle(accepting: arguments.last == "confirmed-accept", &turn)
        },
    ]

    static let candidateCommands: [Command] = [
        Command("diff") { turn, _ in
            let lines = ConfigDiff(
                from: turn.session.target == .own ? turn.session.base ?? turn.device.running : turn.device.running,
                to: turn.target)
            turn.say(lines.lines(turn.dialect.layout).map { "\($0 == " " ? " " : $0)     \($1)" })
        },
        Command("commit validate") { turn, _ in
            turn.say(isValid(turn) ? "All changes are valid." : "Error: Validation failed")
        },
        Command("commit now") { turn, _ in
            if commit(nil, &turn) {
                leave(&turn)
                turn.say("All changes have been committed. Leaving candidate mode.")
            }
        },
        Command("commit stay [comment <word>]") { turn, _ in
            if commit(nil, &turn) { turn.say("All changes have been committed. Starting new transaction.") }
        },
        Command("commit confirmed [timeout <1-86400>]") { turn, arguments in
            let seconds = arguments.number("timeout") ?? 600
            if commit(seconds, &turn) {
                turn.say(
                    "Commit confirmed (waiting for accept, \(seconds) seconds). Use 'commit confirmed accept' to keep it."
                )
            }
        },
        Command("commit confirmed accept|reject") { turn, arguments in
            settle(accepting: arguments.last == "accept", &turn)
        },
        Command("discard now") { turn, _ in
            discard(&turn)
            leave(&turn)
            turn.say("All changes have been discarded. Leaving candidate mode.")
        },
        Command("discard stay") { turn, _ in
            discard(&turn)
            turn.say("All changes have been discarded. Starting new transaction.")
        },
    ]

    private static func enter(_ target: ConsoleSession.Target, _ turn: inout Turn) {
        turn.session.mode = .configuration
        turn.session.target = target
        turn.session.levels = []
    }

    private static func leave(_ turn: inout Turn) {
        if turn.session.isExclusive {
            turn.device.lockedBy = nil
            turn.device.candidate = nil
            turn.session.isExclusive = false
        }
        if turn.device.candidate == turn.device.running { turn.device.candidate = nil }
        turn.session.mode = .privileged
        turn.session.levels = []
    }

    private static func discard(_ turn: inout Turn) {
        turn.target = turn.device.running
        turn.session.base = turn.device.running
    }

    private static func show(_ line: String, _ tree: ConfigTree, _ turn: inout Turn) {
        let line = line.hasSuffix(" flat") ? String(line.dropLast(5)) : line
        guard let nodes = turn.nodes(line.trimmed, from: 1, in: tree) else {
            return turn.refuse(.invalid(word: 1), turn.reading(line))
        }
        turn.say(turn.dialect.layout.lines(nodes, depth: 1))
    }

    static func edit(_ line: String, _ turn: inout Turn) {
        // `set / interface …`, `/interface …` and `interface …` are the same but for where they begin.
        var line = line
        let isDeletion = line.hasPrefix("delete ")
        if line.hasPrefix("set ") { line = String(line.dropFirst(4)) }
        if isDeletion { line = String(line.dropFirst(7)) }
        let levels = turn.session.levels
        if line.hasPrefix("/") {
            turn.session.levels = []
            line = String(line.dropFirst()).trimmed
        }
        defer { turn.session.levels = levels }
        guard !line.isEmpty else { return }
        if !isDeletion {
            turn.setPath(line, from: 0)
        } else if turn.deletePath(line, from: 0) == .missing {
            turn.fail("Error: Path does not exist")
        }
    }

    private static func isValid(_ turn: Turn) -> Bool {
        guard turn.faults.commitFails != true else { return false }
        return (turn.target.node(["qos", "interfaces"])?.children ?? []).allSatisfy { node in
            let policy = turn.target.value(["qos", "interfaces", node.key, "output", "scheduler", "scheduler-policy"])
            return policy.map { turn.target.node(["qos", "scheduler-policies", "scheduler-policy \($0)"]) != nil }
                ?? true
        }
    }

    /// Commits, on trial for so many seconds if given; whether that went well.
    private static func commit(_ seconds: Int?, _ turn: inout Turn) -> Bool {
        guard turn.device.pending == nil else {
            turn.fail("Error: A confirmed commit is in progress")
            return false
        }
        guard isValid(turn) else {
            turn.fail("Error: Commit failed: validation failed")
            return false
        }
        turn.commitCandidate(
            onTrialFor: seconds, refusal: "Error: Commit failed: the confirm timer could not be started")
        return turn.status == 0 && !turn.isOver
    }

    private static func settle(accepting: Bool, _ turn: inout Turn) {
        guard turn.device.pending != nil else { return turn.fail("Error: No confirmed commit is in progress") }
        if accepting {
            turn.device.pending = nil
            turn.say("Commit confirmed (accepted).")
        } else {
            turn.device.revert(at: turn.now)
            turn.say("Commit reverted (rejected).")
        }
    }
}

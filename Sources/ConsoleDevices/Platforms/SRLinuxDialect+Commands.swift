extension SRLinuxDialect {
    static let commonCommands: [Command] = [
        Command("quit|exit") { turn, _ in
            if turn.session.mode != .configuration { turn.hangUp() } else if !turn.leaveLevel() { leave(&turn) }
        },
        Command("info [flat]") { turn, arguments in show("", isFlat: arguments.has("flat"), shown(turn), &turn) },
        Command("info <text>") { turn, arguments in show(arguments.last, isFlat: false, shown(turn), &turn) },
        Command("info flat <text>") { turn, arguments in show(arguments.last, isFlat: true, shown(turn), &turn) },
        Command("info [flat] from running") { turn, arguments in
            show("", isFlat: arguments.has("flat"), turn.device.running, &turn)
        },
        Command("info from running <text>") { turn, arguments in
            show(arguments.last, isFlat: false, turn.device.running, &turn)
        },
        Command("info flat from running <text>") { turn, arguments in
            show(arguments.last, isFlat: true, turn.device.running, &turn)
        },
        Command("info from state /system configuration commit *") { turn, _ in showCommits(&turn) },
        Command("show version") { turn, _ in
            turn.say(
                "Hostname             : \(turn.device.hostname)", "Software Version     : v24.10.1",
                "Chassis Type         : 7250 IXR-X1b", "Serial Number        : \(turn.device.serial)")
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
                leave(&turn, isDone: true)
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
            leave(&turn, isDone: true)
            turn.say("All changes have been discarded. Leaving candidate mode.")
        },
        Command("discard stay") { turn, _ in
            discard(&turn)
            turn.say("All changes have been discarded. Starting new transaction.")
        },
    ]

    private static func shown(_ turn: Turn) -> ConfigTree {
        turn.session.mode == .configuration ? turn.target : turn.device.running
    }

    private static func show(_ path: String, isFlat: Bool, _ tree: ConfigTree, _ turn: inout Turn) {
        let line = path.hasPrefix("/") ? String(path.dropFirst()).trimmed : path
        guard let nodes = turn.nodes(line, from: 0, in: tree) else {
            return turn.refuse(.invalid(word: 0), turn.reading(line))
        }
        guard isFlat else { return turn.say(turn.dialect.layout.lines(nodes, depth: 1)) }
        let place = line.isEmpty ? turn.session.path.map(\.line).joined(separator: " ") : line
        turn.say(ConfigTree(nodes: nodes).flat(("set / " + place).trimmed))
    }

    /// The commits that are remembered, the oldest first, as the model has them.
    private static func showCommits(_ turn: inout Turn) {
        guard !turn.device.commits.isEmpty else { return }
        turn.say("    system {", "        configuration {")
        for commit in turn.device.commits.reversed() {
            let waits = turn.device.pending != nil && commit.number == turn.device.commits[0].number
            turn.say(
                "            commit \(commit.number) {", "                type private",
                "                name \(commit.label.isEmpty ? "default" : commit.label)",
                "                status \(waits ? "unconfirmed" : "complete")",
                "                username \(commit.user)",
                "                started \"\(commit.at.isoDate)T\(commit.at.clock).000Z (\(commit.at.seconds(until: turn.now)) seconds ago)\"",
                "            }")
        }
        turn.say("        }", "    }")
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
        keep(&turn)
    }

    private static func isValid(_ turn: Turn) -> Bool {
        guard turn.faults.commitFails != true else { return false }
        return (turn.target.node(["qos", "interfaces"])?.children ?? []).allSatisfy { node in
            let scheduler = ["qos", "interfaces", node.key, "output", "scheduler"]
            return ["scheduler-policy", "sched-class-scheduling-policy"].allSatisfy { kind in
                turn.target.value(scheduler + [kind]).map {
                    turn.target.node(["qos", "scheduler-policies", "\(kind) \($0)"]) != nil
                } ?? true
            }
        }
    }

    /// Commits, on trial for so many seconds if given; whether that went well.
    private static func commit(_ seconds: Int?, _ turn: inout Turn) -> Bool {
        guard turn.device.pending == nil else {
            turn.fail("Error: Cannot commit transaction (commit confirmed in progress)")
            return false
        }
        guard isValid(turn) else {
            turn.fail("Error: Commit failed: validation failed")
            return false
        }
        turn.commitCandidate(
            onTrialFor: seconds, label: turn.session.note,
            refusal: "Error: Commit failed: the confirm timer could not be started")
        keep(&turn)
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

extension JunosDialect {
    static let operationalCommands: [Command] = [
        Command("exit|quit") { turn, _ in turn.hangUp() },
        Command("configure") { turn, _ in enterShared(&turn) },
        Command("configure exclusive") { turn, _ in enterExclusively(&turn) },
        Command("configure private") { turn, _ in enterPrivately(&turn) },
        Command("show configuration [<text>]") { turn, arguments in
            let line = "show configuration " + arguments.words.dropFirst(2).joined(separator: " ")
            if let pipe = turn.pipes.first, pipe.hasPrefix("compare") { return compareRunning(pipe, &turn) }
            guard let nodes = turn.nodes(line.trimmed, from: 2, in: turn.device.running) else {
                return turn.refuse(.invalid(word: 2), turn.reading(line))
            }
            if turn.pipes.contains("display set") { return turn.say(turn.device.running.flat("set")) }
            if arguments.words.count == 2, let change = turn.device.lastChange {
                turn.say(
                    "## Last commit: \(change.at.isoDate) \(change.at.clock) UTC by \(change.user)",
                    "version 22.4R3.25;")
            }
            turn.say(turn.dialect.layout.lines(nodes))
        },
        Command("show system commit") { turn, _ in showCommits(&turn) },
        Command("show system uptime") { turn, _ in
            turn.say("Current time: \(turn.now.isoDate) \(turn.now.clock) UTC")
        },
        Command("show system rollback compare <0-49> <0-49>") { turn, arguments in
            let numbers = arguments.words.compactMap { Int($0) }
            guard let old = commit(numbers[0], turn.device), let new = commit(numbers[1], turn.device) else {
                return turn.fail("error: rollback file does not exist")
            }
            turn.say(comparison(ConfigDiff(from: old, to: new)))
        },
        Command("show version") { turn, _ in
            turn.say("Hostname: \(turn.device.hostname)", "Model: vmx", "Junos: 22.4R3.25")
        },
        Command("show chassis hardware") { turn, _ in
            turn.say(
                "Hardware inventory:", "Item             Version  Part number  Serial number     Description",
                "Chassis".padded(39) + turn.device.serial.padded(18) + "VMX", "Midplane         ")
        },
        Command("set cli screen-length <0-10000>") { turn, arguments in
            if turn.faults.pagingStays != true { turn.session.height = Int(arguments.last) ?? 0 }
            turn.say("Screen length set to \(arguments.last)")
        },
        Command("set cli screen-width <0-1024>") { turn, arguments in
            turn.session.width = Int(arguments.last) ?? 0
            turn.say("Screen width set to \(arguments.last)")
        },
        Command("set cli complete-on-space on|off") { turn, arguments in
            turn.say(arguments.last == "off" ? "Disabling complete-on-space" : "Enabling complete-on-space")
        },
        Command("request system reboot") { turn, _ in
            turn.ask("Reboot the system ? [yes,no] (no) ") { turn, answer in
                if ["yes", "y"].contains(answer.trimmed) { turn.device.restart(at: turn.now) }
            }
        },
    ]

    /// The configuration of a rollback number: 0 is what is in force.
    static func commit(_ number: Int, _ device: ConsoleDevice) -> ConfigTree? {
        device.commits.indices.contains(number) ? device.commits[number].tree : nil
    }

    private static func compareRunning(_ pipe: String, _ turn: inout Turn) {
        let number = pipe.split(separator: " ").last.flatMap { Int($0) } ?? 1
        guard let old = commit(number, turn.device) else { return turn.fail("error: rollback file does not exist") }
        turn.say(comparison(ConfigDiff(from: old, to: turn.device.running)))
    }

    /// A difference as `| compare` shows it.
    static func comparison(_ diff: ConfigDiff) -> [String] {
        let layout = ConfigLayout.braces(width: 4, end: ";")
        return diff.changes.flatMap { change in
            ["[\((["edit"] + change.path.map(\.line)).joined(separator: " "))]"]
                + layout.lines(change.gone).map { "-   \($0)" } + layout.lines(change.new).map { "+   \($0)" }
        }
    }

    private static func showCommits(_ turn: inout Turn) {
        for (number, commit) in turn.device.commits.enumerated() {
            let trial =
                number == 0 ? turn.device.pending.map { " commit confirmed, rollback in \($0.seconds / 60)mins" } : nil
            turn.say(
                "\(number)".padded(4)
                    + "\(commit.at.isoDate) \(commit.at.clock) UTC by \(commit.user) via \(commit.client)\(trial ?? "")"
            )
            if !commit.comment.isEmpty { turn.say("    \(commit.comment)") }
        }
    }

    // MARK: - Configuration mode

    private static func lockedMessage(_ owner: Int, _ turn: Turn) -> [String] {
        let session = turn.device.sessions.first { $0.id == owner }
        return [
            "error: configuration database locked by:",
            "  \(session?.user ?? "root") terminal p\(owner) (pid \(4000 + owner)) on since "
                + "\(session?.since.isoDate ?? "") \(session?.since.clock ?? "") UTC", "      exclusive [edit]",
        ]
    }

    private static func enter(_ target: ConsoleSession.Target, _ turn: inout Turn) {
        turn.session.mode = .configuration
        turn.session.target = target
        turn.session.levels = []
        turn.say("Entering configuration mode")
    }

    private static func enterShared(_ turn: inout Turn) {
        if let owner = turn.device.lockedBy { turn.say(lockedMessage(owner, turn).dropFirst().map { $0 }) }
        if turn.device.candidate == nil { turn.device.candidate = turn.device.running }
        enter(.shared, &turn)
        if turn.device.candidate != turn.device.running {
            turn.say("The configuration has been changed but not committed")
        }
    }

    private static func enterExclusively(_ turn: inout Turn) {
        if let owner = turn.device.lockedBy, owner != turn.session.id { return turn.fail(lockedMessage(owner, turn)) }
        guard turn.device.candidate ?? turn.device.running == turn.device.running else {
            return turn.fail("error: configuration database modified")
        }
        turn.device.lockedBy = turn.session.id
        turn.device.candidate = turn.device.running
        turn.session.isExclusive = true
        turn.say("warning: uncommitted changes will be discarded on exit")
        enter(.shared, &turn)
    }

    private static func enterPrivately(_ turn: inout Turn) {
        if let owner = turn.device.lockedBy, owner != turn.session.id { return turn.fail(lockedMessage(owner, turn)) }
        guard turn.device.candidate ?? turn.device.running == turn.device.running else {
            return turn.fail("error: shared configuration database modified")
        }
        turn.session.candidate = turn.device.running
        turn.session.base = turn.device.running
        turn.say("warning: uncommitted changes will be discarded on exit")
        enter(.own, &turn)
    }

    static func leave(_ turn: inout Turn) {
        if turn.session.isExclusive {
            turn.device.lockedBy = nil
            turn.device.candidate = nil
            turn.session.isExclusive = false
        }
        turn.session.candidate = nil
        turn.session.mode = .privileged
        turn.session.levels = []
        turn.say("Exiting configuration mode")
    }
}

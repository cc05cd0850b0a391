extension IOSXRDialect {
    /// The line with the time that comes before what a command says.
    private static func stamp(_ turn: inout Turn) {
        guard turn.session.note != "no-timestamp" else { return }
        turn.say("\(turn.now.weekdayDate) \(turn.now.clock).000 UTC")
    }

    private static let heading = "!! IOS XR Configuration 7.5.2"

    static let execCommands: [Command] = [
        Command("exit|logout|quit") { turn, _ in turn.hangUp() },
        Command("configure [terminal]") { turn, _ in enter(false, &turn) },
        Command("configure exclusive") { turn, _ in enter(true, &turn) },
        Command("terminal length <0-512>") { turn, arguments in
            guard turn.faults.pagingStays != true else { return }
            turn.session.height = Int(arguments.last) ?? 0
        },
        Command("terminal width <0-512>") { turn, arguments in turn.session.width = Int(arguments.last) ?? 0 },
        Command("terminal exec prompt no-timestamp") { turn, _ in turn.session.note = "no-timestamp" },
        Command("terminal monitor") { _, _ in },
        Command("rollback configuration last <1-100>") { turn, arguments in rollBack(Int(arguments.last) ?? 1, &turn) },
        Command("rollback configuration to <1000000000-1999999999>") { turn, arguments in
            let number = (Int(arguments.last) ?? 0) - 1_000_000_000
            guard let place = turn.device.commits.firstIndex(where: { $0.number == number }) else {
                return turn.fail("% Commit ID '\(arguments.last)' is not in the commit database")
            }
            // Back to before that commit: it is the last one undone.
            rollBack(place + 1, &turn)
        },
    ]

    static let showCommands: [Command] = [
        Command("show running-config") { turn, _ in
            stamp(&turn)
            turn.say("Building configuration...", heading)
            if let change = turn.device.lastChange {
                turn.say(
                    "!! Last configuration change at \(change.at.weekdayDate) \(change.at.clock) \(change.at.year) by \(change.user)"
                )
            }
            turn.say(["!"] + listed(turn.device.running.nodes, turn.dialect.layout) + ["end", ""])
        },
        Command("show running-config interface <interface>") { turn, arguments in
            showPart("interface \(arguments.last)", &turn)
        },
        Command("show running-config policy-map <word>") { turn, arguments in
            showPart("policy-map \(arguments.last)", &turn)
        },
        Command("show running-config hostname") { turn, _ in showPart("hostname", &turn) },
        Command("show clock") { turn, _ in
            stamp(&turn)
            turn.say("\(turn.now.clock).000 UTC \(turn.now.weekdayDate) \(turn.now.year)")
        },
        Command("show version") { turn, _ in
            stamp(&turn)
            turn.say(
                "Cisco IOS XR Software, Version 7.5.2 LNT", "Copyright (c) 2013-2022 by Cisco Systems, Inc.", "",
                "cisco IOS-XRv 9000 () processor", "System uptime is 1 hour", "")
        },
        Command("show inventory chassis") { turn, _ in
            stamp(&turn)
            turn.say(
                "NAME: \"Rack 0\", DESCR: \"Cisco IOS-XRv 9000 Centralized Virtual Router\"",
                "PID: R-IOSXRV9000-CC   , VID: V01, SN: \(turn.device.serial)", "")
        },
        // As a public record of an XRv 9000 with 24.3.1 has it: a trial is a session of its own.
        Command("show configuration sessions [detail]") { turn, _ in
            stamp(&turn)
            guard let pending = turn.device.pending else { return }
            turn.say(
                "  1) Session: 00001000-000035b1-00000000  \(turn.now.weekdayDate) \(turn.now.clock) \(turn.now.year)",
                "     Line: vty0                           Lock: None",
                "     User: \(pending.user)".padded(38) + "Client: commit-confirm",
                "     Process: cfgmgr_trial_co              PID: 13745", "")
        },
        Command("show configuration commit list [<1-100>] [detail]") { turn, _ in
            stamp(&turn)
            turn.say(
                "SNo. Label/ID              User      Line                Client      Time Stamp",
                "~~~~ ~~~~~~~~              ~~~~      ~~~~                ~~~~~~      ~~~~~~~~~~")
            turn.say(
                turn.device.commits.enumerated().map { index, commit in
                    let name = commit.label.isEmpty ? "\(1_000_000_000 + commit.number)" : commit.label
                    let client = commit.client == "cli" ? "CLI" : commit.client
                    return "\(index + 1)".padded(5) + name.padded(22) + commit.user.padded(10)
                        + "vty\(commit.session):node0_RP0".padded(20) + client.padded(12)
                        + "\(commit.at.weekdayDate) \(commit.at.clock) \(commit.at.year)"
                } + [""])
        },
        Command("show configuration commit changes last <1-100>") { turn, arguments in
            stamp(&turn)
            let count = Int(arguments.last) ?? 1
            guard count < turn.device.commits.count else { return turn.fail("% No such commit") }
            let diff = ConfigDiff(from: turn.device.commits[count].tree, to: turn.device.running)
            turn.say(["Building configuration...", heading] + changed(diff) + ["end", ""])
        },
    ]

    private static func showPart(_ key: String, _ turn: inout Turn) {
        stamp(&turn)
        guard let node = turn.device.running.node([key]) else {
            return turn.fail("% No such configuration item(s)", "")
        }
        turn.say(listed([node], turn.dialect.layout) + [""])
    }

    /// The lines that make a difference, as typed.
    static func changed(_ diff: ConfigDiff) -> [String] {
        let layout = ConfigLayout.indented(width: 1, separator: "!", inner: "!")
        return diff.changes.flatMap { change -> [String] in
            let depth = change.path.count
            let open = change.path.enumerated().map { String(repeating: " ", count: $0) + $1.line }
            let shut = change.path.indices.reversed().map { String(repeating: " ", count: $0) + "!" }
            let gone = change.gone.filter { node in !change.new.contains { $0.key == node.key } }
            return open + gone.map { String(repeating: " ", count: depth) + "no \($0.key)" }
                + layout.lines(change.new, depth: depth) + shut
        }
    }

    private static func enter(_ exclusively: Bool, _ turn: inout Turn) {
        stamp(&turn)
        // In the words of a record of an XRv 9000. Without `exclusive` a target can be edited, and not committed.
        if exclusively, let owner = turn.device.lockedBy, owner != turn.session.id {
            let holder = turn.device.sessions.first { $0.id == owner }
            let since = holder?.since ?? turn.now
            return turn.fail(
                "Current Configuration Session  Line       User     Date                     Lock",
                "00001000-000043a7-00000000     vty\(owner)".padded(42) + (holder?.user ?? "admin").padded(9)
                    + "\(since.weekdayDate) \(since.clock) \(since.year) *",
                "Cannot enter exclusive mode. The Configuration Namespace is locked by another agent.")
        }
        if exclusively { turn.device.lockedBy = turn.session.id }
        turn.session.mode = .configuration
        turn.session.target = .own
        turn.session.candidate = turn.device.running
        turn.session.base = turn.device.running
        turn.session.typed = ConfigTree()
        turn.session.knownCommit = turn.device.nextCommit
        turn.session.failed = []
    }

    static let configurationCommands: [Command] = [
        Command("show configuration") { turn, _ in
            stamp(&turn)
            turn.say(["Building configuration...", heading] + changed(turn.changes) + ["end", ""])
        },
        Command("show configuration merge") { turn, _ in
            stamp(&turn)
            let merged = turn.device.running.applying(turn.changes)
            turn.say(["Building configuration...", heading] + listed(merged.nodes, turn.dialect.layout) + ["end", ""])
        },
        Command("show commit|configuration changes diff") { turn, _ in
            stamp(&turn)
            let lines = turn.changes.lines(turn.dialect.layout).map { "\($0)  \($1)" }
            turn.say(["Building configuration...", heading] + lines + ["end", ""])
        },
        Command("show configuration failed") { turn, _ in
            stamp(&turn)
            turn.say(turn.session.failed)
        },
        Command("clear") { turn, _ in
            turn.session.candidate = turn.device.running
            turn.session.base = turn.device.running
            turn.session.typed = ConfigTree()
            turn.session.levels = []
        },
        Command("abort") { turn, _ in discardAndLeave(&turn) },
        Command("exit") { turn, _ in if !turn.leaveLevel() { leaveConfiguration(&turn) } },
        Command("end") { turn, _ in leaveConfiguration(&turn) },
        Command("commit [<text>]") { turn, arguments in
            stamp(&turn)
            let words = Word.split(arguments.words.dropFirst().joined(separator: " ")).map(\.text)
            guard let order = CommitOrder(words) else {
                return turn.refuse(.invalid(word: 1), turn.reading(arguments.words.joined(separator: " ")))
            }
            commit(order, &turn)
        },
    ]

    static func leaveConfiguration(_ turn: inout Turn) {
        guard !turn.changes.isEmpty else { return discardAndLeave(&turn) }
        turn.ask("Uncommitted changes found, commit them before exiting(yes/no/cancel)? [cancel]:") { turn, answer in
            switch answer.trimmed.lowercased() {
            case "yes", "y":
                commit(CommitOrder(), &turn)
                if turn.status == 0, turn.session.question == nil { discardAndLeave(&turn) }
            case "no", "n": discardAndLeave(&turn)
            default: break
            }
        }
    }

    private static func discardAndLeave(_ turn: inout Turn) {
        if turn.device.lockedBy == turn.session.id { turn.device.lockedBy = nil }
        turn.session.mode = .privileged
        turn.session.levels = []
        turn.session.candidate = nil
        turn.session.base = nil
    }
}

extension Turn {
    /// What the session's own candidate changes.
    var changes: ConfigDiff {
        ConfigDiff(from: session.base ?? device.running, to: session.candidate ?? device.running)
    }
}

extension String {
    /// With blanks up to a width, one at least.
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}

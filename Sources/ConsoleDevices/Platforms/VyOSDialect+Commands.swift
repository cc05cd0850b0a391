extension VyOSDialect {
    static let operationalCommands: [Command] = [
        Command("exit|logout") { turn, _ in turn.hangUp() },
        Command("configure") { turn, _ in
            turn.session.mode = .configuration
            turn.session.target = .own
            turn.session.candidate = turn.device.running
            turn.session.base = turn.device.running
        },
        Command("show configuration") { turn, _ in turn.say(turn.dialect.layout.lines(turn.device.running.nodes)) },
        Command("show configuration commands") { turn, _ in turn.say(setLines(turn.device.running)) },
        Command("show version") { turn, _ in
            turn.say(
                "Version:          VyOS 1.5-rolling-202410211822", "Release train:    current", "",
                "Hardware vendor:  QEMU", "Hardware model:   Standard PC (Q35 + ICH9, 2009)",
                "Hardware S/N:     \(turn.device.serial)")
        },
        // Its shell is one of Linux, too.
        Command("systemctl list-timers --no-pager --no-legend commit-confirm.timer") { turn, _ in listTimers(&turn) },
        Command("cat /tmp/commit-rev-entry") { turn, _ in showEntry(&turn) },
        Command("show system commit") { turn, _ in
            turn.say(
                turn.device.commits.enumerated().map { index, commit in
                    "\(index)   \(commit.at.isoDate) \(commit.at.clock) by \(commit.user) via \(commit.client)"
                })
        },
        Command("set terminal length <0-1000>") { turn, arguments in
            if turn.faults.pagingStays != true { turn.session.height = Int(arguments.last) ?? 0 }
        },
        Command("set terminal width <0-1000>") { turn, arguments in turn.session.width = Int(arguments.last) ?? 0 },
        Command("reboot") { turn, _ in
            turn.ask("Are you sure you want to reboot this system? [y/N] ") { turn, answer in
                if answer.lowercased().hasPrefix("y") { turn.device.restart(at: turn.now) }
            }
        },
    ]

    static let configurationCommands: [Command] = [
        Command("up") { turn, _ in _ = turn.leaveLevel() },
        Command("top") { turn, _ in turn.session.levels = [] },
        Command("compare") { turn, _ in compare(turn.device.running, turn.target, &turn) },
        Command("compare <0-100>") { turn, arguments in
            guard let old = JunosDialect.commit(Int(arguments.last) ?? 0, turn.device) else {
                return turn.fail("  Invalid revision")
            }
            compare(old, turn.target, &turn)
        },
        Command("commit") { turn, _ in commit("", &turn) },
        Command("commit comment <word>") { turn, arguments in commit(arguments.last.unquoted, &turn) },
        Command("commit-confirm [<1-65535>] [comment <word>]") { turn, arguments in
            commitOnTrial(
                arguments.number("commit-confirm") ?? 10, (arguments["comment"] ?? "").unquoted, &turn)
        },
        Command("confirm") { turn, _ in confirm(&turn) },
        Command("rollback-soft <0-65535>") { turn, arguments in
            rollBackSoftly(to: Int(arguments.last) ?? 0, &turn)
        },
        Command("save") { turn, _ in turn.device.startup = turn.device.running },
        Command("discard") { turn, _ in
            guard !turn.changes.isEmpty else { return turn.say("  No changes have been discarded") }
            turn.session.candidate = turn.device.running
            turn.session.base = turn.device.running
            turn.say("  Changes have been discarded")
        },
        Command("exit") { turn, _ in
            guard !turn.leaveLevel() else { return }
            guard turn.changes.isEmpty else {
                return turn.fail(
                    "Cannot exit: configuration modified.", "Use 'exit discard' to discard the changes and exit.")
            }
            leave(&turn)
        },
        Command("exit discard") { turn, _ in leave(&turn) },
    ]

    private static func leave(_ turn: inout Turn) {
        turn.session.mode = .privileged
        turn.session.levels = []
        turn.session.candidate = nil
        turn.session.base = nil
        turn.say("exit")
    }

    static func edit(_ typed: String, _ turn: inout Turn) {
        let line = doublyQuoted(typed)
        let words = Word.split(line).map(\.text)
        switch words[0] {
        case "set" where words.count > 1: turn.setPath(line, from: 1)
        case "delete" where words.count > 1:
            if turn.deletePath(line, from: 1) == .missing {
                turn.say("", "  Nothing to delete (the specified node does not exist)", "")
            }
        case "edit" where words.count > 1:
            guard case .success(let understood) = turn.understand(line, from: 1), understood.rule.isBlock else {
                return turn.say("", "  The specified config node is not valid", "")
            }
            turn.session.levels.append(.init(path: understood.path, rule: understood.rule))
        case "show":
            guard let nodes = turn.nodes(line, from: 1, in: turn.target) else {
                return turn.say("", "  Configuration under specified path is empty", "")
            }
            if turn.pipes.contains("commands") { return turn.say(setLines(turn.target)) }
            turn.say(turn.dialect.layout.lines(nodes))
        case "run" where words.count > 1:
            turn.session.mode = .privileged
            turn.command(String(line.dropFirst(4)).trimmed)
            turn.session.mode = .configuration
        default: turn.refuse(.invalid(word: 0), turn.reading(line))
        }
    }

    /// The line with what stands between single quotes between double ones, as a shell takes both.
    private static func doublyQuoted(_ line: String) -> String {
        var quote: Character?
        return String(
            line.map { character in
                let isQuote = character == "'" || character == "\""
                guard isQuote, quote == nil || quote == character else { return character }
                quote = quote == nil ? character : nil
                return "\""
            })
    }

    private static func compare(_ old: ConfigTree, _ new: ConfigTree, _ turn: inout Turn) {
        let diff = ConfigDiff(from: old, to: new)
        guard !diff.isEmpty else { return turn.say("No changes between working and active configurations.", "") }
        for change in diff.changes {
            turn.say("[\(change.path.map(\.line).joined(separator: " "))]")
            turn.say(turn.dialect.layout.lines(change.gone).map { "- \($0)" })
            turn.say(turn.dialect.layout.lines(change.new).map { "+ \($0)" })
        }
        turn.say("")
    }

    /// A configuration as commands. Values are enclosed, names of entries are not.
    static func setLines(_ tree: ConfigTree) -> [String] {
        func lines(_ nodes: [ConfigNode], _ prefix: String) -> [String] {
            nodes.flatMap { node -> [String] in
                guard node.children.isEmpty else { return lines(node.children, "\(prefix) \(node.line)") }
                let name = node.key.hasPrefix("address ") ? "address" : node.key
                guard node.line.count > name.count else { return ["\(prefix) \(node.line)"] }
                return ["\(prefix) \(name) '\(String(node.line.dropFirst(name.count + 1)).unquoted)'"]
            }
        }
        return lines(tree.nodes, "set")
    }
}

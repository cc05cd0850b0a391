extension JunosDialect {
    static let configurationCommands: [Command] = [
        Command("up") { turn, _ in _ = turn.leaveLevel() },
        Command("top") { turn, _ in turn.session.levels = [] },
        Command("exit") { turn, _ in if !turn.leaveLevel() { askToLeave(&turn) } },
        Command("exit|quit configuration-mode") { turn, _ in askToLeave(&turn) },
        Command("quit") { turn, _ in if !turn.leaveLevel() { askToLeave(&turn) } },
        Command("status") { turn, _ in
            turn.say("Users currently editing the configuration:")
            turn.say(turn.device.sessions.map { "  \($0.user) terminal p\($0.id)" })
        },
        Command("rollback [<0-49>]") { turn, arguments in
            let number = Int(arguments.last) ?? 0
            guard isUnlocked(&turn) else { return }
            guard let tree = commit(number, turn.device) else {
                return turn.fail("error: could not open configuration file: /config/juniper.conf.\(number).gz")
            }
            turn.target = tree
            turn.say("load complete")
        },
        Command("commit") { turn, _ in commit(CommitOrder(), &turn) },
        Command("commit check") { turn, _ in check(&turn) },
        Command("commit <text>") { turn, arguments in
            guard let order = CommitOrder(Word.split(arguments.last).map(\.text)) else {
                return turn.refuse(.invalid(word: 1), turn.reading(arguments.words.joined(separator: " ")))
            }
            commit(order, &turn)
        },
        Command("load merge|override|update|set|replace terminal [relative]") { turn, arguments in
            guard isUnlocked(&turn) else { return }
            turn.say("[Type ^D at a new line to end input]")
            turn.session.gathered = []
            gather(arguments.words[1], &turn)
        },
    ]

    /// Lines that take words of the hierarchy.
    static func edit(_ line: String, _ turn: inout Turn) {
        let words = Word.split(line).map(\.text)
        switch words[0] {
        case "set" where words.count > 1:
            if isUnlocked(&turn) { turn.setPath(line, from: 1) }
        case "delete":
            guard isUnlocked(&turn) else { return }
            guard words.count > 1 else { return turn.target = ConfigTree() }
            if turn.deletePath(line, from: 1) == .missing { turn.say("warning: statement not found") }
        case "edit" where words.count > 1:
            switch turn.understand(line, from: 1) {
            case .success(let understood) where understood.rule.isBlock:
                turn.session.levels.append(.init(path: understood.path, rule: understood.rule))
            case .success: turn.refuse(.invalid(word: words.count - 1), turn.reading(line))
            case .failure(let error): turn.refuse(error.misreading, turn.reading(line))
            }
        case "top" where words.count > 1:
            let levels = turn.session.levels
            turn.session.levels = []
            turn.command(String(line.dropFirst(4)).trimmed)
            if words[1] != "edit" { turn.session.levels = levels }
        case "show": show(line, &turn)
        case "run" where words.count > 1:
            turn.session.mode = .privileged
            turn.command(String(line.dropFirst(4)).trimmed)
            turn.session.mode = .configuration
        default: turn.refuse(.invalid(word: 0), turn.reading(line))
        }
    }

    private static func show(_ line: String, _ turn: inout Turn) {
        if let pipe = turn.pipes.first(where: { $0.hasPrefix("compare") }) {
            let number = pipe.split(separator: " ").last.flatMap { Int($0) } ?? 0
            let old = turn.session.target == .own && number == 0 ? turn.session.base : commit(number, turn.device)
            guard let old else { return turn.fail("error: rollback file does not exist") }
            return turn.say(comparison(ConfigDiff(from: old, to: turn.target)))
        }
        guard let nodes = turn.nodes(line, from: 1, in: turn.target) else {
            return turn.refuse(.invalid(word: 1), turn.reading(line))
        }
        if turn.pipes.contains("display set") { return turn.say(turn.target.flat("set")) }
        turn.say(turn.dialect.layout.lines(nodes))
    }

    /// Whether nobody else has the configuration for themselves; says so if not.
    static func isUnlocked(_ turn: inout Turn) -> Bool {
        guard let owner = turn.device.lockedBy, owner != turn.session.id else { return true }
        let user = turn.device.sessions.first { $0.id == owner }?.user ?? "root"
        turn.fail(
            "error: configuration database locked by:", "  \(user) terminal p\(owner) (pid \(4000 + owner))",
            "      exclusive [edit]")
        return false
    }

    private static func gather(_ verb: String, _ turn: inout Turn) {
        turn.ask("", .lines) { turn, line in
            guard line == "\u{4}" else {
                turn.session.gathered.append(line)
                return gather(verb, &turn)
            }
            load(verb, turn.session.gathered, &turn)
        }
    }

    private static func load(_ verb: String, _ lines: [String], _ turn: inout Turn) {
        let ports = turn.device.interfaces.map(\.name)
        var refused: [(line: Int, text: String)] = []
        if verb == "set" {
            for (index, line) in lines.enumerated() where !line.trimmed.isEmpty && !turn.isSwallowed(line) {
                guard !turn.isRefused(line) else {
                    refused.append((index + 1, line))
                    continue
                }
                let typed = ConfigTree.typed([line], turn.dialect, interfaces: ports, onto: turn.target)
                if typed.misread.isEmpty { turn.target = typed.tree } else { refused.append((index + 1, line)) }
            }
        } else {
            let kept = lines.map { turn.isSwallowed($0) || turn.isRefused($0) ? "" : $0 }
            let read = ConfigTree.braced(kept, turn.dialect, interfaces: ports)
            refused = read.misread + lines.enumerated().filter { turn.isRefused($1) }.map { ($0 + 1, $1) }
            turn.target = ["override", "update"].contains(verb) ? read.tree : turn.target.merging(read.tree)
        }
        for problem in refused {
            turn.say(
                "terminal:\(problem.line):(1) syntax error: \(problem.text.trimmed)", "  [edit]",
                "    '\(problem.text.trimmed)'", "      syntax error")
        }
        turn.say(refused.isEmpty ? "load complete" : "load complete (\(refused.count) errors)")
    }

    private static func askToLeave(_ turn: inout Turn) {
        let changed = turn.session.target == .own ? !turn.changes.isEmpty : turn.target != turn.device.running
        guard changed else { return leave(&turn) }
        let isShared = turn.session.target == .shared && !turn.session.isExclusive
        turn.ask(
            "The configuration has been changed but not committed\n"
                + (isShared
                    ? "Exit with uncommitted changes? [yes,no] (yes) " : "Discard uncommitted changes? [yes,no] (yes) ")
        ) { turn, answer in
            if ["", "yes", "y"].contains(answer.trimmed) { leave(&turn) }
        }
    }
}

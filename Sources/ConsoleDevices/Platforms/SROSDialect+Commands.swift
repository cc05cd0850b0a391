extension SROSDialect {
    static let commonCommands: [Command] = [
        Command("logout") { turn, _ in turn.hangUp() },
        Command("edit-config|configure exclusive|global|private") { turn, arguments in enter(arguments.last, &turn) },
        Command("quit-config") { turn, _ in
            guard turn.session.mode == .configuration else { return }
            guard turn.session.target != .own || turn.changes.isEmpty else {
                return turn.ask("Discard uncommitted changes? [y,n] ") { turn, answer in
                    if answer.lowercased().hasPrefix("y") { leave(&turn) }
                }
            }
            leave(&turn)
        },
        Command("environment more true|false") { turn, arguments in
            guard turn.faults.pagingStays != true else { return }
            turn.session.height = arguments.last == "false" ? 0 : 24
        },
        Command("environment console width <80-512>") { turn, arguments in
            turn.session.width = Int(arguments.last) ?? 80
        },
        Command("admin save") { turn, _ in
            turn.device.startup = turn.device.running
            turn.say("Writing configuration to cf3:\\config.cfg", "Saving configuration OK", "Completed.")
        },
        Command("admin show configuration") { turn, _ in turn.say(turn.dialect.layout.lines(turn.device.running.nodes))
        },
        Command("show system information") { turn, _ in
            turn.say("System Name            : \(turn.device.hostname)", "System Version         : C-22.7.R1")
        },
        Command("info [<text>]") { turn, arguments in
            let line = "info " + arguments.words.dropFirst().joined(separator: " ")
            let tree = turn.session.mode == .configuration ? turn.target : turn.device.running
            guard let nodes = turn.nodes(line.trimmed, from: 1, in: tree) else {
                return turn.refuse(.invalid(word: 1), turn.reading(line))
            }
            turn.say(turn.dialect.layout.lines(nodes, depth: 1))
        },
    ]

    static let candidateCommands: [Command] = [
        Command("exit") { turn, _ in _ = turn.leaveLevel() },
        Command("exit all") { turn, _ in turn.session.levels = [] },
        Command("compare") { turn, _ in
            let old = turn.session.target == .own ? turn.session.base ?? turn.device.running : turn.device.running
            turn.say(ConfigDiff(from: old, to: turn.target).lines(turn.dialect.layout).map { "\($0)   \($1)" })
        },
        Command("validate") { turn, _ in _ = isValid(&turn) },
        Command("discard") { turn, _ in
            turn.target = turn.device.running
            turn.session.base = turn.device.running
        },
        Command("commit") { turn, _ in commit(nil, &turn) },
        Command("commit confirmed [<1-168>]") { turn, arguments in commit(60 * (Int(arguments.last) ?? 10), &turn) },
        Command("commit confirmed accept|cancel") { turn, arguments in
            guard turn.device.pending != nil else {
                return turn.fail("MINOR: MGMT_CORE #2453: No confirmed commit is in progress")
            }
            if arguments.last == "accept" { turn.device.pending = nil } else { turn.device.revert(at: turn.now) }
        },
    ]

    private static func enter(_ kind: String, _ turn: inout Turn) {
        guard turn.session.mode != .configuration else {
            return turn.fail("MINOR: CLI #2069: Already in configuration mode")
        }
        guard turn.device.lockedBy == nil,
            kind != "exclusive" || turn.device.candidate ?? turn.device.running == turn.device.running
        else {
            return turn.fail(
                "MINOR: MGMT_CORE #2052: Exclusive datastore access unavailable - model-driven interface editing global candidate"
            )
        }
        turn.session.mode = .configuration
        turn.session.levels = []
        if kind == "private" {
            turn.session.target = .own
            turn.session.candidate = turn.device.running
            turn.session.base = turn.device.running
        } else {
            turn.session.target = .shared
            turn.device.candidate = turn.device.candidate ?? turn.device.running
        }
        if kind == "exclusive" {
            turn.device.lockedBy = turn.session.id
            turn.session.isExclusive = true
        }
        turn.say("INFO: CLI #2060: Entering \(kind) configuration mode")
        if kind == "exclusive" {
            turn.say("INFO: CLI #2061: Uncommitted changes are discarded on configuration mode exit")
        }
    }

    private static func leave(_ turn: inout Turn) {
        let kind = turn.session.target == .own ? "private" : turn.session.isExclusive ? "exclusive" : "global"
        if turn.session.isExclusive {
            turn.device.lockedBy = nil
            turn.device.candidate = nil
            turn.session.isExclusive = false
        }
        turn.session.mode = .privileged
        turn.session.levels = []
        turn.say("INFO: CLI #2064: Exiting \(kind) configuration mode")
    }

    static func edit(_ line: String, _ turn: inout Turn) {
        let isDeletion = line.hasPrefix("delete ")
        var line = isDeletion ? String(line.dropFirst(7)) : line
        let levels = turn.session.levels
        let isAbsolute = line.hasPrefix("/")
        if isAbsolute {
            turn.session.levels = []
            line = String(line.dropFirst()).trimmed
        }
        guard !line.isEmpty else { return }
        if isDeletion {
            if turn.deletePath(line, from: 0) == .missing {
                turn.fail("MINOR: MGMT_CORE #2221: Element does not exist")
            }
        } else if turn.setPath(line, from: 0), !isAbsolute,
            case .success(let understood) = turn.understand(line, from: 0), understood.rule.isBlock
        {
            // Naming a place enters it.
            return turn.session.levels.append(.init(path: understood.path, rule: understood.rule))
        }
        turn.session.levels = levels
    }

    private static func isValid(_ turn: inout Turn) -> Bool {
        let tree = turn.target
        let named = (tree.node(["configure", "service"])?.children ?? []).flatMap(\.children).flatMap(\.children)
            .compactMap {
                ConfigTree(nodes: $0.children).value(["egress", "qos", "sap-egress", "policy-name"])
            }
        let missing = named.first { tree.node(["configure", "qos", "sap-egress \($0)"]) == nil }
        guard missing == nil, turn.faults.commitFails != true else {
            turn.fail(
                "MINOR: MGMT_CORE #3001: \(missing.map { "sap-egress '\($0)' does not exist" } ?? "validation failed")")
            return false
        }
        return true
    }

    private static func commit(_ seconds: Int?, _ turn: inout Turn) {
        guard turn.device.pending == nil else {
            return turn.fail("MINOR: MGMT_CORE #2451: Commit is not allowed - a confirmed commit is in progress")
        }
        guard isValid(&turn) else { return }
        turn.commitCandidate(
            onTrialFor: seconds, refusal: "MINOR: MGMT_CORE #2452: The confirm timer could not be started")
    }
}

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
        Command("show system management-interface configuration-sessions|datastore-locks") { turn, arguments in
            showSessions(lockedOnly: arguments.last == "datastore-locks", &turn)
        },
        Command("show system management-interface commit-history") { turn, _ in
            turn.say("Total Commits : \(turn.device.commits.count)")
            for commit in turn.device.commits {
                turn.say(
                    "\(commit.number)",
                    "  Committed \(commit.at.isoDate)T\(commit.at.clock).0+00:00 by \(commit.user) (MD-CLI)",
                    "  Location  \"cf3:\\config.cfg\"")
            }
        },
        Command("show system information") { turn, _ in
            turn.say(
                "System Name            : \(turn.device.hostname)", "System Type            : 7750 SR-12",
                "System Version         : C-22.7.R1")
        },
        Command("show chassis") { turn, _ in
            turn.say(
                "", "===============================================================================",
                "System Information", "===============================================================================",
                "  Name                              : \(turn.device.hostname)",
                "  Type                              : 7750 SR-12", "  Hardware Data",
                "    Part number                     : 3HE04820AAAB01",
                "    Serial number                   : \(turn.device.serial)", "",
                "Environment Information", "  Number of fan trays               : 3", "  Hardware Data",
                "    Serial number                   : NS000000000")
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
            if arguments.last == "accept" {
                turn.device.pending = nil
                turn.say("INFO: CLI #2092: Commit confirmed - accepted - automatic rollback canceled")
            } else {
                turn.device.revert(at: turn.now)
                if turn.session.target == .own { turn.session.base = turn.device.running }
                turn.say("INFO: CLI #2096: Commit confirmed - canceled - automatic rollback of changes")
            }
        },
        Command("update") { turn, _ in
            guard turn.session.target == .own else { return }
            turn.session.candidate = turn.device.running.applying(turn.changes)
            turn.session.base = turn.device.running
        },
    ]

    /// Who edits, and what is locked by that. Nothing tells of a commit on trial.
    private static func showSessions(lockedOnly: Bool, _ turn: inout Turn) {
        let line = String(repeating: "=", count: 79)
        turn.say(line, "Session ID  Region                 Datastore                     Lock State")
        turn.say("   Username                        Session Mode                  Idle Time")
        turn.say("   Session Type                    From", String(repeating: "-", count: 79))
        let locking = turn.device.sessions.filter { $0.id == turn.device.lockedBy || !lockedOnly }
        for session in locking {
            let isLocked = session.id == turn.device.lockedBy
            turn.say(
                " \(session.id)".padded(12) + "configure".padded(23) + "Candidate, Running".padded(30)
                    + (isLocked ? "Locked" : "Unlocked"),
                "   \(session.user)".padded(35) + (isLocked ? "Exclusive" : "Operational").padded(30) + "0d 00:00:00",
                "   MD-CLI".padded(35) + "192.0.2.9")
        }
        turn.say(String(repeating: "-", count: 79), "Number of sessions: \(locking.count)")
        turn.say("'#' indicates the current active session", line)
    }

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
        guard turn.session.target != .own || turn.session.base == turn.device.running else {
            return turn.fail(
                "MINOR: MGMT_CORE #2703: Commit or validate failed - the baseline is out of date, use update")
        }
        guard isValid(&turn) else { return }
        turn.commitCandidate(
            onTrialFor: seconds, isBoundToSession: true,
            refusal: "MINOR: MGMT_CORE #2452: The confirm timer could not be started")
        guard let seconds, turn.status == 0 else { return }
        turn.say("INFO: CLI #2090: Commit confirmed - automatic rollback in \(seconds / 60) minutes")
    }
}

extension EOSDialect {
    /// What can be done to configuration sessions from outside of them.
    static let sessionEntries: [Command] = [
        Command("configure session [<word>]") { turn, arguments in
            let name = arguments["session"] ?? "sess-\(turn.session.id)-\(turn.session.commands)"
            enter(name, &turn)
        },
        Command("configure session <word> commit [timer <clock>]") { turn, arguments in
            commit(arguments["session"] ?? "", arguments["timer"], &turn)
        },
        Command("configure session <word> abort") { turn, arguments in abort(arguments["session"] ?? "", &turn) },
        Command("no configure session <word>") { turn, arguments in abort(arguments.last, &turn) },
    ]

    /// What can be said within one.
    static let sessionCommands: [Command] = [
        Command("commit [timer <clock>]") { turn, arguments in
            guard case .draft(let name) = turn.session.target else { return }
            commit(name, arguments["timer"], &turn)
            if turn.status == 0 { leaveConfiguration(&turn) }
        },
        Command("abort") { turn, _ in
            guard case .draft(let name) = turn.session.target else { return }
            abort(name, &turn)
            leaveConfiguration(&turn)
        },
        Command("rollback clean-config") { turn, _ in
            turn.target = ConfigTree()
            turn.session.levels = []
        },
    ]

    private static func enter(_ name: String, _ turn: inout Turn) {
        if let draft = turn.device.drafts.first(where: { $0.name == name }) {
            guard draft.state == .pending else {
                return turn.fail("% Cannot enter session \(name) (\(draft.state.rawValue))")
            }
        } else {
            guard turn.device.drafts.filter({ $0.state == .pending }).count < 5 else {
                return turn.fail(
                    "% Maximum number of pending sessions has been reached. Please commit or abort previous sessions before creating a new one."
                )
            }
            turn.device.drafts.append(
                Draft(name: name, user: turn.session.user, tree: turn.device.running))
        }
        turn.session.mode = .configuration
        turn.session.target = .draft(name)
        turn.note(
            "%SYS-5-CONFIG_SESSION_ENTERED: User \(turn.session.user) entered configuration session \(name) on \(origin(turn.session.id))"
        )
    }

    /// Seconds of `HH:MM:SS`.
    private static func seconds(_ clock: String) -> Int {
        clock.split(separator: ":").compactMap { Int($0) }.reduce(0) { $0 * 60 + $1 }
    }

    private static func commit(_ name: String, _ timer: String?, _ turn: inout Turn) {
        guard let index = turn.device.drafts.firstIndex(where: { $0.name == name }) else {
            return turn.fail("% Session \(name) does not exist")
        }
        switch turn.device.drafts[index].state {
        case .completed, .aborted:
            return turn.fail("% Cannot commit session \(name): it is \(turn.device.drafts[index].state.rawValue)")
        case .pendingCommitTimer:
            if let timer {
                guard var pending = turn.device.pending else { return }
                pending.seconds = seconds(timer)
                pending.deadline = turn.now.after(seconds: pending.seconds)
                turn.device.pending = pending
            } else {
                turn.device.pending = nil
                turn.device.drafts[index].state = .completed
                turn.note("%SYS-5-CONFIG_SESSION_COMMIT_SUCCESS: User \(turn.session.user) confirmed session \(name)")
            }
        case .pending:
            if let pending = turn.device.pending {
                return turn.fail("% Cannot commit session \(name): session \(pending.name) is pending a commit timer")
            }
            takeEffect(index, timer.map(seconds), &turn)
        }
    }

    private static func takeEffect(_ index: Int, _ seconds: Int?, _ turn: inout Turn) {
        let draft = turn.device.drafts[index]
        turn.takingEffect { turn in
            guard turn.faults.commitFails != true else {
                return turn.fail("% Cannot commit session \(draft.name): configuration check failed")
            }
            if let seconds, !turn.arm(seconds: seconds, back: turn.device.running, name: draft.name) {
                return turn.fail("% Cannot commit session \(draft.name): commit timer could not be started")
            }
            // The session's whole configuration takes the place of what is in force, with all that others changed meanwhile.
            turn.device.running = draft.tree
            turn.device.lastChange = CommitStamp(at: turn.now, user: turn.session.user)
            turn.device.drafts[index].state = seconds == nil ? .completed : .pendingCommitTimer
            // One completed session is remembered.
            let completed = turn.device.drafts.indices.filter { turn.device.drafts[$0].state == .completed }
            for old in completed.reversed() where old != index { turn.device.drafts.remove(at: old) }
            turn.note(
                "%SYS-5-CONFIG_SESSION_COMMIT_SUCCESS: User \(turn.session.user) committed configuration session \(draft.name) successfully on \(origin(turn.session.id))"
            )
        }
    }

    private static func abort(_ name: String, _ turn: inout Turn) {
        guard let draft = turn.device.drafts.first(where: { $0.name == name }) else {
            return turn.fail("% Session \(name) does not exist")
        }
        if draft.state == .pendingCommitTimer {
            turn.device.revert(at: turn.now)
        } else {
            turn.device.drafts.removeAll { $0.name == name }
        }
    }
}

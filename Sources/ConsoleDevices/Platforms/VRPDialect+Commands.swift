extension VRPDialect {
    static let displayCommands: [Command] = [
        Command("display current-configuration") { turn, _ in
            turn.say(
                ["!Software Version V800R021C10", "#"] + turn.dialect.layout.lines(turn.device.running.nodes) + [
                    "return"
                ])
        },
        Command("display current-configuration interface <interface>") { turn, arguments in
            guard let node = turn.device.running.node(["interface \(arguments.last)"]) else { return }
            turn.say(["#"] + turn.dialect.layout.lines([node]) + ["return"])
        },
        Command("display saved-configuration") { turn, _ in
            turn.say(["#"] + turn.dialect.layout.lines(turn.device.startup.nodes) + ["return"])
        },
        Command("display configuration candidate") { turn, _ in
            turn.say(["#"] + turn.dialect.layout.lines(turn.target.nodes) + ["return"])
        },
        Command("display configuration candidate changes") { turn, _ in
            turn.say(turn.changes.lines(turn.dialect.layout).map { "\($0)\($1)" })
        },
        Command("display configuration trial status") { turn, _ in
            guard let pending = turn.device.pending else { return turn.say("Trial status: inactive") }
            turn.say(
                "Trial status: active", "Left time: \(turn.now.seconds(until: pending.deadline))s",
                "User: \(pending.user)")
        },
        Command("display configuration commit list") { turn, _ in
            for (index, commit) in turn.device.commits.enumerated() {
                let label = commit.label.isEmpty ? "-" : commit.label
                turn.say(
                    "\(index + 1)    \(1_000_000_000 + commit.number)   \(label)   \(commit.user)   \(commit.at.isoDate) \(commit.at.clock)"
                )
            }
        },
        Command("display version") { turn, _ in
            turn.say(
                "Huawei Versatile Routing Platform Software",
                "VRP (R) software, Version 8.210 (NetEngine 8000 V800R021C10)",
                "HUAWEI NetEngine 8000 X4 uptime is 3 days, 2 hours, 10 minutes")
        },
        Command("display esn") { turn, _ in turn.say("ESN of slot 1: \(turn.device.serial)") },
        Command("display clock") { turn, _ in turn.say("\(turn.now.isoDate) \(turn.now.clock)") },
    ]

    static let userCommands: [Command] = [
        Command("quit") { turn, _ in turn.hangUp() },
        Command("system-view") { turn, _ in
            turn.say("Enter system view, return user view with return command.")
            turn.session.mode = .configuration
            start(&turn)
        },
        Command("screen-length <0-512> [temporary]") { turn, arguments in
            if turn.faults.pagingStays != true { turn.session.height = arguments.number("screen-length") ?? 0 }
            turn.say("Info: The configuration takes effect on the current user terminal interface only.")
        },
        Command("save") { turn, _ in
            turn.say("Warning: The current configuration will be written to the device.")
            turn.ask("Are you sure to continue? [Y/N]:") { turn, answer in
                guard answer.lowercased().hasPrefix("y") else { return }
                turn.device.startup = turn.device.running
                turn.say(
                    "Now saving the current configuration to the slot 0 .", "Info: Save the configuration successfully."
                )
            }
        },
        Command("rollback configuration last <1-80>") { turn, arguments in
            let count = Int(arguments.last) ?? 1
            guard count < turn.device.commits.count else {
                return turn.fail("Error: The rollback point does not exist.")
            }
            turn.ask(
                "Warning: This operation will revert configuration changes to the previous state. Continue? [Y/N]:"
            ) { turn, answer in
                guard answer.lowercased().hasPrefix("y") else { return }
                let tree = turn.device.commits[count].tree
                turn.takingEffect { turn in
                    turn.device.commit(
                        tree, by: turn.session.user, session: turn.session.id, at: turn.now, via: "Rollback")
                    turn.say("Loading rollback changes", "Committing", "Rollback success")
                }
            }
        },
    ]

    static let systemCommands: [Command] = [
        Command("quit") { turn, _ in if !turn.leaveLevel() { askToLeave(&turn) } },
        Command("return") { turn, _ in askToLeave(&turn) },
        Command("clear configuration candidate") { turn, _ in
            start(&turn)
            turn.say("Info: Clear configuration candidate successfully.")
        },
        Command("commit [persist <word>] [label <word>] [description <text>]") { turn, arguments in
            commit(nil, arguments, &turn)
        },
        Command("commit trial [<60-65535>] [label <word>] [persist <word>] [description <text>]") { turn, arguments in
            commit(arguments.number("trial") ?? 600, arguments, &turn)
        },
        Command("abort trial [persist <word>]") { turn, arguments in
            guard let pending = turn.device.pending else { return turn.fail("Error: No trial configuration exists.") }
            guard mayEnd(pending, arguments, turn) else {
                return turn.fail("Error: The trial configuration is of another session.")
            }
            turn.ask("Warning: The trial configuration will be rolled back. Are you sure to continue? [Y/N]:") {
                turn, answer in
                guard answer.lowercased().hasPrefix("y") else { return }
                turn.device.revert(at: turn.now)
                start(&turn)
            }
        },
    ]

    private static func start(_ turn: inout Turn) {
        turn.session.candidate = turn.device.running
        turn.session.base = turn.device.running
    }

    static func askToLeave(_ turn: inout Turn) {
        guard !turn.changes.isEmpty else { return leave(&turn) }
        turn.ask(
            "Warning: Uncommitted configurations found. Are you sure to commit them before exiting? [Y(yes)/N(no)/C(cancel)]:"
        ) { turn, answer in
            switch answer.trimmed.lowercased().first {
            case "y":
                commit(nil, Arguments(words: []), &turn)
                if turn.status == 0 { leave(&turn) }
            case "n": leave(&turn)
            default: break
            }
        }
    }

    private static func leave(_ turn: inout Turn) {
        turn.session.mode = .privileged
        turn.session.levels = []
        turn.session.candidate = nil
        turn.session.base = nil
    }

    /// A trial is ended by the session that began it, or with its persistence ID.
    private static func mayEnd(_ pending: PendingRevert, _ arguments: Arguments, _ turn: Turn) -> Bool {
        pending.isBoundToSession ? pending.session == turn.session.id : arguments["persist"] == pending.name
    }

    private static func commit(_ seconds: Int?, _ arguments: Arguments, _ turn: inout Turn) {
        if let pending = turn.device.pending {
            guard seconds == nil, mayEnd(pending, arguments, turn) else {
                return turn.fail("Error: The trial configuration is of another session.")
            }
            turn.device.pending = nil
            start(&turn)
            return
        }
        guard !turn.changes.isEmpty else { return }
        guard turn.faults.commitFails != true else { return turn.fail("Error: Failed to commit the configuration.") }
        let tree = turn.device.running.applying(turn.changes)
        turn.takingEffect { turn in
            if let seconds {
                let name = arguments["persist"]
                guard
                    turn.arm(
                        seconds: seconds, back: turn.device.running, name: name ?? "", isBoundToSession: name == nil)
                else {
                    return turn.fail("Error: The trial configuration could not be started.")
                }
                turn.say(
                    "Committing..done.",
                    "Info: The system enters the trial configuration mode. The system will revert to previous configuration if the trial configuration is not confirmed in \(seconds) seconds."
                )
            }
            turn.device.commit(
                tree, by: turn.session.user, session: turn.session.id, at: turn.now, label: arguments["label"] ?? "",
                comment: arguments["description"] ?? "")
            start(&turn)
        }
    }
}

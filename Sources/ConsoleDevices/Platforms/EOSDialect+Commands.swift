extension EOSDialect {
    static let execCommands: [Command] = [
        Command("enable") { turn, _ in
            guard turn.session.mode == .exec else { return }
            guard !turn.device.enablePassword.isEmpty else { return turn.session.mode = .privileged }
            turn.ask("Password: ", .secret) { turn, answer in
                let isCalledWrong =
                    turn.faults.wrongPasswords != nil && turn.strikes("password", limit: turn.faults.wrongPasswords)
                guard answer == turn.device.enablePassword, !isCalledWrong else { return turn.fail("% Bad secret") }
                turn.session.mode = .privileged
            }
        },
        Command("disable") { turn, _ in turn.session.mode = .exec },
        Command("exit|logout|quit") { turn, _ in turn.hangUp() },
        Command("terminal length <0-32767>") { turn, arguments in
            let rows = Int(arguments.last) ?? 0
            if turn.faults.pagingStays != true { turn.session.height = rows }
            turn.say(rows == 0 ? "Pagination disabled." : "Pagination is set to \(rows) lines.")
        },
        Command("terminal width <10-32767>") { turn, arguments in
            turn.session.width = Int(arguments.last) ?? 80
            turn.say("Width set to \(arguments.last) columns.")
        },
        Command("show version") { turn, _ in
            turn.say(
                "Arista vEOS-lab", "Hardware version: ", "Serial number:       \(turn.device.serial)", "",
                "Software image version: 4.30.3M",
                "Architecture: x86_64", "", "Uptime: 1 hour", "")
        },
        Command("show hostname") { turn, _ in
            turn.say("Hostname: \(turn.device.hostname)", "FQDN:     \(turn.device.hostname)")
        },
        Command("show clock") { turn, _ in
            turn.say(
                "\(turn.now.weekdayDate) \(turn.now.clock) \(turn.now.year)", "Timezone: UTC", "Clock source: local")
        },
    ]

    static let showCommands: [Command] = [
        Command("show running-config") { turn, _ in show(turn.device.running, "show running-config", &turn) },
        Command("show running-config interfaces <interface>") { turn, arguments in
            guard let node = turn.device.running.node(["interface \(arguments.last)"]) else { return }
            turn.say(turn.dialect.layout.lines([node]).filter { $0 != "!" })
        },
        Command("show running-config diffs") { turn, _ in
            unified(turn.device.startup, turn.device.running, "flash:/startup-config", "system:/running-config", &turn)
        },
        Command("show startup-config") { turn, _ in show(turn.device.startup, "show startup-config", &turn) },
        Command("show logging [last <1-1000> seconds|minutes|hours|days]") { turn, _ in
            turn.say("Syslog logging: enabled", "    Buffer logging: level debugging", "", "Log Buffer:")
            turn.say(
                turn.device.log.filter { $0.text.hasPrefix("%") }.map {
                    "\($0.at.monthDay) \($0.at.clock) \(turn.device.hostname) ConfigAgent: \($0.text)"
                })
        },
        Command("show configuration sessions [detail]") { turn, _ in showSessions(&turn) },
        Command("show session-config [diffs]") { turn, arguments in
            guard case .draft(let name) = turn.session.target else { return turn.fail("% Not in a config session") }
            showSession(name, arguments.has("diffs"), &turn)
        },
        Command("show session-config named <word> [diffs]") { turn, arguments in
            showSession(arguments["named"] ?? "", arguments.has("diffs"), &turn)
        },
    ]

    private static func show(_ tree: ConfigTree, _ command: String, _ turn: inout Turn) {
        turn.say("! Command: \(command)", "! device: \(turn.device.hostname) (vEOS-lab, EOS-4.30.3M)", "!")
        turn.say(turn.dialect.layout.lines(tree.nodes) + ["end"])
    }

    private static func unified(
        _ old: ConfigTree, _ new: ConfigTree, _ oldName: String, _ newName: String, _ turn: inout Turn
    ) {
        let lines = ConfigDiff(from: old, to: new).lines(turn.dialect.layout)
        guard !lines.isEmpty else { return }
        turn.say("--- \(oldName)", "+++ \(newName)", "@@ -1,1 +1,1 @@")
        turn.say(lines.map { "\($0)\($1)" })
    }

    private static func showSession(_ name: String, _ isDiff: Bool, _ turn: inout Turn) {
        guard let draft = turn.device.drafts.first(where: { $0.name == name }) else {
            return turn.fail("% Session \(name) does not exist")
        }
        guard isDiff else { return show(draft.tree, "show session-configuration", &turn) }
        unified(
            turn.device.running, draft.tree, "system:/running-config", "session:/\(name)-session-config", &turn)
    }

    private static func showSessions(_ turn: inout Turn) {
        turn.say(
            "Maximum number of completed sessions: 1", "Maximum number of pending sessions: 5",
            "Merge on commit is disabled", "Autosave to startup-config on commit is disabled", "",
            "  Name     State                   User     Terminal     Commit Time Left",
            "  -------- -------------------- ---------- ------------ -----------------")
        for draft in turn.device.drafts {
            let left = turn.device.pending.flatMap {
                $0.name == draft.name ? turn.now.seconds(until: $0.deadline) : nil
            }
            let clock = left.map { Moment(milliseconds: $0 * 1000).clock } ?? ""
            let mark = turn.session.target == .draft(draft.name) ? "* " : "  "
            turn.say(
                mark + draft.name.padded(9) + draft.state.rawValue.padded(21) + draft.user.padded(11)
                    + "vty\(turn.session.id)".padded(13) + clock)
        }
    }

    static let privilegedCommands: [Command] =
        [
            Command("configure [terminal]") { turn, _ in turn.session.mode = .configuration },
            Command("copy running-config startup-config") { turn, _ in save(&turn) },
            Command("write [memory]") { turn, _ in save(&turn) },
            Command("copy running-config <word>") { turn, arguments in
                IOSDialect.store(turn.device.running, as: arguments.last, &turn)
                turn.say("Copy completed successfully.")
            },
            Command("copy startup-config <word>") { turn, arguments in
                IOSDialect.store(turn.device.startup, as: arguments.last, &turn)
                turn.say("Copy completed successfully.")
            },
            Command("configure replace <word>") { turn, arguments in
                guard let tree = IOSDialect.configuration(arguments.last, turn.device) else {
                    return turn.fail("% Error: cannot open \(arguments.last) (No such file or directory)")
                }
                turn.takingEffect { turn in
                    turn.device.running = tree
                    turn.device.lastChange = CommitStamp(at: turn.now, user: turn.session.user)
                }
            },
            Command("reload now|force") { turn, _ in turn.device.restart(at: turn.now) },
            Command("reload") { turn, _ in
                turn.ask("Proceed with reload? [confirm]", .key) { turn, answer in
                    if ["", "y", "Y"].contains(answer) { turn.device.restart(at: turn.now) }
                }
            },
        ] + sessionEntries

    private static func save(_ turn: inout Turn) {
        turn.device.startup = turn.device.running
        turn.say("Copy completed successfully.")
    }

    static let configurationCommands: [Command] = [
        Command("exit") { turn, _ in if !turn.leaveLevel() { leaveConfiguration(&turn) } },
        Command("end") { turn, _ in leaveConfiguration(&turn) },
    ]
}

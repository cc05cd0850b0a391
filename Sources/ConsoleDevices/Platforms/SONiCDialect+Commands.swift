extension SONiCDialect {
    static let execCommands: [Command] = [
        Command("exit") { turn, _ in turn.session.mode = .exec },
        Command("terminal length <0-512>") { turn, arguments in
            if turn.faults.pagingStays != true { turn.session.height = Int(arguments.last) ?? 0 }
        },
        Command("configure terminal") { turn, _ in
            audit("configure terminal", &turn)
            turn.session.mode = .configuration
        },
        Command("write memory") { turn, _ in turn.device.startup = turn.device.running },
        Command("reboot") { turn, _ in
            turn.ask("Proceed with reboot? [confirm y/N]: ") { turn, answer in
                if answer.lowercased().hasPrefix("y") { turn.device.restart(at: turn.now) }
            }
        },
        Command("show audit-log all") { turn, _ in
            for entry in turn.device.log where entry.text.hasPrefix(audited) {
                turn.say(
                    "\(entry.at.monthDay) \(entry.at.clock).060819 sonic INFO mgmt-framework#clish: User \"\(entry.user)\" command"
                        + " \"\(entry.text.dropFirst(audited.count))\" status - success")
            }
        },
        Command("show running-configuration") { turn, _ in
            audit("show running-configuration", &turn)
            turn.say(["!"] + turn.dialect.layout.lines(turn.device.running.nodes))
        },
        Command("show version") { turn, _ in
            turn.say(
                "", "Software Version  : '4.2.0-Enterprise_Premium'",
                "Product           : Enterprise SONiC Distribution",
                "HwSKU             : DellEMC-S5248f-P-25G", "Serial Number     : \(turn.device.serial)", "")
        },
        Command("show qos scheduler-policy") { turn, _ in
            for node in turn.device.running.nodes where node.key.hasPrefix("qos scheduler-policy ") {
                turn.say("Scheduler Policy: \(node.key.split(separator: " ").last ?? "")")
                for part in node.children {
                    turn.say("  \(part.line.prefix(1).uppercased())\(part.line.dropFirst()):")
                    turn.say(part.children.map { "             \($0.line)" })
                }
            }
        },
    ]

    static let configurationCommands: [Command] = [
        Command("exit") { turn, _ in if !turn.leaveLevel() { leaveConfiguration(&turn) } },
        Command("end") { turn, _ in leaveConfiguration(&turn) },
    ]
}

extension IOSDialect {
    static let execCommands: [Command] = [
        Command("enable") { turn, _ in
            guard turn.session.mode == .exec else { return }
            askPassword(&turn, attempt: 1)
        },
        Command("exit|logout|quit") { turn, _ in turn.hangUp() },
        Command("disable") { turn, _ in turn.session.mode = .exec },
        Command("terminal length <0-512>") { turn, arguments in
            guard turn.faults.pagingStays != true else { return }
            turn.session.height = Int(arguments.last) ?? 0
        },
        Command("terminal width <0-512>") { turn, arguments in turn.session.width = Int(arguments.last) ?? 0 },
        Command("terminal monitor") { _, _ in },
        Command("terminal no monitor") { _, _ in },
        Command("show clock") { turn, _ in
            turn.say("\(turn.now.clock).000 UTC \(turn.now.weekdayDate) \(turn.now.year)")
        },
        Command("show version") { turn, _ in
            let minutes = (turn.now.milliseconds - turn.device.startedAt.milliseconds) / 60_000
            turn.say(
                "Cisco IOS XE Software, Version 17.09.04a",
                "Cisco IOS Software [Cupertino], Virtual XE Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 17.9.4a",
                "", "\(turn.device.hostname) uptime is \(minutes / 60) hours, \(minutes % 60) minutes",
                "System returned to ROM by reload", "System image file is \"bootflash:packages.conf\"", "",
                "cisco C8000V (VXE) processor (revision VXE) with 2028465K/3075K bytes of memory.",
                "Processor board ID \(turn.device.serial), with hardware revision 0000",
                "\(turn.device.interfaces.count) Gigabit Ethernet interfaces", "",
                "Configuration register is 0x2102", "")
        },
    ]

    private static func askPassword(_ turn: inout Turn, attempt: Int) {
        turn.ask("Password: ", .secret) { turn, answer in
            let isRight =
                answer == turn.device.enablePassword
                && !(turn.faults.wrongPasswords != nil && turn.strikes("password", limit: turn.faults.wrongPasswords))
            if isRight {
                turn.session.mode = .privileged
            } else if attempt < 3 {
                askPassword(&turn, attempt: attempt + 1)
            } else {
                turn.fail("% Bad secrets", "")
            }
        }
    }

    static let configurationCommands: [Command] = [
        Command("end") { turn, _ in endConfiguration(&turn) },
        Command("exit") { turn, _ in if !turn.leaveLevel() { endConfiguration(&turn) } },
    ]

    static let privilegedCommands: [Command] =
        [
            Command("show running-config [all]") { turn, _ in
                showConfiguration(turn.device.running, "Current configuration", &turn)
            },
            Command("show running-config interface <interface>") { turn, arguments in
                guard let node = turn.device.running.node(["interface \(arguments.last)"]) else { return }
                let lines = turn.dialect.layout.lines([node])
                let size = lines.map { $0.count + 1 }.reduce(0, +)
                turn.say(["Building configuration...", "", "Current configuration : \(size) bytes", "!"])
                turn.say(lines.filter { $0 != "!" } + ["end", ""])
            },
            Command("show startup-config") { turn, _ in
                guard !turn.device.startup.nodes.isEmpty else { return turn.fail("startup-config is not present") }
                showConfiguration(turn.device.startup, "Using", &turn)
            },
            Command("copy running-config startup-config") { turn, _ in
                turn.ask("Destination filename [startup-config]? ") { turn, answer in
                    guard ["", "startup-config"].contains(answer.trimmed) else {
                        return turn.fail("%Error opening nvram:\(answer) (No such file or directory)")
                    }
                    save(&turn)
                }
            },
            Command("write [memory]") { turn, _ in save(&turn) },
            Command("reload") { turn, _ in askToSave(&turn) { askToReload(&$0, at: $0.now, "") } },
            Command("reload in <1-34560> [<text>]") { turn, arguments in
                let minutes = arguments.number("in") ?? 1
                let notice =
                    "by \(turn.session.user) on vty\(turn.session.id) (192.0.2.9)\nReload reason: "
                    + (arguments.words.count > 3 ? arguments.last : "Reload Command")
                askToSave(&turn) { turn in
                    let at = turn.now.after(seconds: minutes * 60)
                    askToReload(
                        &turn, at: at,
                        "Reload scheduled for \(at.clock) UTC \(at.weekdayDate) \(at.year) (in \(minutes) minutes) "
                            + notice + "\n")
                    turn.device.reloadNotice = notice
                }
            },
            Command("reload cancel") { turn, _ in
                guard turn.device.reloadAt != nil else { return turn.fail("%No reload is scheduled.", "") }
                turn.device.reloadAt = nil
                turn.note("%SYS-5-SCHEDULED_RELOAD_CANCELLED: Scheduled reload cancelled")
                turn.say("", "***", "*** --- SHUTDOWN ABORTED ---", "***", "")
            },
            Command("show reload") { turn, _ in
                guard let at = turn.device.reloadAt else { return turn.say("No reload is scheduled.") }
                let left = turn.now.seconds(until: at)
                let seconds = left % 60 == 0 ? "" : " and \(left % 60) seconds"
                turn.say(
                    "Reload scheduled for \(at.clock) UTC \(at.weekdayDate) \(at.year) (in \(left / 60) minutes\(seconds)) "
                        + (turn.device.reloadNotice ?? ""))
            },
        ] + rollbackCommands

    private static func showConfiguration(_ tree: ConfigTree, _ title: String, _ turn: inout Turn) {
        let lines = turn.dialect.layout.lines(tree.nodes)
        let size = lines.map { $0.count + 1 }.reduce(0, +)
        turn.say(
            title == "Using"
                ? ["Using \(size) out of 33554432 bytes", "!"]
                : ["Building configuration...", "", "\(title) : \(size) bytes", "!"])
        if let change = turn.device.lastChange, title != "Using" {
            turn.say(
                "! Last configuration change at \(change.at.clock) UTC \(change.at.weekdayDate) \(change.at.year) by \(change.user)",
                "!")
        }
        turn.say(["version 17.9", "!"] + lines + ["end", ""])
    }

    private static func save(_ turn: inout Turn) {
        turn.device.startup = turn.device.running
        turn.say("Building configuration...", "[OK]")
    }

    private static func askToSave(_ turn: inout Turn, then next: @escaping @Sendable (inout Turn) -> Void) {
        guard turn.device.running != turn.device.startup else { return next(&turn) }
        turn.ask("\nSystem configuration has been modified. Save? [yes/no]: ") { turn, answer in
            switch answer.trimmed.lowercased() {
            case "yes", "y":
                save(&turn)
                next(&turn)
            case "no", "n": next(&turn)
            default:
                turn.say("% Please answer 'yes' or 'no'.")
                askToSave(&turn, then: next)
            }
        }
    }

    private static func askToReload(_ turn: inout Turn, at: Moment, _ notice: String) {
        turn.ask(notice + "Proceed with reload? [confirm]", .key) { turn, answer in
            guard ["", "y", "Y"].contains(answer) else { return }
            turn.device.reloadAt = at
            turn.device.advance(to: turn.now)
        }
    }
}

extension IOSDialect {
    /// The configuration archive, replace and the revert timer.
    static let rollbackCommands: [Command] = [
        Command("configure terminal [lock]") { turn, _ in enterConfiguration(&turn) },
        Command("configure terminal revert timer [idle] <1-120>") { turn, arguments in
            let minutes = Int(arguments.last) ?? 1
            guard startTimer(minutes, &turn) else { return }
            turn.say("")
            enterConfiguration(&turn)
        },
        Command("configure confirm") { turn, _ in
            guard turn.device.pending != nil else { return turn.fail(nothingPending) }
            turn.device.pending = nil
            turn.note(
                "%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_CONFIRM: User: \(turn.session.user): Confirm the configuration change"
            )
        },
        Command("configure revert now") { turn, _ in
            guard turn.device.pending != nil else { return turn.fail(nothingPending) }
            turn.device.revert(at: turn.now)
            turn.say("", "Total number of passes: 1", "Rollback Done", "")
        },
        Command("configure revert timer [idle] <1-120>") { turn, arguments in
            guard var pending = turn.device.pending else { return turn.fail(nothingPending) }
            pending.seconds = 60 * (Int(arguments.last) ?? 1)
            pending.deadline = turn.now.after(seconds: pending.seconds)
            turn.device.pending = pending
        },
        Command("configure replace <word> [list] [force] [revert trigger error] [time|timer <1-120>]") {
            turn, arguments in
            let name = arguments["replace"] ?? ""
            guard let tree = configuration(name, turn.device) else {
                return turn.fail("%Error opening \(name) (No such file or directory)", "")
            }
            let minutes = arguments.number("time") ?? arguments.number("timer")
            guard !arguments.has("force") else { return replace(by: tree, minutes, &turn) }
            let question = """
                This will apply all necessary additions and deletions
                to replace the current running configuration with the
                contents of the specified configuration file, which is
                assumed to be a complete configuration, not a partial
                configuration. Enter Y if you are sure you want to proceed. ? [no]:\u{20}
                """
            turn.ask(question) { turn, answer in
                guard ["y", "yes"].contains(answer.trimmed.lowercased()) else {
                    return turn.fail("Rollback aborted", "")
                }
                replace(by: tree, minutes, &turn)
            }
        },
        Command("archive config") { turn, _ in
            guard turn.device.running.node(["archive", "path"]) != nil else { return turn.fail(noArchive) }
            _ = archive(&turn)
        },
        Command("show archive") { turn, _ in showArchive(&turn) },
        Command("show archive config differences [<word>] [<word>]") { turn, arguments in
            let names: [String] = Array(arguments.words[4...])
            let (old, new) =
                switch names.count {
                case 0: ("nvram:startup-config", "system:running-config")
                case 1: ("system:running-config", names[0])
                default: (names[0], names[1])
                }
            guard let from = configuration(old, turn.device) else {
                return turn.fail("%Error opening \(old) (No such file or directory)", "")
            }
            guard let to = configuration(new, turn.device) else {
                return turn.fail("%Error opening \(new) (No such file or directory)", "")
            }
            turn.say("", "!Contextual Config Diffs:")
            let diff = ConfigDiff(from: from, to: to)
            guard !diff.isEmpty else { return turn.say("!No changes were found", "") }
            turn.say(diff.lines(turn.dialect.layout).map { $0 == " " ? $1 : "\($0)\($1)" } + [""])
        },
        Command("show archive config rollback timer") { turn, _ in
            guard let pending = turn.device.pending else { return turn.fail(nothingPending) }
            let set = Moment(milliseconds: pending.deadline.milliseconds - pending.seconds * 1000)
            turn.say(
                "", "Time configured(or reconfigured): \(set.clock) UTC \(set.weekdayDate) \(set.year)",
                "Timer type: absolute timer", "Timer value: \(pending.seconds / 60) min", "User: \(pending.user)", "")
        },
        Command("copy running-config <word>") { turn, arguments in
            let name = arguments.last
            turn.ask("Destination filename [\(name.split(separator: ":").last ?? "")]? ") { turn, answer in
                let file = answer.trimmed.isEmpty ? name : "\(name.prefix { $0 != ":" }):\(answer.trimmed)"
                store(turn.device.running, as: file, &turn)
                turn.say("\(turn.device.runningText.count) bytes copied in 0.113 secs")
            }
        },
        Command("more <word>") { turn, arguments in
            guard let tree = configuration(arguments.last, turn.device) else {
                return turn.fail("%Error opening \(arguments.last) (No such file or directory)")
            }
            turn.say(["!"] + turn.dialect.layout.lines(tree.nodes) + ["end"])
        },
        Command("dir [<word>]") { turn, _ in
            turn.say(["Directory of flash:/", ""] + turn.device.files.map { "  -rw-  \($0.at.isoDate) \($0.name)" })
        },
        Command("delete [/force] <word>") { turn, arguments in
            turn.device.files.removeAll { $0.name == arguments.last }
        },
    ]

    private static let nothingPending = "%No Rollback Confirmed Change pending"
    private static let noArchive = "%Please turn config archive on"

    private static func enterConfiguration(_ turn: inout Turn) {
        turn.say("Enter configuration commands, one per line.  End with CNTL/Z.")
        turn.session.mode = .configuration
        turn.session.target = .running
    }

    /// The configuration of that name: a file, or one of the two the device has.
    static func configuration(_ name: String, _ device: ConsoleDevice) -> ConfigTree? {
        switch name {
        case "system:running-config", "running-config": device.running
        case "nvram:startup-config", "startup-config": device.startup
        default: device.files.last { $0.name == name }?.tree
        }
    }

    static func store(_ tree: ConfigTree, as name: String, _ turn: inout Turn) {
        turn.device.files.removeAll { $0.name == name }
        turn.device.files.append(NamedConfiguration(name: name, tree: tree, at: turn.now))
    }

    /// Puts the running configuration into the archive.
    private static func archive(_ turn: inout Turn) -> String {
        let path = turn.device.running.value(["archive", "path"]) ?? "flash:archive"
        let date = turn.now.monthDay.split(separator: " ").joined(separator: "-")
        let clock = turn.now.clock.split(separator: ":").joined(separator: "-")
        let name = "\(path)-\(date)-\(clock).000-\(archived(turn.device).count)"
        store(turn.device.running, as: name, &turn)
        return name
    }

    private static func archived(_ device: ConsoleDevice) -> [NamedConfiguration] {
        let path = device.running.value(["archive", "path"]) ?? "flash:archive"
        return device.files.filter { $0.name.hasPrefix("\(path)-") }
    }

    /// Keeps the running configuration and arms the timer that brings it back; false when it is refused.
    private static func startTimer(_ minutes: Int, _ turn: inout Turn) -> Bool {
        guard turn.device.running.node(["archive", "path"]) != nil else {
            turn.fail(noArchive)
            return false
        }
        guard turn.device.pending == nil else {
            turn.fail("%Rollback Confirmed Change: A rollback timer is already running, please confirm first")
            return false
        }
        let name = archive(&turn)
        guard turn.arm(seconds: minutes * 60, back: turn.device.running, name: name) else {
            turn.fail("%Rollback Confirmed Change: Unable to start the rollback timer")
            return false
        }
        turn.say("Rollback Confirmed Change: Backing up current running config to \(name)")
        turn.note(
            "%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_START_ABSTIMER: User: \(turn.session.user): Scheduled to rollback to config "
                + "\(name) in \(minutes) minutes")
        return true
    }

    private static func replace(by tree: ConfigTree, _ minutes: Int?, _ turn: inout Turn) {
        if let minutes, !startTimer(minutes, &turn) { return }
        turn.takingEffect { turn in
            if turn.faults.commitFails == true {
                turn.fail("% Rollback failed: 1 command could not be applied", "Rollback aborted", "")
                return
            }
            turn.device.running = tree
            turn.device.lastChange = CommitStamp(at: turn.now, user: turn.session.user)
            turn.say("", "Total number of passes: 1", "Rollback Done", "")
            turn.note("%SYS-5-CONFIG_R: Config Replace is Done")
        }
    }

    private static func showArchive(_ turn: inout Turn) {
        guard turn.device.running.node(["archive", "path"]) != nil else {
            return turn.fail("Archive feature not enabled")
        }
        let archived = archived(turn.device)
        let maximum = turn.device.running.value(["archive", "maximum"]).flatMap { Int($0) } ?? 10
        let path = turn.device.running.value(["archive", "path"]) ?? ""
        turn.say(
            "The maximum archive configurations allowed is \(maximum).",
            "The next archive file will be named \(path)-<timestamp>-\(archived.count)", " Archive #  Name")
        turn.say(
            archived.suffix(maximum).enumerated().map { index, file in
                let mark = file == archived.last ? " <- Most Recent" : ""
                return "   \(index + 1)        \(file.name)\(mark)"
            })
    }
}

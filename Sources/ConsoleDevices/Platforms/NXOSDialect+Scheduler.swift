/// The scheduler: jobs and timetables are lines of the configuration; what ran is not.
///
/// Source: NX-OS System Management Configuration Guide, "Configuring the Scheduler" (9.3, 10.5); for one-time timetables with
/// a whole date also the one of MDS.
extension NXOSDialect {
    static let schedulerRules: [Rule] = [
        .block("scheduler job name <word>", "config-job", [.line("<text>")]),
        .block(
            "scheduler schedule name <word>", "config-schedule",
            [.line("job name <word>"), .line("time = start <word>")]),
    ]

    func schedules(of device: ConsoleDevice) -> [ScheduledJob] {
        guard Self.hasScheduler(device) else { return [] }
        return device.running.nodes.compactMap { node in
            guard let name = node.key.after("scheduler schedule name "),
                let start = node.children.first(where: { $0.key == "time" })
                    .flatMap({ Self.start($0.line.split(separator: " ").last ?? "") })
            else { return nil }
            let jobs = node.children.compactMap { $0.key.after("job name ") }
            let lines = jobs.flatMap { device.running.node(["scheduler job name \($0)"])?.children ?? [] }
            return ScheduledJob(
                name: name, start: start, seconds: 0, script: lines.map(\.line).joined(separator: "\n"))
        }
    }

    func run(_ job: ScheduledJob, _ device: inout ConsoleDevice, at moment: Moment) {
        var session = ConsoleSession(id: 0, user: "system", restarts: device.restarts, width: 0, height: 0)
        session.mode = .privileged
        var turn = Turn(device: device, session: session, now: moment, faults: ConsoleFaults())
        for line in job.script.split(separator: "\n") { turn.command(String(line)) }
        device = turn.device
        device.note("scheduler ran \(job.name)", by: "system", at: moment)
    }

    /// A line of a timetable or job; false when it is none, or nothing stands in its way.
    static func stopsScheduling(_ line: String, _ turn: inout Turn) -> Bool {
        if line.contains("scheduler "), !hasScheduler(turn.device) {
            let word = line.hasPrefix("no ") ? 1 : 0
            turn.refuse(.invalid(word: word), turn.reading(line))
            return true
        }
        guard turn.session.levels.last?.rule.mode == "config-schedule", line.hasPrefix("time ") else { return false }
        guard start(line.split(separator: " ").last ?? "") != nil else {
            turn.refuse(.invalid(word: 2), turn.reading(line))
            return true
        }
        switch turn.scheduling() {
        case .refused:
            turn.fail("ERROR: the timetable could not be set")
            return true
        case .lost: return true
        case .kept: return false
        }
    }

    /// `2026:11:26:20:35`, by the device's clock. A month may also be a name.
    private static func start(_ text: Substring) -> Moment? {
        let parts = text.split(separator: ":").map { Int($0) ?? Moment.month(named: $0) ?? -1 }
        guard parts.count == 5 else { return nil }
        return Moment(year: parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4])
    }

    static func hasScheduler(_ device: ConsoleDevice) -> Bool { device.running.node(["feature scheduler"]) != nil }

    static let schedulerCommands: [Command] = [
        Command("show feature") { turn, _ in
            turn.say("Feature Name          Instance  State", "--------------------  --------  --------")
            for name in ["bgp", "lldp", "ospf", "scheduler"] {
                let isOn = turn.device.running.node(["feature \(name)"]) != nil
                turn.say(name.padded(to: 22) + "1         " + (isOn ? "enabled" : "disabled"))
            }
        },
        Command("show scheduler schedule [name <word>]") { turn, arguments in
            guard hasScheduler(turn.device) else {
                return turn.refuse(.invalid(word: 1), turn.reading("show scheduler"))
            }
            for job in turn.device.jobs where arguments["name"].map({ $0 == job.name }) ?? true { show(job, &turn) }
        },
        Command("show scheduler job [name <word>]") { turn, arguments in
            guard hasScheduler(turn.device) else {
                return turn.refuse(.invalid(word: 1), turn.reading("show scheduler"))
            }
            for node in turn.device.running.nodes {
                guard let name = node.key.after("scheduler job name "), arguments["name"].map({ $0 == name }) ?? true
                else { continue }
                turn.say("Job Name: \(name)", String(repeating: "-", count: 15 + name.count))
                turn.say(node.children.map(\.line) + ["", String(repeating: "=", count: 78)])
            }
        },
    ]

    private static func show(_ job: ScheduledJob, _ turn: inout Turn) {
        func dated(_ moment: Moment) -> String { "\(moment.weekdayDate) \(moment.clock) \(moment.year)" }
        let rule = String(repeating: "-", count: 47)
        turn.say("Schedule Name       : \(job.name)", String(repeating: "-", count: 22 + job.name.count))
        turn.say("User Name           : \(turn.session.user)", "Schedule Type       : Run once on \(dated(job.start))")
        turn.say("Last Execution Time : \(job.lastRun.map(dated) ?? "Yet to be executed")", rule)
        turn.say("     Job Name            Last Execution Status", rule)
        let node = turn.device.running.node(["scheduler schedule name \(job.name)"])
        for name in node?.children.compactMap({ $0.key.after("job name ") }) ?? [] {
            turn.say(name.padded(to: 25) + (job.lastRun == nil ? "-NA-" : "Success (0)"))
        }
        turn.say(String(repeating: "=", count: 78))
    }

    /// As it is shown: a job has an end of its own.
    static func shown(_ nodes: [ConfigNode], _ layout: ConfigLayout) -> [String] {
        nodes.flatMap { node in
            layout.lines([node]) + (node.key.hasPrefix("scheduler job name ") ? ["", "end-job", ""] : [])
        }
    }
}

extension String {
    /// What comes behind a beginning; nil when it begins otherwise.
    fileprivate func after(_ beginning: String) -> String? {
        hasPrefix(beginning) ? String(dropFirst(beginning.count)) : nil
    }

    /// With blanks behind it up to a width.
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}

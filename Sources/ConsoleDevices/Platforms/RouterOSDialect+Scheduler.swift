/// Scripts, and the scheduler that runs them.
///
/// Source: RouterOS documentation, "Scheduler", "Scripting" and "Clock" (7). Taken as likely: that an item which was added
/// without a time starts then, and runs first when its interval is over; that what came due while the clock was set runs once.
extension RouterOSDialect {
    /// Menus that only show something.
    static let shownMenus = ["/system clock", "/system history", "/system resource", "/system routerboard"]
    /// What the log of changes is told from other messages by.
    static let historyPrefix = "history: "

    func schedules(of device: ConsoleDevice) -> [ScheduledJob] {
        (device.running.node(["/system scheduler"])?.children ?? []).compactMap { node in
            let item = Item(node.line)
            guard let name = item["name"], item["disabled"] != "yes", let start = Self.start(of: item, device) else {
                return nil
            }
            let event = item["on-event"] ?? ""
            return ScheduledJob(
                name: name, start: start, seconds: item["interval"].flatMap(Self.seconds) ?? 0,
                script: Self.source(of: event, device) ?? event)
        }
    }

    /// Three seconds after the device came up, or the time that the item says.
    private static func start(of item: Item, _ device: ConsoleDevice) -> Moment? {
        if item["start-time"] == "startup" { return device.clock(at: device.startedAt).after(seconds: 3) }
        let date = (item["start-date"] ?? "").split(separator: "-").compactMap { Int($0) }
        let time = (item["start-time"] ?? "").split(separator: ":").compactMap { Int($0) }
        guard date.count == 3, time.count == 3 else { return nil }
        return Moment(year: date[0], month: date[1], day: date[2], hour: time[0], minute: time[1], second: time[2])
    }

    /// An item without a time starts now.
    static func dated(_ item: Item, _ turn: Turn) -> Item {
        var item = item
        guard item["start-time"] != "startup" else { return item }
        item["start-date"] = item["start-date"] ?? turn.clock.isoDate
        item["start-time"] = item["start-time"] ?? turn.clock.clock
        return item
    }

    static func source(of name: String, _ device: ConsoleDevice) -> String? {
        device.running.node(["/system script", "add name=\(name)"]).flatMap { Item($0.line)["source"] }
    }

    /// What a print says of an item that is not in its configuration.
    static func state(of line: String, _ menu: String, _ turn: Turn) -> String {
        guard menu == "/system scheduler", let job = turn.device.jobs.first(where: { $0.name == Item(line)["name"] })
        else { return menu == "/system script" ? " owner=\(turn.session.user) run-count=0" : "" }
        let next = job.due.map { " next-run=\($0.isoDate) \($0.clock)" } ?? ""
        return " owner=\(turn.session.user) run-count=\(job.lastRun == nil ? 0 : 1)\(next)"
    }

    /// The properties of a menu that is none of items, a line each.
    static func properties(of menu: String, _ turn: Turn) -> [String]? {
        switch menu {
        case "/system identity": ["  name: \(turn.device.hostname)"]
        case "/system clock":
            [
                "                  time: \(turn.clock.clock)", "                  date: \(turn.clock.isoDate)",
                "  time-zone-autodetect: yes", "        time-zone-name: Etc/UTC", "            gmt-offset: +00:00",
            ]
        case "/system history":
            [
                "Flags: U - undoable, R - redoable, F - floating-undo", "Columns: ACTION, BY, POLICY",
                "  ACTION  BY  POLICY",
            ]
                + turn.device.log.reversed().filter { $0.text.hasPrefix(historyPrefix) }.map {
                    "U \($0.text.dropFirst(historyPrefix.count))  \($0.user)  write"
                }
        case "/system resource":
            [
                "                   uptime: 1w2d", "                  version: 7.12 (stable)",
                "               board-name: CHR",
            ]
        case "/system routerboard":
            ["       routerboard: yes", "             model: CHR", "     serial-number: \(turn.device.serial)"]
        default: nil
        }
    }

    /// Obeys commands that stand apart by semicolons, up to the first that fails.
    static func obey(script: String, _ turn: inout Turn) {
        for line in commands(of: script) where turn.status == 0 && !turn.isOver { obey(line, &turn) }
    }

    private static func commands(of script: String) -> [String] {
        var lines = [""]
        var isQuoted = false
        for character in script {
            if character == "\"" { isQuoted.toggle() }
            if !isQuoted, character == ";" || character.isNewline {
                lines.append("")
            } else {
                lines[lines.count - 1].append(character)
            }
        }
        return lines.map(\.trimmed).filter { !$0.isEmpty }
    }

    func run(_ job: ScheduledJob, _ device: inout ConsoleDevice, at moment: Moment) {
        let session = ConsoleSession(id: 0, user: "system", restarts: device.restarts, width: 0, height: 0)
        var turn = Turn(device: device, session: session, now: moment, faults: ConsoleFaults())
        Self.obey(script: job.script, &turn)
        device = turn.device
        device.note("scheduler ran \(job.name)", by: "system", at: moment)
    }
}

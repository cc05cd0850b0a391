/// MikroTik RouterOS: menus of items with properties, in force at once; safe mode undoes them when the session is lost.
///
/// Source: RouterOS documentation, "Command Line Interface" (safe mode), "Queues" and "Scheduler" (7).
struct RouterOSDialect: Dialect {
    var layout: ConfigLayout { .indented(width: 0, separator: "") }
    var naming: InterfaceNaming {
        InterfaceNaming(kinds: ["ether", "sfp", "bridge"], mayBeShort: false, virtual: ["bridge"])
    }
    var habits: TerminalHabits {
        TerminalHabits(
            more: "-- [Q quit|D dump|down]", wipe: "\r\u{1B}[K", shortWords: false, helpsAtOnce: true, longLine: .wraps,
            beforePrompt: "\r\u{1B}[K", endsOnEOF: true)
    }

    /// Menus whose items are told apart by one property, and what that is.
    static let itemMenus: [(menu: String, key: String)] = [
        ("/ip address", "address"), ("/ip route", "dst-address"), ("/queue simple", "name"), ("/queue tree", "name"),
        ("/snmp community", "name"),
        ("/system ntp client servers", "address"), ("/system scheduler", "name"), ("/system script", "name"),
    ]
    /// Menus that are one set of properties.
    static let settingMenus = ["/system identity", "/system logging"]

    /// Items are kept as the lines that would add them, in `menu`s.
    var grammar: [Rule] {
        Self.itemMenus.map { .container($0.menu, [.line("add <word> = <text>"), .line("add <word>")]) }
            + Self.settingMenus.map { .container($0, [.line("set = <text>")]) }
            + [.container("/interface ethernet", [.line("set <word> = <text>"), .line("set <word>")])]
    }

    func hostname(of tree: ConfigTree) -> String? {
        tree.value(["/system identity", "set"]).flatMap { Item($0)["name"] }
    }

    func prompt(_ session: ConsoleSession, _ device: ConsoleDevice, name: String, at now: Moment) -> String {
        let menu =
            session.note.isEmpty ? "" : " /" + session.note.dropFirst().split(separator: " ").joined(separator: "/")
        let safe = device.pending?.session == session.id ? "<SAFE>" : ">"
        return "[\(session.user)@\(name)]\(menu) \(safe) "
    }

    func begin(_ session: inout ConsoleSession) { session.mode = .privileged }

    func greeting(_ device: ConsoleDevice, at now: Moment) -> [String] {
        ["", "  MikroTik RouterOS 7.12 (c) 1999-2023       https://www.mikrotik.com/", "", "Press F1 for help", ""]
    }

    func commands(_ session: ConsoleSession) -> [Command] {
        [
            Command("/quit|quit") { turn, _ in turn.hangUp() },
            Command("<text>") { turn, arguments in Self.obey(arguments.last, &turn) },
        ]
    }

    func configure(_ line: String, _ turn: inout Turn) {}

    func refuse(_ misreading: Misreading, column: Int, line: String, _ turn: inout Turn) {
        turn.say("bad command name \(line.dropFirst(column).prefix { $0 != " " }) (line 1 column \(column + 1))")
    }

    func key(_ key: ControlKey, _ turn: inout Turn) {
        if key == .x { Self.toggleSafeMode(&turn) }
    }

    func revert(_ device: inout ConsoleDevice, _ pending: PendingRevert, at moment: Moment) {
        device.running = pending.tree
        device.startup = pending.tree
        device.note("safe mode undone", by: pending.user, at: moment)
    }

    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment) {
        let session = ConsoleSession(id: 0, user: "monitor", restarts: device.restarts, width: 0, height: 0)
        var turn = Turn(device: device, session: session, now: now, faults: ConsoleFaults())
        Self.obey(script: edit.lines.joined(separator: "\n"), &turn)
        device = turn.device
    }

    /// The rate of what is sent out of a port: that of the queue whose parent it is, or the second half of `max-limit`, the
    /// download of a simple queue's target; the lower one of both.
    func shapedRates(of tree: ConfigTree) -> [String: Int] {
        var rates: [String: Int] = [:]
        for node in tree.node(["/queue tree"])?.children ?? [] {
            let item = Item(String(node.line.dropFirst(4)))
            guard let parent = item["parent"], item["packet-mark"] == nil, item["disabled"] != "yes" else { continue }
            rates[parent] = item["max-limit"].flatMap(Rate.bits)
        }
        for node in tree.node(["/queue simple"])?.children ?? [] {
            let item = Item(String(node.line.dropFirst(4)))
            guard let target = item["target"], let limits = item["max-limit"]?.split(separator: "/"), limits.count == 2
            else {
                continue
            }
            let rate = Rate.bits(String(limits[1]))
            rates[target] = [rates[target], rate].compactMap { $0 }.min()
        }
        return rates
    }

    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String] {
        ["/system identity set name=\(hostname)", "/system ntp client servers add address=10.0.0.6"]
            + interfaces.enumerated().flatMap { index, name in
                [
                    "/interface ethernet set \(name) comment=\"customer \(index + 1)\"",
                    "/ip address add address=192.0.2.\(index * 4 + 1)/30 interface=\(name)",
                    "/queue tree add name=shape-\(name) parent=\(name) max-limit=\(Self.written(rate))",
                ]
            }
    }

    /// A rate in the largest unit of which it is a whole number, as it is shown.
    static func written(_ rate: Int) -> String {
        for (unit, letter) in [(1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")] where rate > 0 && rate % unit == 0 {
            return "\(rate / unit)\(letter)"
        }
        return "\(rate)"
    }

    private static func toggleSafeMode(_ turn: inout Turn) {
        guard let pending = turn.device.pending else { return take(&turn) }
        guard pending.session != turn.session.id else {
            turn.device.pending = nil
            return turn.say("[Safe mode released]")
        }
        turn.ask("Hijacking Safe Mode from someone - unroll/release/don't take it [u/r/d]: ", .key) { turn, answer in
            switch answer {
            case "u": turn.device.revert(at: turn.now)
            case "r": turn.device.pending = nil
            default: return
            }
            take(&turn)
        }
    }

    private static func take(_ turn: inout Turn) {
        // It has no time of its own: only the end of the session brings it about.
        guard turn.arm(seconds: 1_000_000_000, back: turn.device.running, isBoundToSession: true) else {
            return turn.fail("[Safe mode not taken]")
        }
        turn.say("[Safe mode taken]")
    }
}

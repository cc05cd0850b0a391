/// Huawei VRP 8 in two-phase mode: lines change a candidate, which `commit` brings into force, on trial if asked.
///
/// Source: NetEngine 8000 F1A Command Reference, "commit", "abort trial", and Feature Description, "Configuration Trial Run".
struct VRPDialect: Dialect {
    var layout: ConfigLayout { .indented(width: 1, separator: "#") }
    var naming: InterfaceNaming { Self.ports }
    var grammar: [Rule] { Self.rules }
    var habits: TerminalHabits {
        TerminalHabits(
            more: "  ---- More ----", wipe: "\u{1B}[16D                \u{1B}[16D", longLine: .wraps)
    }

    private static let ports = InterfaceNaming(
        kinds: ["GigabitEthernet", "10GE", "100GE", "Eth-Trunk", "LoopBack"], mayBeShort: true,
        virtual: ["Eth-Trunk", "LoopBack"])

    private static let rules: [Rule] = [
        .line("sysname = <word>"),
        .line("info-center loghost <ip>"), .line("ntp-service unicast-server <ip>"),
        .line("snmp-agent"), .line("snmp-agent community read|write = <word>"),
        .block("traffic classifier <word>", "classifier", [.line("if-match <text>")]),
        .block(
            "traffic behavior <word>", "behavior",
            [.line("car = cir <8-4294967295>"), .line("description = <text>"), .line("remark dscp = <word>")]),
        .block("traffic policy <word>", "trafficpolicy", [.line("classifier <word> = behavior <word>")]),
        .block(
            "qos-profile <word>", "qosprofile",
            [
                .line("car = cir <0-4294967295> cbs <0-4294967295> green pass red discard inbound|outbound"),
                .line("car = cir <0-4294967295> pir <0-4294967295> inbound|outbound"),
            ]),
        .block(
            "interface <interface>", "",
            [
                .line("description = <text>"), .line("mtu = <46-9600>"), .line("bandwidth = <1-1000000>"),
                .line("shutdown"),
                .line("ip address = <ip> <ip>"), .line("qos lr outbound = cir <64-100000000>"),
                .line("traffic-policy <word> inbound|outbound"), .line("qos-profile <word> inbound|outbound"),
            ]),
        .line("ip route-static <ip> <ip> <ip>"),
    ]

    func hostname(of tree: ConfigTree) -> String? { tree.value(["sysname"]) }

    /// The mark tells whether there is something to commit: `[~HOST]` or `[*HOST]`.
    func prompt(_ session: ConsoleSession, _ device: ConsoleDevice, name: String, at now: Moment) -> String {
        guard session.mode == .configuration else { return "<\(name)>" }
        let mark = session.candidate == session.base && !(device.pending?.session == session.id) ? "~" : "*"
        let place = session.levels.last.map { level in
            let last = level.path.last?.line.split(separator: " ").last.map(String.init) ?? ""
            return "-" + (level.rule.mode.isEmpty ? last : "\(level.rule.mode)-\(last)")
        }
        return "[\(mark)\(name)\(place ?? "")]"
    }

    func begin(_ session: inout ConsoleSession) {
        session.mode = .privileged
        session.target = .own
    }

    func greeting(_ device: ConsoleDevice, at now: Moment) -> [String] {
        [
            "", "Info: The max number of VTY users is 21, and the number of current VTY users on line is 1.",
            "      The current login time is \(now.isoDate) \(now.clock)+00:00.",
        ]
    }

    func commands(_ session: ConsoleSession) -> [Command] {
        (session.mode == .configuration ? Self.systemCommands : Self.userCommands) + Self.displayCommands
    }

    func configure(_ line: String, _ turn: inout Turn) {
        guard turn.device.pending == nil else {
            return turn.fail(
                "Error: The system is in the trial configuration mode. The configuration cannot be changed.")
        }
        turn.configureInModes(line, undo: ["undo"])
    }

    func refuse(_ misreading: Misreading, column: Int, line: String, _ turn: inout Turn) {
        let caret = String(repeating: " ", count: turn.promptWidth + column) + "^"
        switch misreading {
        case .invalid: turn.say(caret, "Error: Unrecognized command found at '^' position.")
        case .incomplete: turn.say(caret, "Error: Incomplete command found at '^' position.")
        case .ambiguous: turn.say(caret, "Error: Ambiguous command found at '^' position.")
        }
    }

    func key(_ key: ControlKey, _ turn: inout Turn) {
        if key == .z, turn.session.mode == .configuration { Self.askToLeave(&turn) }
    }

    func revert(_ device: inout ConsoleDevice, _ pending: PendingRevert, at moment: Moment) {
        device.commit(pending.tree, by: pending.user, session: pending.session, at: moment, via: "Trial-rollback")
        device.note("trial run ended: rolled back", by: pending.user, at: moment)
    }

    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment) {
        device.commit(edited(device.running, edit, device), by: "monitor", session: 0, at: now)
    }

    func shapedRates(of tree: ConfigTree) -> [String: Int] {
        var rates: [String: Int] = [:]
        for node in tree.nodes where node.key.hasPrefix("interface ") {
            guard let rate = tree.value([node.key, "qos lr outbound"])?.split(separator: " ").last.flatMap({ Int($0) })
            else {
                continue
            }
            rates[String(node.key.dropFirst("interface ".count))] = rate * 1000
        }
        return rates
    }

    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String] {
        [
            "sysname \(hostname)", "info-center loghost 10.0.0.5", "ntp-service unicast-server 10.0.0.6", "snmp-agent",
            "snmp-agent community read public",
        ]
            + interfaces.enumerated().flatMap { index, name in
                [
                    "interface \(name)", " description customer \(index + 1)",
                    " ip address 192.0.2.\(index * 4 + 1) 255.255.255.252", " qos lr outbound cir \(rate / 1000)",
                ]
            }
    }
}

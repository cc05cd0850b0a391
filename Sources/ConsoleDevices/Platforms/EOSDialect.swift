/// Arista EOS: lines are in force at once, or change a configuration session whose commit replaces what is in force.
///
/// Source: EOS User Manual, "Configure Session" and "Configure Replace" (4.30).
struct EOSDialect: Dialect {
    var layout: ConfigLayout { .indented(width: 3, separator: "!", inner: "!") }
    var naming: InterfaceNaming { Self.ports }
    var grammar: [Rule] { Self.rules }
    var habits: TerminalHabits { TerminalHabits(longLine: .wraps) }

    private static let ports = InterfaceNaming(
        kinds: ["Ethernet", "Management", "Loopback", "Port-Channel", "Vlan"], mayBeShort: true,
        virtual: ["Loopback", "Port-Channel", "Vlan"])

    private static let rules: [Rule] = [
        .line("hostname = <word>"),
        .line("logging host <ip>"), .line("logging buffered = <1-1000000>"),
        .line("ntp server <ip>"),
        .line("snmp-server community <word> = ro|rw"), .line("snmp-server location = <text>"),
        .line("snmp-server contact = <text>"),
        .block(
            "class-map type qos match-any <word>", "cmap-qos", [.line("match <text>")]),
        .block(
            "policy-map type quality-of-service <word>", "pmap-quality-of-service",
            [
                .block(
                    "class <word>", "pmap-c",
                    [
                        .line("police rate = <1-100000000> kbps|mbps burst-size <1-128000000> bytes|kbytes|mbytes"),
                        .line("set dscp = <word>"), .line("set traffic-class = <0-7>"),
                    ])
            ]),
        .block(
            "traffic-policies", "traffic-policies",
            [
                .block(
                    "traffic-policy <word>", "traffic-policy",
                    [
                        .block(
                            "match <word> ipv4|ipv6", "traffic-policy-match",
                            [
                                .line("source prefix = <text>"),
                                .block(
                                    "actions", "traffic-policy-actions",
                                    [
                                        .line(
                                            "police rate = <1-100000000> kbps|mbps burst-size <1-128000000> bytes|kbytes|mbytes"
                                        ),
                                        .line("drop"), .line("count"), .line("set traffic class = <0-7>"),
                                    ]),
                            ])
                    ])
            ]),
        .block(
            "qos profile <word>", "qos-profile",
            [.line("qos trust = cos|dscp"), .line("shape rate = <1-100000000> kbps")]),
        .block(
            "interface <interface>", "if",
            [
                .line("description = <text>"), .line("mtu = <68-9214>"), .line("bandwidth = <1-100000000>"),
                .line("shutdown"), .line("switchport"), .line("ip address = <prefix>"),
                .line("service-policy type qos input = <word>"),
                .line("traffic-policy input|output = <word>"), .line("policer profile <word> input"),
                .line("service-profile = <word>"),
                .line("shape rate = <1-100000000> kbps|mbps"), .line("shape rate = <1-100000000>"),
                .block(
                    "tx-queue <0-7>", "txq",
                    [.line("shape rate = <1-100000000> kbps"), .line("bandwidth percent = <1-100>")]),
            ]),
        .line("ip route <prefix> <ip>"),
        .line("ip routing"),
    ]

    func hostname(of tree: ConfigTree) -> String? { tree.value(["hostname"]) }

    func prompt(_ session: ConsoleSession, _ device: ConsoleDevice, name: String, at now: Moment) -> String {
        switch session.mode {
        case .exec: return "\(name)>"
        case .privileged: return "\(name)#"
        case .configuration:
            var mode = "config"
            // A session is called by the beginning of its name.
            if case .draft(let draft) = session.target { mode += "-s-\(draft.prefix(6))" }
            for level in session.levels { mode += "-" + Self.mode(of: level) }
            return "\(name)(\(mode))#"
        }
    }

    private static func mode(of level: ConsoleSession.Level) -> String {
        let last = level.path.last?.line.split(separator: " ").last.map(String.init) ?? ""
        guard level.rule.mode == "if" else { return "\(level.rule.mode)-\(last)" }
        return "if-\(last.prefix(2))\(last.drop { !$0.isNumber })"
    }

    func begin(_ session: inout ConsoleSession) {}

    func commands(_ session: ConsoleSession) -> [Command] {
        switch (session.mode, session.target) {
        case (.exec, _): Self.execCommands
        case (.privileged, _): Self.execCommands + Self.showCommands + Self.privilegedCommands
        case (.configuration, .draft): Self.configurationCommands + Self.sessionCommands + Self.showCommands
        case (.configuration, _): Self.configurationCommands + Self.showCommands
        }
    }

    func configure(_ line: String, _ turn: inout Turn) { turn.configureInModes(line, undo: ["no", "default"]) }

    func refuse(_ misreading: Misreading, column: Int, line: String, _ turn: inout Turn) {
        switch misreading {
        case .invalid: turn.say("% Invalid input")
        case .incomplete: turn.say("% Incomplete command")
        case .ambiguous: turn.say("% Ambiguous command")
        }
    }

    func key(_ key: ControlKey, _ turn: inout Turn) {
        if key == .z, turn.session.mode == .configuration { Self.leaveConfiguration(&turn) }
    }

    /// Where a session comes from, as log messages say it.
    static func origin(_ session: Int) -> String { "vty\(session) (192.0.2.9)" }

    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment) {
        device.running = edited(device.running, edit, device)
        device.lastChange = CommitStamp(at: now, user: "monitor")
        device.note("%SYS-5-CONFIG_I: Configured from console by monitor on \(Self.origin(99))", by: "monitor", at: now)
    }

    static func leaveConfiguration(_ turn: inout Turn) {
        let (user, origin) = (turn.session.user, origin(turn.session.id))
        if case .draft(let name) = turn.session.target {
            turn.note("%SYS-5-CONFIG_SESSION_EXITED: User \(user) exited configuration session \(name) on \(origin)")
        } else {
            turn.note("%SYS-5-CONFIG_I: Configured from console by \(user) on \(origin)")
        }
        turn.session.mode = .privileged
        turn.session.levels = []
        turn.session.target = .running
    }

    func revert(_ device: inout ConsoleDevice, _ pending: PendingRevert, at moment: Moment) {
        device.running = pending.tree
        device.lastChange = CommitStamp(at: moment, user: "system")
        device.drafts.removeAll { $0.name == pending.name }
        device.note("%SYS-5-CONFIG_SESSION_COMMIT_TIMER_EXPIRED: session \(pending.name)", by: pending.user, at: moment)
    }

    func shapedRates(of tree: ConfigTree) -> [String: Int] {
        var rates: [String: Int] = [:]
        for node in tree.nodes where node.key.hasPrefix("interface ") {
            // What it says itself comes before its profile.
            let profile = tree.value([node.key, "service-profile"]).flatMap {
                tree.value(["qos profile \($0)", "shape rate"])
            }
            guard let words = (tree.value([node.key, "shape rate"]) ?? profile)?.split(separator: " "),
                let number = Int(words[0])
            else {
                continue
            }
            rates[String(node.key.dropFirst("interface ".count))] = number * (words.last == "mbps" ? 1_000_000 : 1000)
        }
        return rates
    }

    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String] {
        [
            "hostname \(hostname)", "ntp server 10.0.0.6", "logging host 10.0.0.5", "snmp-server community public ro",
            "ip routing", "ip route 0.0.0.0/0 10.0.0.254",
        ]
            + interfaces.enumerated().flatMap { index, name in
                [
                    "interface \(name)", "   description customer \(index + 1)",
                    "   ip address 192.0.2.\(index * 4 + 1)/30",
                    "   shape rate \(rate / 1000) kbps",
                ]
            }
    }
}

/// Cisco IOS and IOS XE: every line is in force at once; a revert timer can be set around the editing.
///
/// Source: Configuration Management Configuration Guide, "Configuration Replace and Configuration Rollback" and
/// "Configuration Rollback Confirmed Change" (IOS XE 16/17).
struct IOSDialect: Dialect {
    var layout: ConfigLayout { .indented(width: 1, separator: "!") }
    var naming: InterfaceNaming { Self.ports }
    var grammar: [Rule] { Self.rules }
    var habits: TerminalHabits { TerminalHabits() }

    private static let ports = InterfaceNaming(
        kinds: [
            "GigabitEthernet", "TenGigabitEthernet", "FastEthernet", "Ethernet", "Loopback", "Tunnel", "Port-channel",
        ],
        mayBeShort: true, virtual: ["Loopback", "Tunnel", "Port-channel"])

    private static let policeActions: [Rule] = [
        .line("conform-action = <text>"), .line("exceed-action = <text>"), .line("violate-action = <text>"),
    ]

    private static let rules: [Rule] = [
        .line("hostname = <word>"),
        .line("enable secret = <text>"),
        .line("username <word> = <text>"),
        .block(
            "archive", "config-archive",
            [
                .line("path = <word>"), .line("maximum = <1-14>"), .line("time-period = <1-525600>"),
                .line("write-memory"),
            ]),
        .block(
            "class-map match-any|match-all <word>", "config-cmap",
            [.line("description = <text>"), .line("match <text>")]),
        .block(
            "policy-map <word>", "config-pmap",
            [
                .line("description = <text>"),
                .block(
                    "class <word>", "config-pmap-c",
                    [
                        .line("priority = percent <1-100>"), .line("priority = <1-2000000000>"),
                        .line("bandwidth = percent <1-100>"), .line("bandwidth = remaining percent <1-100>"),
                        .line("bandwidth = <1-2000000000>"),
                        .line("shape average = percent <1-100>"), .line("shape average = <8000-100000000000>"),
                        .block(
                            "police = cir <8000-100000000000> bc <1000-512000000>", "config-pmap-c-police",
                            policeActions),
                        .block("police = cir <8000-100000000000>", "config-pmap-c-police", policeActions),
                        .block("police = <8000-100000000000>", "config-pmap-c-police", policeActions),
                        .line("queue-limit = <1-8192000> packets"), .line("fair-queue"), .line("set dscp = <word>"),
                        .line("service-policy = <word>"),
                    ]),
            ]),
        .block(
            "interface <interface>", "config-if",
            [
                .line("description = <text>"), .line("mtu = <64-9216>"), .line("bandwidth = <1-10000000>"),
                .line("ip address = <ip> <ip>"), .line("ip mtu = <68-9216>"), .line("shutdown"),
                .line("load-interval = <30-600>"), .line("negotiation auto"),
                .line("service-policy input|output = <word>"),
            ]),
        .line("ip route <ip> <ip> <word>"),
        .line("logging buffered = <4096-2147483647>"), .line("logging host <ip>"),
        .line("snmp-server community <word> = RO|RW"), .line("snmp-server location = <text>"),
        .line("snmp-server contact = <text>"), .line("snmp-server host <ip> = <text>"),
        .line("banner motd = <text>"),
        .line("ntp server <ip>"),
    ]

    func hostname(of tree: ConfigTree) -> String? { tree.value(["hostname"]) }

    func prompt(_ session: ConsoleSession, _ device: ConsoleDevice, name: String, at now: Moment) -> String {
        switch session.mode {
        case .exec: "\(name)>"
        case .privileged: "\(name)#"
        case .configuration: "\(name)(\(session.levels.last?.rule.mode ?? "config"))#"
        }
    }

    func begin(_ session: inout ConsoleSession) {}

    func greeting(_ device: ConsoleDevice, at now: Moment) -> [String] {
        guard let banner = device.running.value(["banner motd"]), let mark = banner.first else { return [] }
        return ["", banner.split(separator: mark).joined(separator: "\n")]
    }

    func commands(_ session: ConsoleSession) -> [Command] {
        switch session.mode {
        case .exec: Self.execCommands
        case .privileged: Self.execCommands + Self.privilegedCommands
        case .configuration: Self.configurationCommands
        }
    }

    func configure(_ line: String, _ turn: inout Turn) {
        let words = Word.split(line)
        guard "do".hasPrefix(words[0].text), words.count > 1 else { return turn.configureInModes(line) }
        turn.obeyAbove(line, words)
    }

    func refuse(_ misreading: Misreading, column: Int, line: String, _ turn: inout Turn) {
        switch misreading {
        case .invalid where turn.session.mode == .exec && column == 0 && !line.contains(" "):
            turn.say(
                "Translating \"\(line)\"", "% Bad IP address or host name",
                "% Unknown command or computer name, or unable to find computer address", "")
        case .invalid:
            turn.say(
                String(repeating: " ", count: turn.promptWidth + column) + "^",
                "% Invalid input detected at '^' marker.", "")
        case .incomplete: turn.say("% Incomplete command.", "")
        case .ambiguous: turn.say("% Ambiguous command:  \"\(line)\"")
        }
    }

    func objection(to path: [ConfigNode], in tree: ConfigTree) -> [String]? {
        guard let last = path.last, last.key.hasPrefix("service-policy"),
            let name = last.line.split(separator: " ").last,
            tree.node(["policy-map \(name)"]) == nil
        else { return nil }
        return ["% policy map \(name) not configured"]
    }

    func refusesToRemove(_ path: [ConfigNode], _ device: ConsoleDevice) -> String? {
        guard path.count == 1, let line = path.first?.line, line.hasPrefix("interface ") else { return nil }
        let name = String(line.dropFirst("interface ".count))
        return device.interfaces.contains { $0.name == name }
            ? "% Removal of physical interfaces is not permitted" : nil
    }

    func key(_ key: ControlKey, _ turn: inout Turn) {
        if key == .z || key == .c, turn.session.mode == .configuration { Self.endConfiguration(&turn) }
    }

    static func endConfiguration(_ turn: inout Turn) {
        turn.session.mode = .privileged
        turn.session.levels = []
        turn.note("%SYS-5-CONFIG_I: Configured from console by \(turn.session.user)")
    }

    func revert(_ device: inout ConsoleDevice, _ pending: PendingRevert, at moment: Moment) {
        device.running = pending.tree
        device.lastChange = CommitStamp(at: moment, user: "system")
        device.note(
            "%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_ROLLBACK_START: Start rolling to: \(pending.name)", by: "system",
            at: moment)
    }

    func shapedRates(of tree: ConfigTree) -> [String: Int] {
        CiscoPolicies.rates(of: tree) { words, bandwidth in
            // The rate of a policer stands before its burst.
            let said = words.first == "police" ? words.compactMap { Int($0) }.first : words.last.flatMap { Int($0) }
            guard let number = said else { return nil }
            return words.contains("percent") ? bandwidth.map { $0 * number / 100 } : number
        }
    }

    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String] {
        [
            "hostname \(hostname)", "archive", " path flash:archive", " maximum 10", "policy-map SHAPE",
            " class class-default", "  shape average \(rate)", "ip route 0.0.0.0 0.0.0.0 10.0.0.254",
            "logging host 10.0.0.5", "snmp-server community public RO", "ntp server 10.0.0.6",
        ]
            + interfaces.enumerated().flatMap { index, name in
                [
                    "interface \(name)", " description customer \(index + 1)", " bandwidth \(rate / 1000)",
                    " ip address 192.0.2.\(index * 4 + 1) 255.255.255.252", " service-policy output SHAPE",
                ]
            }
    }
}

/// Cisco IOS XR: lines change a target configuration, which `commit` brings into force, on trial if asked.
///
/// Source: System Management Command Reference and Configuration Fundamentals, "commit", "show configuration",
/// "rollback configuration" (IOS XR 7).
struct IOSXRDialect: Dialect {
    var layout: ConfigLayout { .indented(width: 1, separator: "!", inner: "!") }
    var naming: InterfaceNaming { Self.ports }
    var grammar: [Rule] { Self.rules }
    var habits: TerminalHabits { TerminalHabits(longLine: .wraps) }

    private static let ports = InterfaceNaming(
        kinds: ["GigabitEthernet", "TenGigE", "HundredGigE", "MgmtEth", "Loopback", "Bundle-Ether"], mayBeShort: true,
        virtual: ["Loopback", "Bundle-Ether"])

    private static let policeActions: [Rule] = [
        .line("conform-action = <text>"), .line("exceed-action = <text>"), .line("violate-action = <text>"),
    ]

    private static let rules: [Rule] = [
        .line("hostname = <word>"),
        .line("logging <ip> = vrf default"), .line("logging buffered = <1-125000000>"),
        .line("ntp server = <ip>"),
        .line("snmp-server community <word> = RO|RW"), .line("snmp-server location = <text>"),
        .block(
            "class-map match-any|match-all <word>", "config-cmap",
            [.line("description = <text>"), .line("match <text>"), .line("end-class-map")]),
        .block(
            "policy-map <word>", "config-pmap",
            [
                .line("description = <text>"),
                .block(
                    "class <word>", "config-pmap-c",
                    [
                        .line("shape average = percent <1-100>"),
                        .line("shape average = <1-4294967295> bps|kbps|mbps|gbps"),
                        .line("shape average = <1-4294967295>"),
                        .block(
                            "police rate = <1-4294967295> bps|kbps|mbps|gbps burst <1-4294967295> bytes|kbytes|mbytes",
                            "config-pmap-c-police", policeActions),
                        .block(
                            "police rate = <1-4294967295> bps|kbps|mbps|gbps", "config-pmap-c-police", policeActions),
                        .line("bandwidth remaining = percent <1-100>"),
                        .line("bandwidth = <1-4294967295> kbps|mbps|gbps"),
                        .line("priority level = <1-7>"), .line("set dscp = <word>"),
                        .line("service-policy = <word>"),
                    ]),
                .line("end-policy-map"),
            ]),
        .block(
            "interface <interface>", "config-if",
            [
                .line("description = <text>"), .line("mtu = <64-65535>"), .line("bandwidth = <0-4294967295>"),
                .line("service-policy input|output = <word>"), .line("ipv4 address = <ip> <ip>"),
                .line("ipv4 address = <prefix>"), .line("load-interval = <0-600>"), .line("shutdown"),
            ]),
        .block(
            "router static", "config-static",
            [.block("address-family ipv4 unicast", "config-static-afi", [.line("<prefix> <ip>")])]),
    ]

    func hostname(of tree: ConfigTree) -> String? { tree.value(["hostname"]) }

    func prompt(_ session: ConsoleSession, _ device: ConsoleDevice, name: String, at now: Moment) -> String {
        let mode = session.mode == .configuration ? "(\(session.levels.last?.rule.mode ?? "config"))" : ""
        return "RP/0/RP0/CPU0:\(name)\(mode)#"
    }

    func begin(_ session: inout ConsoleSession) {
        session.mode = .privileged
        session.target = .own
    }

    func commands(_ session: ConsoleSession) -> [Command] {
        session.mode == .configuration
            ? Self.configurationCommands + Self.showCommands : Self.execCommands + Self.showCommands
    }

    func configure(_ line: String, _ turn: inout Turn) {
        let words = Word.split(line)
        guard words[0].text == "do", words.count > 1 else { return configureHere(line, &turn) }
        turn.obeyAbove(line, words)
    }

    private func configureHere(_ line: String, _ turn: inout Turn) {
        // These end a block in listings, and are not configuration.
        if ["end-policy-map", "end-class-map"].contains(line) {
            turn.session.levels = []
        } else if line.hasPrefix("root") {
            turn.session.levels = []
        } else {
            turn.configureInModes(line, throughout: true)
        }
    }

    func refuse(_ misreading: Misreading, column: Int, line: String, _ turn: inout Turn) {
        switch misreading {
        case .invalid:
            turn.say(
                String(repeating: " ", count: turn.promptWidth + column) + "^",
                "% Invalid input detected at '^' marker.")
        case .incomplete: turn.say("% Incomplete command.")
        case .ambiguous: turn.say("% Ambiguous command:  \"\(line)\"")
        }
    }

    func key(_ key: ControlKey, _ turn: inout Turn) {
        if key == .z, turn.session.mode == .configuration { Self.leaveConfiguration(&turn) }
    }

    func revert(_ device: inout ConsoleDevice, _ pending: PendingRevert, at moment: Moment) {
        device.commit(pending.tree, by: pending.user, session: pending.session, at: moment, via: "Rollback")
        device.startup = pending.tree
        device.note("%MGBL-CONFIG-6-DB_COMMIT: trial not confirmed: rolled back", by: pending.user, at: moment)
    }

    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment) {
        device.commit(edited(device.running, edit, device), by: "monitor", session: 0, at: now, via: "CLI")
        device.startup = device.running
    }

    func shapedRates(of tree: ConfigTree) -> [String: Int] {
        CiscoPolicies.rates(of: tree) { words, bandwidth in
            guard let number = words.compactMap({ Int($0) }).first else { return nil }
            switch words.first(where: { $0.hasSuffix("bps") }) ?? words.last {
            case "bps": return number
            case "mbps": return number * 1_000_000
            case "gbps": return number * 1_000_000_000
            case let last? where words.contains("percent") && Int(last) != nil:
                return bandwidth.map { $0 * number / 100 }
            default: return number * 1000
            }
        }
    }

    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String] {
        [
            "hostname \(hostname)", "ntp server 10.0.0.6", "snmp-server community public RO", "policy-map SHAPE",
            " class class-default", "  shape average \(rate / 1000) kbps",
        ]
            + interfaces.enumerated().flatMap { index, name in
                [
                    "interface \(name)", " description customer \(index + 1)", " service-policy output SHAPE",
                    " ipv4 address 192.0.2.\(index * 4 + 1) 255.255.255.252",
                ]
            }
    }

    /// A block as XR lists it: policies and classes end with a word of their own.
    static func listed(_ nodes: [ConfigNode], _ layout: ConfigLayout) -> [String] {
        nodes.flatMap { node -> [String] in
            let lines = layout.lines([node])
            for kind in ["policy-map", "class-map"] where node.line.hasPrefix(kind + " ") && lines.last == "!" {
                return lines.dropLast() + [" end-\(kind)", "!"]
            }
            return lines
        }
    }
}

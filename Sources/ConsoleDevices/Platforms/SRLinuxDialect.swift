/// Nokia SR Linux: candidates that are shared or one's own, and commits on trial that any session may accept.
///
/// Source: SR Linux Configuration Basics Guide, "Configuration management" and "Confirming a commit" (23.10).
struct SRLinuxDialect: Dialect {
    var layout: ConfigLayout { .braces(width: 4, end: "") }
    var naming: InterfaceNaming {
        InterfaceNaming(kinds: ["ethernet-", "mgmt", "lo", "lag"], mayBeShort: false, virtual: ["lo", "lag"])
    }
    var grammar: [Rule] { Self.rules }
    var habits: TerminalHabits {
        TerminalHabits(longLine: .wraps, talksWithoutTerminal: false, endsOnEOF: true, pages: false)
    }

    private static let rules: [Rule] = [
        .block(
            "interface <interface>", "",
            [
                .line("description = <word>"), .line("admin-state = enable|disable"), .line("mtu = <1500-9500>"),
                .block(
                    "subinterface <0-9999>", "",
                    [
                        .line("description = <word>"), .line("admin-state = enable|disable"),
                        .container(
                            "ipv4", [.line("admin-state = enable|disable"), .block("address <prefix>", "", [])]),
                    ]),
            ]),
        .container(
            "qos",
            [
                .container(
                    "scheduler-policies",
                    [
                        .block(
                            "scheduler-policy <word>", "",
                            [
                                .block(
                                    "scheduler <0-10>", "",
                                    [.line("peak-rate = <1-4294967295>"), .line("priority = <word>")])
                            ])
                    ]),
                .container(
                    "interfaces",
                    [
                        .block(
                            "interface <interface>", "",
                            [.container("output", [.container("scheduler", [.line("scheduler-policy = <word>")])])])
                    ]),
            ]),
        .container(
            "system",
            [
                .container("name", [.line("host-name = <word>")]),
                .container("ntp", [.block("server <ip>", "", [])]),
                .container("snmp", [.line("community = <word>")]),
                .container("logging", [.block("remote-server <ip>", "", [])]),
            ]),
    ]

    func hostname(of tree: ConfigTree) -> String? { tree.value(["system", "name", "host-name"]) }

    func prompt(_ session: ConsoleSession, _ device: ConsoleDevice, name: String, at now: Moment) -> String {
        let place = session.path.map(\.line).joined(separator: " ")
        let mode: String
        if session.mode == .configuration {
            let candidate = session.target == .own ? session.candidate : device.candidate
            let changed = candidate == device.running ? "" : "* "
            mode =
                changed + "candidate "
                + (session.isExclusive
                    ? "exclusive default"
                    : session.target == .own ? "private private-\(session.user)" : "shared default")
        } else {
            mode = "running"
        }
        let trial = device.pending == nil ? "" : "! "
        return "--{ \(trial)\(mode) }--[ \(place) ]--\nA:\(name)# "
    }

    func begin(_ session: inout ConsoleSession) { session.mode = .privileged }

    func greeting(_ device: ConsoleDevice, at now: Moment) -> [String] {
        [
            "Using configuration file(s): []", "Welcome to the srlinux CLI.",
            "Type 'help' (and press <ENTER>) if you need any help using this.",
        ]
    }

    func commands(_ session: ConsoleSession) -> [Command] {
        session.mode == .configuration ? Self.candidateCommands + Self.commonCommands : Self.commonCommands
    }

    func configure(_ line: String, _ turn: inout Turn) { Self.edit(line, &turn) }

    func refuse(_ misreading: Misreading, column: Int, line: String, _ turn: inout Turn) {
        let token = line.dropFirst(column).prefix { $0 != " " }
        switch misreading {
        case .invalid, .ambiguous: turn.say("Parsing error: Unknown token '\(token)'.")
        case .incomplete: turn.say("Parsing error: Missing value.")
        }
    }

    func revert(_ device: inout ConsoleDevice, _ pending: PendingRevert, at moment: Moment) {
        device.commit(pending.tree, by: pending.user, session: pending.session, at: moment, via: "confirmed-reject")
        device.note("commit not confirmed: reverted", by: pending.user, at: moment)
    }

    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment) {
        device.commit(edited(device.running, edit, device), by: "monitor", session: 0, at: now)
    }

    func shapedRates(of tree: ConfigTree) -> [String: Int] {
        var rates: [String: Int] = [:]
        for node in tree.node(["qos", "interfaces"])?.children ?? [] {
            let policy = tree.value(["qos", "interfaces", node.key, "output", "scheduler", "scheduler-policy"])
            guard let policy else { continue }
            let rate = tree.value([
                "qos", "scheduler-policies", "scheduler-policy \(policy)", "scheduler 0", "peak-rate",
            ])
            rates[String(node.key.dropFirst("interface ".count))] = rate.flatMap { Int($0) }.map { $0 * 1000 }
        }
        return rates
    }

    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String] {
        [
            "set system name host-name \(hostname)", "set system ntp server 10.0.0.6",
            "set system snmp community public",
            "set qos scheduler-policies scheduler-policy SHAPE scheduler 0 peak-rate \(rate / 1000)",
        ]
            + interfaces.enumerated().flatMap { index, name in
                [
                    "set interface \(name) description \"customer \(index + 1)\"",
                    "set interface \(name) admin-state enable",
                    "set interface \(name) subinterface 0 ipv4 address 192.0.2.\(index * 4 + 1)/30",
                    "set qos interfaces interface \(name) output scheduler scheduler-policy SHAPE",
                ]
            }
    }
}

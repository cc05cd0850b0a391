/// Nokia SR Linux: candidates that are shared or have a name, and commits on trial that any session may accept.
///
/// Source: SR Linux Configuration Basics Guide, "Configuration management" and "Confirming a commit" (23.10); Nokia's YANG models
/// srl_nokia-configuration, srl_nokia-tools-configuration and srl_nokia-qos (24.10).
struct SRLinuxDialect: Dialect {
    var layout: ConfigLayout { .braces(width: 4, end: "") }
    var naming: InterfaceNaming {
        InterfaceNaming(kinds: ["ethernet-", "mgmt", "lo", "lag"], mayBeShort: false, virtual: ["lo", "lag"])
    }
    var grammar: [Rule] { Self.rules }
    var habits: TerminalHabits {
        TerminalHabits(longLine: .wraps, talksWithoutTerminal: false, endsOnEOF: true, pages: false, keepsBase: true)
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
                        // Parts of the port's rate, for each queue.
                        .block(
                            "scheduler-policy <word>", "",
                            [
                                .block(
                                    "scheduler <0-1>", "",
                                    [
                                        .line("priority = strict"),
                                        .block(
                                            "input <word>", "",
                                            [
                                                .line("queue-name = <word>"), .line("peak-rate-percent = <1-100>"),
                                                .line("weight = <1-255>"),
                                            ]),
                                    ])
                            ]),
                        // A rate for the interface.
                        .block(
                            "sched-class-scheduling-policy <word>", "",
                            [
                                .block(
                                    "scheduler <0-8>", "",
                                    [
                                        .line("tier = <0-1>"), .line("burst-allowance = <1-4294967295>"),
                                        .container(
                                            "rate",
                                            [
                                                .line("peak-rate-kbps = <1-4294967295>"),
                                                .line("peak-rate-percentage = <1-100>"),
                                            ]),
                                        .container(
                                            "inputs", [.line("inputs = auto-input"), .line("scheduling-class <0-6>")]),
                                    ])
                            ]),
                    ]),
                .container(
                    "interfaces",
                    [
                        .block(
                            "interface <interface>", "",
                            [
                                .container("interface-ref", [.line("interface = <interface>")]),
                                .container(
                                    "output",
                                    [
                                        .container(
                                            "scheduler",
                                            [
                                                .line("scheduler-policy = <word>"),
                                                .line("sched-class-scheduling-policy = <word>"),
                                            ])
                                    ]),
                            ])
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
        // Not saved; others committed since the candidate was made; not committed.
        var signs = device.running == device.startup ? "" : "+"
        let mode: String
        if session.mode == .configuration {
            let isOwn = session.target == .own
            let base = isOwn ? session.base ?? device.running : device.running
            if base != device.running { signs += "!" }
            if (isOwn ? session.candidate : device.candidate) != base { signs += "*" }
            mode =
                session.isExclusive
                ? "candidate exclusive default"
                : isOwn ? "candidate private \(session.note)" : "candidate shared default"
        } else {
            mode = "running"
        }
        return "--{ \(signs.isEmpty ? "" : signs + " ")\(mode) }--[ \(place) ]--\nA:\(name)# "
    }

    func begin(_ session: inout ConsoleSession) { session.mode = .privileged }

    func greeting(_ device: ConsoleDevice, at now: Moment) -> [String] {
        [
            "Using configuration file(s): []", "Welcome to the srlinux CLI.",
            "Type 'help' (and press <ENTER>) if you need any help using this.",
        ]
    }

    func commands(_ session: ConsoleSession) -> [Command] {
        (session.mode == .configuration ? Self.candidateCommands : []) + Self.entering + Self.commonCommands
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

    /// While a commit waits for confirmation, no other is taken.
    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment) {
        guard device.pending == nil else { return }
        device.commit(edited(device.running, edit, device), by: "monitor", session: 0, at: now)
    }

    func shapedRates(of tree: ConfigTree) -> [String: Int] {
        var rates: [String: Int] = [:]
        for node in tree.node(["qos", "interfaces"])?.children ?? [] {
            let reference = ["qos", "interfaces", node.key, "output", "scheduler", "sched-class-scheduling-policy"]
            guard let policy = tree.value(reference) else { continue }
            let scheduler = ["qos", "scheduler-policies", "sched-class-scheduling-policy \(policy)", "scheduler 0"]
            // Of the interface as a whole only if all that it sends goes through it.
            guard tree.value(scheduler + ["inputs", "inputs"]) == "auto-input" else { continue }
            let rate = tree.value(scheduler + ["rate", "peak-rate-kbps"])
            rates[String(node.key.dropFirst("interface ".count))] = rate.flatMap { Int($0) }.map { $0 * 1000 }
        }
        return rates
    }

    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String] {
        [
            "set system name host-name \(hostname)", "set system ntp server 10.0.0.6",
            "set system snmp community public",
            "set qos scheduler-policies sched-class-scheduling-policy SHAPE scheduler 0 rate peak-rate-kbps \(rate / 1000)",
            "set qos scheduler-policies sched-class-scheduling-policy SHAPE scheduler 0 inputs inputs auto-input",
        ]
            + interfaces.enumerated().flatMap { index, name in
                [
                    "set interface \(name) description \"customer \(index + 1)\"",
                    "set interface \(name) admin-state enable",
                    "set interface \(name) subinterface 0 ipv4 address 192.0.2.\(index * 4 + 1)/30",
                    "set qos interfaces interface \(name) interface-ref interface \(name)",
                    "set qos interfaces interface \(name) output scheduler sched-class-scheduling-policy SHAPE",
                ]
            }
    }
}

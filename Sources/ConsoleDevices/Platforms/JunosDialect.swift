/// Juniper Junos: a candidate that all share (or one's own), commits that are remembered, and commits on trial.
///
/// Source: Junos OS CLI User Guide, "commit", "commit confirmed", "configure exclusive", "configure private", "rollback".
struct JunosDialect: Dialect {
    var layout: ConfigLayout { .braces(width: 4, end: ";") }
    var naming: InterfaceNaming { Self.ports }
    var grammar: [Rule] { Self.rules }
    var habits: TerminalHabits {
        TerminalHabits(
            more: "---(more)---", wipe: "\r" + String(repeating: " ", count: 40) + "\r", longLine: .wraps,
            talksWithoutTerminal: false, endsOnEOF: true)
    }

    private static let ports = InterfaceNaming(
        kinds: ["ge-", "xe-", "et-", "ae", "lo", "irb", "fxp", "me", "em"], mayBeShort: false,
        virtual: [
            "ge-", "xe-", "et-", "ae", "lo", "irb", "fxp", "me", "em",
        ])

    private static let rules: [Rule] = [
        .container(
            "system",
            [
                .line("host-name = <word>"), .line("domain-name = <word>"),
                .container("services", [.line("ssh"), .line("netconf ssh")]),
                .container("syslog", [.container("host <word>", [.line("any = <word>")])]),
                .container("ntp", [.line("server <ip>")]),
                .container("login", [.block("user <word>", "", [.line("class = <word>")])]),
            ]),
        .container(
            "interfaces",
            [
                .block(
                    "<interface>", "",
                    [
                        .line("description = <word>"), .line("mtu = <256-9216>"), .line("disable"),
                        .line("speed = <rate>"),
                        .block(
                            "unit <0-16385>", "",
                            [
                                .line("description = <word>"), .line("bandwidth = <rate>"), .line("disable"),
                                .block(
                                    "family inet", "",
                                    [
                                        .line("mtu = <256-9216>"), .line("address <prefix>"),
                                        .container("filter", [.line("input|output = <word>")]),
                                        .container("policer", [.line("input|output = <word>")]),
                                    ]),
                            ]),
                    ])
            ]),
        .container(
            "snmp",
            [
                .line("location = <word>"), .line("contact = <word>"),
                .block("community <word>", "", [.line("authorization = read-only|read-write")]),
            ]),
        .container("routing-options", [.container("static", [.line("route <prefix> next-hop = <ip>")])]),
        .container(
            "class-of-service",
            [
                .block(
                    "traffic-control-profiles <word>", "",
                    [.line("scheduler-map = <word>"), .line("shaping-rate = <rate>")]),
                .container(
                    "interfaces",
                    [
                        .block(
                            "<interface>", "",
                            [
                                .line("scheduler-map = <word>"), .line("shaping-rate = <rate>"),
                                .line("output-traffic-control-profile = <word>"),
                                .block(
                                    "unit <0-16385>", "",
                                    [
                                        .line("scheduler-map = <word>"), .line("shaping-rate = <rate>"),
                                        .line("output-traffic-control-profile = <word>"),
                                    ]),
                            ])
                    ]),
                .container(
                    "scheduler-maps",
                    [.block("<word>", "", [.container("forwarding-class <word>", [.line("scheduler = <word>")])])]),
                .container(
                    "schedulers",
                    [
                        .block(
                            "<word>", "",
                            [
                                .line("transmit-rate = percent <1-100>"), .line("transmit-rate = <rate>"),
                                .line("shaping-rate = <rate>"), .line("priority = <word>"),
                            ])
                    ]),
            ]),
        .container(
            "firewall",
            [
                .container(
                    "family inet",
                    [
                        .block(
                            "filter <word>", "",
                            [
                                .block(
                                    "term <word>", "",
                                    [.container("then", [.line("policer = <word>"), .line("accept")])])
                            ])
                    ]),
                .block(
                    "policer <word>", "",
                    [
                        .container(
                            "if-exceeding", [.line("bandwidth-limit = <rate>"), .line("burst-size-limit = <rate>")]),
                        .container("then", [.line("discard")]),
                    ]),
            ]),
    ]

    func hostname(of tree: ConfigTree) -> String? { tree.value(["system", "host-name"]) }

    func prompt(_ session: ConsoleSession, _ device: ConsoleDevice, name: String, at now: Moment) -> String {
        guard session.mode == .configuration else { return "\(session.user)@\(name)> " }
        let place = (["edit"] + session.path.map(\.line)).joined(separator: " ")
        // While a commit is on trial, every prompt says so.
        let trial = device.pending.map {
            "# commit confirmed will be rolled back in \((now.seconds(until: $0.deadline) + 59) / 60) minutes\n"
        }
        return "\n\(trial ?? "")[\(place)]\n\(session.user)@\(name)# "
    }

    func begin(_ session: inout ConsoleSession) { session.mode = .privileged }

    func greeting(_ device: ConsoleDevice, at now: Moment) -> [String] {
        ["--- JUNOS 22.4R3.25 Kernel 64-bit  JNPR-12.1-20231030"]
    }

    func commands(_ session: ConsoleSession) -> [Command] {
        session.mode == .configuration ? Self.configurationCommands : Self.operationalCommands
    }

    func configure(_ line: String, _ turn: inout Turn) { Self.edit(line, &turn) }

    func refuse(_ misreading: Misreading, column: Int, line: String, _ turn: inout Turn) {
        let caret = String(repeating: " ", count: turn.promptWidth + column) + "^"
        switch misreading {
        case .invalid: turn.say(caret, column == 0 ? "unknown command." : "syntax error.")
        case .incomplete: turn.say(caret, "missing argument.")
        case .ambiguous: turn.say(caret, "'\(line.dropFirst(column).prefix { $0 != " " })' is ambiguous.")
        }
    }

    func revert(_ device: inout ConsoleDevice, _ pending: PendingRevert, at moment: Moment) {
        device.commit(pending.tree, by: "root", session: 0, at: moment, via: "other")
        device.startup = pending.tree
        if device.candidate != nil { device.candidate = pending.tree }
        device.note(
            "UI_COMMIT_NOT_CONFIRMED: Commit was not confirmed; automatic rollback complete", by: "root", at: moment)
    }

    /// A commit by anybody confirms what is on trial. What is left uncommitted stays in the candidate that all share.
    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment) {
        if edit.uncommitted == true {
            device.candidate = edited(device.candidate ?? device.running, edit, device)
        } else {
            device.pending = nil
            device.commit(edited(device.running, edit, device), by: "monitor", session: 0, at: now)
            device.startup = device.running
            device.candidate = device.candidate.map { edited($0, edit, device) }
        }
    }

    func shapedRates(of tree: ConfigTree) -> [String: Int] {
        var rates: [String: Int] = [:]
        for node in tree.node(["interfaces"])?.children ?? [] {
            let unit = [node.key, "unit 0"]
            if let policer = tree.value(["interfaces"] + unit + ["family inet", "policer", "output"]) {
                let limit = ["firewall", "policer \(policer)", "if-exceeding", "bandwidth-limit"]
                rates[node.key] = tree.value(limit).flatMap(Rate.bits)
            }
        }
        for node in tree.node(["class-of-service", "interfaces"])?.children ?? [] {
            if let own = Self.rate(["class-of-service", "interfaces", node.key], in: tree) { rates[node.key] = own }
            for unit in node.children where unit.key.hasPrefix("unit ") {
                let own = Self.rate(["class-of-service", "interfaces", node.key, unit.key], in: tree)
                rates["\(node.key).\(unit.key.dropFirst(5))"] = own
                if unit.key == "unit 0", rates[node.key] == nil { rates[node.key] = own }
            }
        }
        return rates
    }

    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String] {
        [
            "set system host-name \(hostname)", "set system services ssh", "set system syslog host 10.0.0.5 any notice",
            "set system ntp server 10.0.0.6", "set snmp community public authorization read-only",
            "set routing-options static route 0.0.0.0/0 next-hop 10.0.0.254",
        ]
            + interfaces.enumerated().flatMap { index, name in
                [
                    "set interfaces \(name) description \"customer \(index + 1)\"",
                    "set interfaces \(name) unit 0 family inet address 192.0.2.\(index * 4 + 1)/30",
                    "set class-of-service interfaces \(name) shaping-rate \(Self.written(rate))",
                ]
            }
    }

    /// The rate of an interface or a unit: its own, or that of its profile.
    private static func rate(_ keys: [String], in tree: ConfigTree) -> Int? {
        let profile = tree.value(keys + ["output-traffic-control-profile"]).flatMap {
            tree.value(["class-of-service", "traffic-control-profiles \($0)", "shaping-rate"])
        }
        return (tree.value(keys + ["shaping-rate"]) ?? profile).flatMap(Rate.bits)
    }

    /// A rate as Junos writes it: `50m`, `1500k`.
    private static func written(_ rate: Int) -> String {
        rate % 1_000_000 == 0 ? "\(rate / 1_000_000)m" : rate % 1000 == 0 ? "\(rate / 1000)k" : "\(rate)"
    }
}

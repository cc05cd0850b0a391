/// Nokia SR OS with the MD-CLI: candidates that are shared, one's own or exclusive, and commits on trial that end with their session.
///
/// Source: MD-CLI User Guide, "Committing a Configuration" and "Viewing the Status of the Local Datastores" (21.2 and 22.7); what
/// Nokia's SR OS hackathon shows of `commit confirmed`; Nokia's YANG models (24.10).
struct SROSDialect: Dialect {
    var layout: ConfigLayout { .braces(width: 4, end: "") }
    var naming: InterfaceNaming { InterfaceNaming(kinds: ["1/", "2/", "lag-"], mayBeShort: false, virtual: ["lag-"]) }
    var grammar: [Rule] { Self.rules }
    var habits: TerminalHabits {
        TerminalHabits(
            more: "Press any key to continue (Q to quit)", wipe: "\r\u{1B}[K", longLine: .wraps, endsOnEOF: false,
            keepsBase: true)
    }

    /// Where a service meets a port.
    private static let sap = Rule.block(
        "sap <word>", "",
        [
            .container(
                "ingress", [.container("qos", [.container("sap-ingress", [.line("policy-name = <word>")])])]),
            .container("egress", [.container("qos", [.container("sap-egress", [.line("policy-name = <word>")])])]),
        ])

    private static let rules: [Rule] = [
        .container(
            "configure",
            [
                .container(
                    "system",
                    [
                        .line("name = <word>"), .line("location = <word>"), .line("contact = <word>"),
                        .container("time", [.container("ntp", [.block("server <ip>", "", [])])]),
                    ]),
                .block(
                    "port <word>", "",
                    [
                        .line("admin-state = enable|disable"), .line("description = <word>"),
                        .container(
                            "ethernet",
                            [.line("mtu = <512-9800>"), .container("egress", [.line("rate = <1-2147483647>")])]),
                    ]),
                .container(
                    "qos",
                    [
                        .block(
                            "sap-egress <word>", "",
                            [
                                .line("policy-id = <1-65535>"), .line("description = <word>"),
                                .block(
                                    "queue <1-8>", "",
                                    [
                                        .container(
                                            "rate", [.line("pir = <1-2000000000>"), .line("cir = <0-2000000000>")])
                                    ]),
                            ]),
                        .block(
                            "sap-ingress <word>", "",
                            [
                                .line("policy-id = <1-65535>"), .line("description = <word>"),
                                .line("default-fc = <word>"),
                                .block(
                                    "policer <1-63>", "",
                                    [
                                        .line("mbs = <0-268435456>"),
                                        .container(
                                            "rate", [.line("pir = <1-2000000000>"), .line("cir = <0-2000000000>")]),
                                    ]),
                                .block(
                                    "fc <word>", "",
                                    [
                                        .line("policer = <1-63>"), .line("multicast-policer = <1-63>"),
                                        .line("broadcast-policer = <1-63>"), .line("unknown-policer = <1-63>"),
                                    ]),
                                .block("dot1p <0-7>", "", [.line("fc = <word>")]),
                            ]),
                    ]),
                .container(
                    "router <word>",
                    [
                        .block(
                            "interface <word>", "",
                            [
                                .line("description = <word>"), .line("port = <word>"),
                                .container(
                                    "ipv4",
                                    [.container("primary", [.line("address = <ip>"), .line("prefix-length = <0-32>")])]),
                            ])
                    ]),
                .container(
                    "service",
                    [
                        .block("epipe|vpls <word>", "", [.line("customer = <word>"), sap]),
                        .block(
                            "ies|vprn <word>", "",
                            [.line("customer = <word>"), .block("interface <word>", "", [sap])]),
                    ]),
            ])
    ]

    func hostname(of tree: ConfigTree) -> String? { tree.value(["configure", "system", "name"]) }

    func prompt(_ session: ConsoleSession, _ device: ConsoleDevice, name: String, at now: Moment) -> String {
        let place = "/" + session.path.map(\.line).joined(separator: "/")
        guard session.mode == .configuration else { return "\n[/]\nA:\(session.user)@\(name)# " }
        let isOwn = session.target == .own
        // Others committed since the candidate was made; not committed.
        let isOld = isOwn && session.base != device.running
        let changed = isOwn ? session.candidate != session.base : device.candidate != device.running
        // Private, exclusive or global candidate.
        let kind = isOwn ? "pr" : session.isExclusive ? "ex" : "gl"
        return "\n\(isOld ? "!" : "")\(changed ? "*" : "")(\(kind))[\(place)]\nA:\(session.user)@\(name)# "
    }

    func begin(_ session: inout ConsoleSession) { session.mode = .privileged }

    func greeting(_ device: ConsoleDevice, at now: Moment) -> [String] {
        ["TiMOS-C-22.7.R1 cpm/hops64 Nokia 7750 SR Copyright (c) 2000-2022 Nokia."]
    }

    func commands(_ session: ConsoleSession) -> [Command] {
        session.mode == .configuration ? Self.candidateCommands + Self.commonCommands : Self.commonCommands
    }

    func configure(_ line: String, _ turn: inout Turn) { Self.edit(line, &turn) }

    func refuse(_ misreading: Misreading, column: Int, line: String, _ turn: inout Turn) {
        let caret = String(repeating: " ", count: turn.promptWidth + column) + "^"
        let token = line.dropFirst(column).prefix { $0 != " " }
        switch misreading {
        case .invalid: turn.say(caret, "MINOR: MGMT_CORE #2201: Unknown element - '\(token)'")
        case .incomplete: turn.say(caret, "MINOR: MGMT_CORE #2203: Missing element")
        case .ambiguous: turn.say(caret, "MINOR: MGMT_CORE #2202: Ambiguous element - '\(token)'")
        }
    }

    /// What is undone is a change of its candidate again.
    func revert(_ device: inout ConsoleDevice, _ pending: PendingRevert, at moment: Moment) {
        device.commit(pending.tree, by: pending.user, session: pending.session, at: moment, via: "confirmed-timeout")
        device.note("commit not confirmed: reverted", by: pending.user, at: moment)
    }

    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment) {
        device.commit(edited(device.running, edit, device), by: "monitor", session: 0, at: now)
    }

    func shapedRates(of tree: ConfigTree) -> [String: Int] {
        var rates: [String: Int] = [:]
        for node in tree.node(["configure"])?.children ?? [] where node.key.hasPrefix("port ") {
            let rate = tree.value(["configure", node.key, "ethernet", "egress", "rate"]).flatMap { Int($0) }
            rates[String(node.key.dropFirst("port ".count))] = rate.map { $0 * 1000 }
        }
        for service in tree.node(["configure", "service"])?.children ?? [] {
            let inside = service.children + service.children.flatMap(\.children)
            for sap in inside where sap.key.hasPrefix("sap ") {
                let inner = ConfigTree(nodes: sap.children)
                guard let policy = inner.value(["egress", "qos", "sap-egress", "policy-name"]) else { continue }
                let rate = tree.value(["configure", "qos", "sap-egress \(policy)", "queue 1", "rate", "pir"])
                rates[String(sap.key.dropFirst(4))] = rate.flatMap { Int($0) }.map { $0 * 1000 }
            }
        }
        return rates
    }

    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String] {
        [
            "set configure system name \(hostname)", "set configure system time ntp server 10.0.0.6",
            "set configure qos sap-egress SHAPE queue 1 rate pir \(rate / 1000)",
        ]
            + interfaces.enumerated().flatMap { index, name in
                [
                    "set configure port \(name) admin-state enable",
                    "set configure port \(name) description \"customer \(index + 1)\"",
                    "set configure port \(name) ethernet egress rate \(rate / 1000)",
                ]
            }
    }
}

/// VyOS 1.5: each session has its own candidate; what is committed on trial and not confirmed ends in the newest commit of the
/// archive, or in a restart into what was saved.
///
/// Source: vyos-1x (`config_mgmt.py`, `qos.xml.in`) and vyatta-cfg (`vyatta-cfg-run`) of October 2024; VyOS User Guide, "Command
/// Line Interface" and "QoS / Traffic policy".
struct VyOSDialect: Dialect {
    var layout: ConfigLayout { .braces(width: 4, end: "") }
    var naming: InterfaceNaming {
        InterfaceNaming(kinds: ["eth", "lo", "bond", "dum"], mayBeShort: false, virtual: ["bond", "dum"])
    }
    var grammar: [Rule] { Self.rules }
    var habits: TerminalHabits {
        TerminalHabits(
            more: ":", wipe: "\r\u{1B}[K", helpsAtOnce: true, longLine: .wraps, talksWithoutTerminal: false,
            endsOnEOF: true)
    }

    private static let rules: [Rule] = [
        .container(
            "interfaces",
            [
                .block(
                    "ethernet <interface>", "",
                    [
                        .line("address <prefix>"), .line("description = <word>"), .line("disable"),
                        .line("mtu = <68-16000>"),
                        .container("traffic-policy", [.line("out = <word>")]),
                    ])
            ]),
        .container("protocols", [.container("static", [.block("route <prefix>", "", [.line("next-hop <ip>")])])]),
        .container(
            "qos",
            [
                .block("interface <interface>", "", [.line("egress = <word>"), .line("ingress = <word>")]),
                .container("policy", [Self.shaper]),
            ]),
        .container("traffic-policy", [Self.shaper]),
        .container(
            "service",
            [
                .container("ntp", [.line("server <ip>")]),
                .container("snmp", [.block("community <word>", "", [.line("authorization = ro|rw")])]),
                .container("ssh", [.line("port = <1-65535>")]),
            ]),
        .container(
            "system",
            [
                .container(
                    "config-management",
                    [
                        .container("commit-confirm", [.line("action = reload|reboot")]),
                        .line("commit-revisions = <1-65535>"),
                    ]),
                .line("host-name = <word>"), .container("syslog", [.line("host <ip>")]),
            ]),
    ]

    private static let shaper = Rule.block(
        "shaper <label>", "",
        [
            .line("bandwidth = <rate>"), .line("description = <word>"),
            .container(
                "default",
                [
                    .line("bandwidth = <word>"), .line("burst = <word>"), .line("ceiling = <word>"),
                    .line("queue-type = <word>"),
                ]),
        ])

    func hostname(of tree: ConfigTree) -> String? { tree.value(["system", "host-name"]) }

    func prompt(_ session: ConsoleSession, _ device: ConsoleDevice, name: String, at now: Moment) -> String {
        guard session.mode == .configuration else { return "\(session.user)@\(name):~$ " }
        return "[\((["edit"] + session.path.map(\.line)).joined(separator: " "))]\n\(session.user)@\(name)# "
    }

    func begin(_ session: inout ConsoleSession) { session.mode = .privileged }

    func greeting(_ device: ConsoleDevice, at now: Moment) -> [String] {
        ["Welcome to VyOS!", "", "Check out project news at https://blog.vyos.io", ""]
    }

    func commands(_ session: ConsoleSession) -> [Command] {
        session.mode == .configuration ? Self.configurationCommands : Self.operationalCommands
    }

    func configure(_ line: String, _ turn: inout Turn) { Self.edit(line, &turn) }

    func refuse(_ misreading: Misreading, column: Int, line: String, _ turn: inout Turn) {
        let words = Word.split(line)
        let verb = words.first?.text ?? ""
        switch verb {
        case "set", "delete":
            let path = words.dropFirst().map(\.text).joined(separator: " ")
            turn.say(
                "", "  Configuration path: [\(path)] is not valid", "  \(verb == "set" ? "Set" : "Delete") failed", "")
        default:
            let kind = misreading == .incomplete ? "Incomplete" : "Invalid"
            turn.say("", "  \(kind) command: [\(line)]", "")
        }
    }

    /// Back to the newest commit of the archive: if somebody committed meanwhile, that is not what was before.
    func revert(_ device: inout ConsoleDevice, _ pending: PendingRevert, at moment: Moment) {
        device.running = device.commits.first?.tree ?? device.running
        device.lastChange = CommitStamp(at: moment, user: "root")
        device.note("[commit-confirm] Reverting to previous config now", by: "root", at: moment)
    }

    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment) {
        device.commit(edited(device.running, edit, device), by: "monitor", session: 0, at: now)
    }

    func shapedRates(of tree: ConfigTree) -> [String: Int] {
        var rates: [String: Int] = [:]
        func rate(_ policy: [String]) -> Int? {
            tree.value(policy + ["bandwidth"]).flatMap(Rate.bits)
        }
        for node in tree.node(["qos"])?.children ?? [] where node.key.hasPrefix("interface ") {
            guard let policy = tree.value(["qos", node.key, "egress"]) else { continue }
            rates[String(node.key.dropFirst(10))] = rate(["qos", "policy", "shaper \(policy)"])
        }
        for node in tree.node(["interfaces"])?.children ?? [] {
            guard let policy = tree.value(["interfaces", node.key, "traffic-policy", "out"]) else { continue }
            rates[String(node.key.dropFirst("ethernet ".count))] = rate(["traffic-policy", "shaper \(policy)"])
        }
        return rates
    }

    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String] {
        [
            "set system host-name \(hostname)", "set system config-management commit-confirm action reload",
            "set system config-management commit-revisions 100", "set service ntp server 10.0.0.6",
            "set service ssh port 22",
            "set service snmp community public authorization ro",
            "set qos policy shaper SHAPE bandwidth \(rate / 1000)kbit",
            "set qos policy shaper SHAPE default bandwidth 100%",
        ]
            + interfaces.enumerated().flatMap { index, name in
                [
                    "set interfaces ethernet \(name) address 192.0.2.\(index * 4 + 1)/30",
                    "set interfaces ethernet \(name) description \"customer \(index + 1)\"",
                    "set qos interface \(name) egress SHAPE",
                ]
            }
    }
}

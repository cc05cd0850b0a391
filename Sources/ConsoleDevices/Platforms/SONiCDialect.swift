/// SONiC with the management framework's command line: a Linux shell, and `sonic-cli` in it, whose lines are in force at once.
///
/// Source: SONiC's design documents "Management Framework" and "QoS Management" (`qos scheduler-policy`); how its tests talk to
/// it (prompts, kbit/s). Taken as likely: the texts of refusals beyond `%Error: Invalid input detected`.
struct SONiCDialect: Dialect {
    var layout: ConfigLayout { .indented(width: 1, separator: "!") }
    var naming: InterfaceNaming { Self.ports }
    var grammar: [Rule] { Self.rules }
    var habits: TerminalHabits { TerminalHabits(more: "--more--", longLine: .wraps, endsOnEOF: true) }

    private static let ports = InterfaceNaming(
        kinds: ["Ethernet", "Eth", "PortChannel", "Vlan", "Loopback", "Management"], mayBeShort: true,
        virtual: ["PortChannel", "Vlan", "Loopback", "Management"])

    private static let scheduling: [Rule] = [
        .line("type = strict|dwrr|wrr"), .line("weight = <1-100>"), .line("meter-type = packets|bytes"),
        .line("cir = <0-400000000>"), .line("cbs = <0-125000000>"), .line("pir = <0-400000000>"),
        .line("pbs = <0-125000000>"),
    ]

    private static let rules: [Rule] = [
        .line("hostname = <word>"),
        .line("logging server <ip>"), .line("ntp server <ip>"), .line("ip route <prefix> <ip>"),
        .block(
            "qos scheduler-policy <word>", "sched-policy",
            [
                .block("queue <0-7>", "scheduler", scheduling), .block("port", "scheduler", scheduling),
            ]),
        .block(
            "interface <interface>", "if",
            [
                .line("description = <text>"), .line("mtu = <1312-9216>"), .line("speed = <10-800000>"),
                .line("shutdown"), .line("ip address <prefix>"), .line("scheduler-policy = <word>"),
                .line("qos-map dscp-tc = <word>"),
            ]),
    ]

    func hostname(of tree: ConfigTree) -> String? { tree.value(["hostname"]) }

    func prompt(_ session: ConsoleSession, _ device: ConsoleDevice, name: String, at now: Moment) -> String {
        switch session.mode {
        case .exec: "\(session.user)@\(name):~$ "
        case .privileged: "\(name)# "
        case .configuration: "\(name)(\(session.levels.last.map(Self.mode) ?? "config"))# "
        }
    }

    /// `conf-if-Ethernet0`, `conf-sched-policy-GOLD`, `conf-scheduler-GOLD-queue-3`.
    private static func mode(of level: ConsoleSession.Level) -> String {
        let names = level.path.map { $0.line.split(separator: " ").dropFirst().joined(separator: "-") }
        return switch level.rule.mode {
        case "scheduler":
            "conf-scheduler-\(names[0].dropFirst("scheduler-policy-".count))-"
                + level.path[1].line.replacing(" ", with: "-")
        case "sched-policy": "conf-\(names[0].replacing("scheduler-policy", with: "sched-policy"))"
        default: "conf-if-\(names[0])"
        }
    }

    func begin(_ session: inout ConsoleSession) {}

    func commands(_ session: ConsoleSession) -> [Command] {
        switch session.mode {
        case .exec: [Command("<text>") { turn, arguments in Self.shell(arguments.last, &turn) }]
        case .privileged: Self.execCommands
        case .configuration: Self.configurationCommands
        }
    }

    func configure(_ line: String, _ turn: inout Turn) {
        Self.audit(line, &turn)
        turn.configureInModes(line)
    }

    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment) {
        device.running = edited(device.running, edit, device)
        for line in ["configure terminal"] + edit.lines { device.note(Self.audited + line, by: "monitor", at: now) }
    }

    /// An entry of the audit log.
    static func audit(_ line: String, _ turn: inout Turn) { turn.note(audited + line) }

    static let audited = "clish: "

    func refuse(_ misreading: Misreading, column: Int, line: String, _ turn: inout Turn) {
        switch misreading {
        case .invalid: turn.say("%Error: Invalid input detected at \"^\" marker.")
        case .incomplete: turn.say("%Error: Incomplete command.")
        case .ambiguous: turn.say("%Error: Ambiguous command.")
        }
    }

    func objection(to path: [ConfigNode], in tree: ConfigTree) -> [String]? {
        guard let last = path.last, last.key == "scheduler-policy",
            let name = last.line.split(separator: " ").last, tree.node(["qos scheduler-policy \(name)"]) == nil
        else { return nil }
        return ["%Error: No instance found for '\(name)'"]
    }

    func refusesToRemove(_ path: [ConfigNode], _ device: ConsoleDevice) -> String? {
        guard path.count == 1, let line = path.first?.line, line.hasPrefix("qos scheduler-policy ") else { return nil }
        let name = String(line.dropFirst("qos scheduler-policy ".count))
        let isNamed = device.running.nodes.contains { device.running.value([$0.key, "scheduler-policy"]) == name }
        return isNamed ? "%Error: Policy \(name) is in use" : nil
    }

    func key(_ key: ControlKey, _ turn: inout Turn) {
        if key == .z, turn.session.mode == .configuration { Self.leaveConfiguration(&turn) }
    }

    static func leaveConfiguration(_ turn: inout Turn) {
        turn.session.mode = .privileged
        turn.session.levels = []
    }

    func shapedRates(of tree: ConfigTree) -> [String: Int] {
        var rates: [String: Int] = [:]
        for node in tree.nodes where node.key.hasPrefix("interface ") {
            guard let policy = tree.value([node.key, "scheduler-policy"]),
                let rate = tree.value(["qos scheduler-policy \(policy)", "port", "pir"]).flatMap({ Int($0) })
            else { continue }
            rates[String(node.key.dropFirst("interface ".count))] = rate * 1000
        }
        return rates
    }

    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String] {
        [
            "hostname \(hostname)", "logging server 10.0.0.5", "ntp server 10.0.0.6", "ip route 0.0.0.0/0 10.0.0.254",
            "qos scheduler-policy CUSTOMERS", " queue 3", "  type dwrr", "  weight 40", " port", "  pir \(rate / 1000)",
        ]
            + interfaces.enumerated().flatMap { index, name in
                [
                    "interface \(name)", " description \"customer \(index + 1)\"", " mtu 9100",
                    " ip address 192.0.2.\(index * 4 + 1)/30", " scheduler-policy CUSTOMERS",
                ]
            }
    }
}

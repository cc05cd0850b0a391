/// Cisco NX-OS: every line is in force at once; checkpoints are what there is to go back to. It has no revert timer, but a
/// scheduler that can be told to.
///
/// Source: NX-OS System Management Configuration Guide, "Configuring Rollback" (9.3).
struct NXOSDialect: Dialect {
    var layout: ConfigLayout { .indented(width: 2, separator: "") }
    var naming: InterfaceNaming { Self.ports }
    var grammar: [Rule] { Self.rules }
    var habits: TerminalHabits { TerminalHabits(more: "--More--", longLine: .wraps) }

    private static let ports = InterfaceNaming(
        kinds: ["Ethernet", "mgmt", "loopback", "port-channel", "Vlan"], mayBeShort: true,
        virtual: ["loopback", "port-channel", "Vlan"])

    private static let rules: [Rule] =
        [
            .line("hostname = <word>"), .line("feature <word>"),
            .line("ntp server <ip>"), .line("logging server <ip>"),
            .line("snmp-server community <word> group <word>"), .line("snmp-server location = <text>"),
            .block(
                "policy-map type queuing <word>", "config-pmap-que",
                [
                    .block(
                        "class type queuing <word>", "config-pmap-c-que",
                        [
                            .line("shape = min <0-100000000> kbps|mbps|gbps max <0-100000000> kbps|mbps|gbps"),
                            .line("bandwidth = percent <0-100>"), .line("bandwidth remaining = percent <0-100>"),
                            .line("priority level = <1-7>"),
                        ])
                ]),
            .block(
                "policy-map type qos <word>", "config-pmap-qos",
                [
                    .block(
                        "class <word>", "config-pmap-c-qos",
                        [
                            .line(
                                "police = cir <1-80000000000> bps|kbps|mbps|gbps bc <1-512000000> bytes|kbytes|ms conform transmit violate drop"
                            ), .line("set qos-group = <0-7>"),
                        ])
                ]),
            .block(
                "interface <interface>", "config-if",
                [
                    .line("description = <text>"), .line("mtu = <576-9216>"), .line("bandwidth = <1-3200000000>"),
                    .line("ip address = <prefix>"), .line("shutdown"), .line("switchport"),
                    .line("service-policy type queuing output = <word>"),
                    .line("service-policy type qos input = <word>"), .line("service-policy type qos output = <word>"),
                ]),
            .line("ip route <prefix> <ip>"),
        ] + schedulerRules

    func hostname(of tree: ConfigTree) -> String? { tree.value(["hostname"]) }

    func prompt(_ session: ConsoleSession, _ device: ConsoleDevice, name: String, at now: Moment) -> String {
        session.mode == .configuration ? "\(name)(\(session.levels.last?.rule.mode ?? "config"))# " : "\(name)# "
    }

    func begin(_ session: inout ConsoleSession) { session.mode = .privileged }

    func commands(_ session: ConsoleSession) -> [Command] {
        guard session.mode == .configuration else {
            return Self.execCommands + Self.everywhere + Self.showCommands + Self.schedulerCommands
        }
        // Whatever is typed within a job is a line of it.
        if session.levels.last?.rule.mode == "config-job" { return Self.configurationCommands }
        return Self.configurationCommands + Self.everywhere + Self.showCommands + Self.schedulerCommands
    }

    func configure(_ line: String, _ turn: inout Turn) {
        guard !Self.stopsScheduling(line, &turn) else { return }
        turn.configureInModes(line)
        guard turn.status == 0 else { return }
        let path = turn.session.path.map(\.line)
        Self.account(["configure terminal"] + path + (path.last == line ? [] : [line]), &turn)
    }

    /// An entry of the accounting log.
    static func account(_ words: [String], _ turn: inout Turn) {
        turn.note("cmd=\(words.joined(separator: " ; ")) (SUCCESS)")
    }

    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment) {
        device.running = edited(device.running, edit, device)
        for line in edit.lines { device.note("cmd=configure terminal ; \(line) (SUCCESS)", by: "monitor", at: now) }
    }

    func refuse(_ misreading: Misreading, column: Int, line: String, _ turn: inout Turn) {
        let caret = String(repeating: " ", count: turn.promptWidth + column) + "^"
        switch misreading {
        case .invalid: turn.say(caret, "% Invalid command at '^' marker.")
        case .incomplete: turn.say(caret, "% Incomplete command at '^' marker.")
        case .ambiguous: turn.say(caret, "% Ambiguous command at '^' marker.")
        }
    }

    func objection(to path: [ConfigNode], in tree: ConfigTree) -> [String]? {
        guard let last = path.last, last.key.hasPrefix("service-policy type"),
            let name = last.line.split(separator: " ").last
        else { return nil }
        let kind = last.key.contains("queuing") ? "queuing" : "qos"
        return tree.node(["policy-map type \(kind) \(name)"]) == nil
            ? ["ERROR: policy-map \(name) of type \(kind) does not exist"] : nil
    }

    func key(_ key: ControlKey, _ turn: inout Turn) {
        if key == .z, turn.session.mode == .configuration { Self.endConfiguration(&turn) }
    }

    private static func endConfiguration(_ turn: inout Turn) {
        turn.session.mode = .privileged
        turn.session.levels = []
    }

    func shapedRates(of tree: ConfigTree) -> [String: Int] {
        var rates: [String: Int] = [:]
        for node in tree.nodes where node.key.hasPrefix("interface ") {
            let policy = tree.value([node.key, "service-policy type queuing output"])
            let classes = policy.flatMap { tree.node(["policy-map type queuing \($0)"]) }?.children ?? []
            let shape = classes.first { $0.key.hasSuffix("default") }?.children.first { $0.key == "shape" }
            guard let words = shape?.line.split(separator: " "), let number = Int(words[words.count - 2]) else {
                continue
            }
            let unit = ["kbps": 1000, "mbps": 1_000_000, "gbps": 1_000_000_000][words.last ?? ""] ?? 1
            rates[String(node.key.dropFirst("interface ".count))] = number * unit
        }
        return rates
    }

    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String] {
        [
            "hostname \(hostname)", "feature scheduler", "ntp server 10.0.0.6", "logging server 10.0.0.5",
            "snmp-server community public group network-operator", "policy-map type queuing SHAPE",
            "  class type queuing c-out-8q-q-default", "    shape min 0 kbps max \(rate / 1000) kbps",
        ]
            + interfaces.enumerated().flatMap { index, name in
                [
                    "interface \(name)", "  description customer \(index + 1)",
                    "  ip address 192.0.2.\(index * 4 + 1)/30",
                    "  service-policy type queuing output SHAPE",
                ]
            }
    }
}

extension NXOSDialect {
    private static let configurationCommands: [Command] = [
        Command("exit") { turn, _ in if !turn.leaveLevel() { endConfiguration(&turn) } },
        Command("end") { turn, _ in endConfiguration(&turn) },
    ]

    private static let showCommands: [Command] = [
        Command("show running-config") { turn, _ in
            turn.say(
                "", "!Command: show running-config",
                "!Time: \(turn.clock.weekdayDate) \(turn.clock.clock) \(turn.clock.year)", "")
            turn.say(["version 9.3(10)"] + shown(turn.device.running.nodes, turn.dialect.layout) + [""])
        },
        Command("show running-config interface <interface>") { turn, arguments in
            guard let node = turn.device.running.node(["interface \(arguments.last)"]) else { return }
            turn.say(["", "!Command: show running-config interface \(arguments.last)", "", "version 9.3(10)", ""])
            turn.say(turn.dialect.layout.lines([node]) + [""])
        },
        Command("show startup-config") { turn, _ in
            turn.say(["", "version 9.3(10)"] + turn.dialect.layout.lines(turn.device.startup.nodes) + [""])
        },
        Command("show version") { turn, _ in
            turn.say(
                "Cisco Nexus Operating System (NX-OS) Software", "", "Software", "  NXOS: version 9.3(10)", "",
                "Hardware", "  cisco Nexus9000 C9300v Chassis", "  Intel(R) Xeon(R) CPU with 8163888 kB of memory.",
                "  Processor Board ID \(turn.device.serial)", "  Device name: \(turn.device.hostname)")
        },
        Command("show clock") { turn, _ in
            turn.say("\(turn.clock.clock).000 UTC \(turn.clock.weekdayDate) \(turn.clock.year)")
            let hasServer = turn.device.running.nodes.contains { $0.key.hasPrefix("ntp server ") }
            turn.say(
                hasServer
                    ? "Time source is NTP" : "Warning: No NTP peer/server configured. Time may be out of sync.")
        },
        Command("show accounting log") { turn, _ in
            turn.say(
                turn.device.log.filter { $0.text.hasPrefix("cmd=") }.map {
                    "\($0.at.weekdayDate) \($0.at.clock) \($0.at.year):type=update:id=192.0.2.9@pts/1:user=\($0.user):\($0.text)"
                })
        },
        Command("show checkpoint summary") { turn, _ in
            turn.say("User Checkpoint Summary", String(repeating: "-", count: 80))
            for (index, file) in turn.device.files.enumerated() {
                turn.say(
                    "\(index + 1)) \(file.name):", "Created by admin",
                    "Created at \(file.at.weekdayDate) \(file.at.clock) \(file.at.year)")
            }
        },
        Command("show diff rollback-patch checkpoint|file <word> running-config|startup-config") { turn, arguments in
            showDiff(arguments.words[4], arguments.last, &turn)
        },
        Command("show diff rollback-patch checkpoint|file <word> checkpoint|file <word>") { turn, arguments in
            showDiff(arguments.words[4], arguments.last, &turn)
        },
        Command("show diff rollback-patch running-config|startup-config checkpoint|file <word>") { turn, arguments in
            showDiff(arguments.words[3], arguments.last, &turn)
        },
    ]

    private static let execCommands: [Command] = [
        Command("exit|logout") { turn, _ in turn.hangUp() },
        Command("configure [terminal]") { turn, _ in
            turn.session.mode = .configuration
            turn.say("Enter configuration commands, one per line. End with CNTL/Z.")
        },
    ]

    /// What can be said in every mode, without a `do`.
    private static let everywhere: [Command] = [
        Command("terminal length <0-511>") { turn, arguments in
            if turn.faults.pagingStays != true { turn.session.height = Int(arguments.last) ?? 0 }
        },
        Command("terminal width <24-511>") { turn, arguments in turn.session.width = Int(arguments.last) ?? 80 },
        Command("checkpoint") { turn, _ in keep("user-checkpoint-\(turn.device.files.count + 1)", &turn) },
        Command("checkpoint <name>") { turn, arguments in keep(arguments.last, &turn) },
        Command("checkpoint file <word>") { turn, arguments in keep(arguments.last, &turn) },
        Command("no checkpoint <word>") { turn, arguments in
            guard turn.device.files.contains(where: { $0.name == arguments.last }) else {
                return turn.fail("ERROR: no such checkpoint")
            }
            turn.device.files.removeAll { $0.name == arguments.last }
        },
        Command("clear checkpoint database") { turn, _ in turn.device.files = [] },
        Command("rollback running-config checkpoint|file <word> [atomic|best-effort|stop-at-first-failure|verbose]") {
            turn, arguments in
            rollBack(to: arguments.words[3], &turn)
        },
        Command("copy running-config startup-config") { turn, _ in
            turn.device.startup = turn.device.running
            turn.say(
                "[########################################] 100%", "Copy complete, now saving to disk (please wait)...",
                "Copy complete.")
        },
        Command("reload") { turn, _ in
            turn.ask("This command will reboot the system. (y/n)?  [n] ") { turn, answer in
                if answer.lowercased().hasPrefix("y") { turn.device.restart(at: turn.now) }
            }
        },
    ]

    private static func keep(_ name: String, _ turn: inout Turn) {
        guard !turn.device.files.contains(where: { $0.name == name }) else {
            return turn.fail("ERROR: a checkpoint of that name exists")
        }
        guard turn.device.files.count < 10 else { return turn.fail("ERROR: there are ten checkpoints already") }
        turn.device.files.append(NamedConfiguration(name: name, tree: turn.device.running, at: turn.now))
        account(["checkpoint \(name)"], &turn)
        turn.say("..Done")
    }

    private static func showDiff(_ old: String, _ new: String, _ turn: inout Turn) {
        guard let from = IOSDialect.configuration(old, turn.device), let to = IOSDialect.configuration(new, turn.device)
        else {
            return turn.fail("ERROR: no such checkpoint")
        }
        turn.say("Collecting Running-Config", "Generating Rollback Patch", "", "!!")
        turn.say(patch(ConfigDiff(from: from, to: to)))
    }

    /// The lines that lead from one configuration to another.
    private static func patch(_ diff: ConfigDiff) -> [String] {
        let layout = ConfigLayout.indented(width: 2, separator: "")
        return diff.changes.flatMap { change -> [String] in
            let indent = String(repeating: "  ", count: change.path.count)
            let gone = change.gone.filter { node in !change.new.contains { $0.key == node.key } }
            return change.path.enumerated().map { String(repeating: "  ", count: $0) + $1.line }
                + gone.map { "\(indent)no \($0.line)" } + layout.lines(change.new, depth: change.path.count)
        }
    }

    private static func rollBack(to name: String, _ turn: inout Turn) {
        guard let tree = IOSDialect.configuration(name, turn.device) else {
            return turn.fail("ERROR: no such checkpoint: \(name)")
        }
        turn.say(
            "Note: Applying config parallelly may fail Rollback verification", "Collecting Running-Config",
            "#Generating Rollback Patch")
        guard ConfigDiff(from: turn.device.running, to: tree).isEmpty == false else {
            return turn.say("Rollback Patch is Empty", "", "Rollback completed successfully.", "")
        }
        turn.takingEffect { turn in
            guard turn.faults.commitFails != true else {
                return turn.fail("Executing Rollback Patch", "Rollback failed.")
            }
            turn.target = tree
            turn.say(
                "Executing Rollback Patch", "Generating Running-config for verification",
                "Generating Patch for verification",
                "Verification is Successful.", "", "Rollback completed successfully.", "")
        }
    }
}

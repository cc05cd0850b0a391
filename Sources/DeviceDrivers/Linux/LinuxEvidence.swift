import RolloutEngine

/// What an engineer would want to see of a Linux device in trouble. Pure.
enum LinuxEvidence {
    /// The largest output of one command that is kept, in bytes.
    static let largest = 64 << 10

    /// Asks for everything; changes nothing.
    static func script(_ scope: LinuxScope) -> ShellScript {
        var commands = ["uptime", "date -u", "ip -s link"]
        if scope.role == .openVSwitch { commands += ["ovs-vsctl --timeout=10 show"] }
        for interface in scope.config.interfaces {
            let device = ShellText.quoted(interface)
            commands += ["tc -s qdisc show dev \(device)", "tc -s class show dev \(device)"]
            if scope.role == .openVSwitch { commands += ["ovs-appctl -t ovs-vswitchd qos/show \(device)"] }
        }
        for traffic in scope.config.policed ?? [] {
            commands.append(
                "tc -s filter show dev \(ShellText.quoted(traffic.interface)) \(traffic.direction.rawValue)")
        }
        for path in scope.config.files { commands.append("ls -ln \(ShellText.quoted(path))") }
        if scope.role == .bird { commands += ["bird show status", "bird configure status", "bird show protocols"] }
        let folder = ShellText.quoted(scope.stateFolder)
        commands += ["ls -ln \(folder)", "tail -n 200 \(folder)/*.log", "dmesg | tail -n 200"]
        return ShellScript(
            stateFolder: scope.stateFolder,
            body: scope.functions
                + commands.map { command in
                    "answer=$({ \(command); } 2>&1 | head -c \(largest)); say \(ShellText.quoted(command)) 0 \"$answer\""
                })
    }

    /// The answers, as they came.
    static func evidence(in report: ShellReport) -> Evidence {
        Evidence(items: report.entries.map { .init(title: $0.name, output: String($0.text.prefix(largest))) })
    }
}

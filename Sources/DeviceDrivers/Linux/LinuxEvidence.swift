import RolloutEngine

/// What an engineer would want to see of a Linux device in trouble. Pure.
enum LinuxEvidence {
    /// The largest output of one command that is kept, in bytes.
    static let largest = 64 << 10

    /// Asks for everything; changes nothing.
    static func script(_ scope: ConfigScope, stateFolder: String) -> ShellScript {
        var commands = ["uptime", "date -u", "ip -s link"]
        for interface in scope.interfaces {
            let device = ShellText.quoted(interface)
            commands += ["tc -s qdisc show dev \(device)", "tc -s class show dev \(device)"]
        }
        for path in scope.files { commands.append("ls -ln \(ShellText.quoted(path))") }
        let folder = ShellText.quoted(stateFolder)
        commands += ["ls -ln \(folder)", "tail -n 200 \(folder)/*.log", "dmesg | tail -n 200"]
        return ShellScript(
            stateFolder: stateFolder,
            body: commands.map { command in
                "answer=$({ \(command); } 2>&1 | head -c \(largest)); say \(ShellText.quoted(command)) 0 \"$answer\""
            })
    }

    /// The answers, as they came.
    static func evidence(in report: ShellReport) -> Evidence {
        Evidence(items: report.entries.map { .init(title: $0.name, output: String($0.text.prefix(largest))) })
    }
}

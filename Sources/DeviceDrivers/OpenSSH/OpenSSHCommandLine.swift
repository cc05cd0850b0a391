import RolloutEngine

/// What the program `ssh` is told, and how (ssh_config(5)). Pure.
struct OpenSSHCommandLine {
    /// Where the program is.
    var program = "/usr/bin/ssh"
    /// A configuration that holds instead of the person's own; nil for that.
    var configuration: String?
    /// The folder of the session's socket and logs.
    let folder: String
    /// The mark of our packets: the code point of RFC 2474.
    var dscp = 0
    /// Makes a path that starts at the inventory's folder absolute.
    let resolve: @Sendable (String) -> String

    var socket: String { folder + "/s" }
    /// What the connection's own process says.
    var connectionLog: String { folder + "/connection" }
    /// What the process that reaches through a jump device says, whose standard error OpenSSH throws away.
    var jumpLog: String { folder + "/jump" }
    /// What the last command's process says.
    var commandLog: String { folder + "/command" }
    /// The key that a device offers, as a known_hosts line.
    var offeredKey: String { folder + "/offered" }

    /// Opens a connection of its own, that nobody used before, and leaves it in the background once it is authenticated.
    ///
    /// Options on the command line win over those of any file. It ends by itself when nobody used it for ten minutes, so that
    /// a process of ours that was killed leaves nothing behind for long.
    func connecting(to device: Device, within limit: Timespan) -> [String] {
        let ours =
            strict(device.ssh) + asking(device.ssh) + [
                "ControlMaster=yes", "ControlPath=\(socket)", "ControlPersist=600", "ServerAliveInterval=15",
            ]
        return reaching(device, ours, ["-f"] + identity(device.ssh), within: limit)
    }

    /// Gets a device to offer its key, and tries nothing to be let in. The file that the key is written into is new.
    ///
    /// - Parameter types: Kinds of keys that it is asked for first.
    func scanning(_ device: Device, preferring types: [String], within limit: Timespan) -> [String] {
        let nothing = ["Pubkey", "Password", "KbdInteractive", "Hostbased", "GSSAPI"].map { "\($0)Authentication=no" }
        let ours =
            nothing + [
                "BatchMode=yes", "PreferredAuthentications=none", "ControlMaster=no", "ControlPath=none",
                "StrictHostKeyChecking=accept-new", "UserKnownHostsFile=\(Self.quoted(offeredKey))",
                "GlobalKnownHostsFile=/dev/null", "KnownHostsCommand=none", "HashKnownHosts=no", "UpdateHostKeys=no",
            ]
        // RSA keys are one kind, with several ways to sign.
        let first = types.map { $0 == "ssh-rsa" ? "rsa-sha2-512,rsa-sha2-256" : $0 }.joined(separator: ",")
        let preference = first.isEmpty ? [] : ["HostKeyAlgorithms=^\(first)"]
        return reaching(device, ours + preference, [], within: limit)
    }

    private func reaching(_ device: Device, _ ours: [String], _ words: [String], within limit: Timespan) -> [String] {
        let ssh = device.ssh
        var all =
            ours + [
                "ClearAllForwardings=yes", "ForwardAgent=no", "PermitLocalCommand=no", "RemoteCommand=none",
                "IPQoS=\(dscp * 4)", "ConnectTimeout=\(max(1, (limit.milliseconds + 999) / 1000))",
                // DEBUG2 tells both sides' algorithms.
                "LogLevel=DEBUG2",
            ]
        if let jump = ssh.jump.flatMap(JumpSpec.init) { all.append("ProxyCommand=\(proxy(jump, ssh))") }
        return namespace(ssh) + [program, "-N"] + configurationWords + options(all)
            + ["-E", connectionLog] + words + ["-p", "\(ssh.port)", "-l", ssh.user, "--", device.address]
    }

    /// Runs a command over the connection that is there, and over no other: whoever has to open one runs `false` first.
    func running(_ command: String, on device: Device) -> [String] {
        overConnection + ["-T", "--", device.address, command]
    }

    /// Opens an interactive session over the connection that is there, and over no other. No character means anything to `ssh`.
    func talking(_ purpose: OpenSSHConsole.Purpose, to device: Device) -> [String] {
        let words = overConnection + ["-e", "none"]
        switch purpose {
        case .terminal: return words + ["-tt", "--", device.address]
        case .subsystem(let name): return words + ["-T", "-s", "--", device.address, name]
        }
    }

    private var overConnection: [String] {
        [program, "-F", "none", "-S", socket, "-E", commandLog]
            + options(["ControlMaster=no", "ProxyCommand=false", "BatchMode=yes", "LogLevel=DEBUG2"])
    }

    /// Ends the connection.
    func ending(on device: Device) -> [String] {
        [program, "-F", "none", "-S", socket, "-O", "exit", "--", device.address]
    }

    private var configurationWords: [String] { configuration.map { ["-F", $0] } ?? [] }

    private func namespace(_ ssh: SSHSettings) -> [String] {
        ssh.namespace.map { ["/usr/sbin/ip", "netns", "exec", $0] } ?? []
    }

    /// Nobody is asked, nothing is believed that is not known, and no key is learned.
    private func strict(_ ssh: SSHSettings) -> [String] {
        ["StrictHostKeyChecking=yes", "UpdateHostKeys=no", "VisualHostKey=no"]
            + (ssh.knownHosts.map { ["UserKnownHostsFile=\(Self.quoted(resolve($0)))"] } ?? [])
    }

    /// What a script tells is asked for once. A password is tried after every key, in both ways.
    private func asking(_ ssh: SSHSettings) -> [String] {
        let isKeyAlone = ssh.accountPassword == nil
        if isKeyAlone, ssh.keyFilePassphrase == nil { return ["BatchMode=yes"] }
        let methods = isKeyAlone ? ["publickey"] : ["publickey", "password", "keyboard-interactive"]
        return [
            "BatchMode=no", "NumberOfPasswordPrompts=1",
            "PreferredAuthentications=\(methods.joined(separator: ","))",
        ] + (isKeyAlone ? [] : ["PasswordAuthentication=yes", "KbdInteractiveAuthentication=yes"])
    }

    /// The key of the inventory is the only one that is offered; without one, whatever the person's own configuration says.
    private func identity(_ ssh: SSHSettings) -> [String] {
        // Not -i, which leaves a key out with a warning when it finds none.
        ssh.keyFile.map { options(["IdentityFile=\(Self.quoted(resolve($0)))", "IdentitiesOnly=yes"]) } ?? []
    }

    private func options(_ options: [String]) -> [String] { options.flatMap { ["-o", $0] } }

    /// The command that reaches through a jump device. `-J` would hand none of our options on, and ask at the terminal.
    private func proxy(_ jump: JumpSpec, _ ssh: SSHSettings) -> String {
        let words =
            [program] + configurationWords + options(strict(ssh) + ["BatchMode=yes", "ControlPath=none"])
            + identity(ssh) + ["-E", jumpLog, "-p", "\(jump.port)", "-l", jump.user ?? ssh.user]
        // Percent signs are ssh's own in here, but for these two.
        let ours = words.map { ShellText.quoted($0.replacing("%", with: "%%")) }.joined(separator: " ")
        return "\(ours) -W '[%h]:%p' -- \(ShellText.quoted(jump.address.replacing("%", with: "%%")))"
    }

    /// A path as one word of ssh's configuration, in which percent signs are its own.
    private static func quoted(_ path: String) -> String {
        "\"\(path.replacing("%", with: "%%").replacing("\"", with: "\\\""))\""
    }
}

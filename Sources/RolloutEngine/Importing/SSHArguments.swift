/// Finds the jump in arguments of `ssh`, as Ansible's `ansible_ssh_common_args` has them.
struct SSHArguments: Equatable {
    /// `user@host:port`, or a bare name; nil when there is none.
    var jump: String?
    /// Whether the arguments say more than that.
    var saysMore = false

    /// Reads `-J HOST`, `-o ProxyJump=HOST`, and `-o ProxyCommand="ssh -W %h:%p … HOST"`.
    init(_ text: String) {
        var words = (ShellWords.split(text) ?? [])[...]
        while let word = words.popFirst() {
            if word == "-J" || word == "-o" {
                let value = words.popFirst() ?? ""
                take(word == "-J" ? "ProxyJump=\(value)" : value)
            } else if word.hasPrefix("-J") {
                take("ProxyJump=\(word.dropFirst(2))")
            } else if word.hasPrefix("-o") {
                take(String(word.dropFirst(2)))
            } else {
                saysMore = true
            }
        }
    }

    private mutating func take(_ option: String) {
        let parts = option.split(maxSplits: 1, omittingEmptySubsequences: true) { $0 == "=" || $0 == " " }
        guard parts.count == 2 else {
            saysMore = true
            return
        }
        switch parts[0].lowercased() {
        case "proxyjump": jump = Self.withoutScheme(String(parts[1]))
        case "proxycommand":
            if let through = Self.host(ofCommand: String(parts[1])) { jump = through } else { saysMore = true }
        default: saysMore = true
        }
    }

    private static func withoutScheme(_ text: String) -> String {
        text.hasPrefix("ssh://") ? String(text.dropFirst(6)) : text
    }

    /// The host of `ssh [-q] [-p PORT] [-l USER] -W %h:%p HOST`, and of nothing else.
    private static func host(ofCommand command: String) -> String? {
        guard var words = ShellWords.split(command)?[...], words.popFirst()?.hasSuffix("ssh") == true else {
            return nil
        }
        var host: String?
        var user: String?
        var port: String?
        var isForward = false
        while let word = words.popFirst() {
            switch word {
            case "-W": isForward = words.popFirst().map { $0 == "%h:%p" || $0 == "[%h]:%p" } ?? false
            case "-q", "-A", "-a", "-x", "-T": break
            case "-p": port = words.popFirst()
            case "-l": user = words.popFirst()
            case _ where word.hasPrefix("-W"): isForward = word == "-W%h:%p"
            case _ where word.hasPrefix("-") || host != nil: return nil
            default: host = word
            }
        }
        guard isForward, var found = host else { return nil }
        if let user, !found.contains("@") { found = "\(user)@\(found)" }
        return port.map { "\(found):\($0)" } ?? found
    }

    /// Why a jump cannot be written as our `ssh.jump`; nil when it can.
    static func problem(of jump: String, devices: Set<String>) -> String? {
        if jump.lowercased() == "none" { return "says that there is no jump" }
        if jump.contains(",") { return "several jumps, of which one is supported" }
        if jump.contains("%") { return "a jump that depends on the host" }
        if devices.contains(jump) { return nil }
        guard jump.contains("@") else {
            return "a jump without a user: give it as USER@HOST, or name a device of the inventory"
        }
        return TextFormat<String>.jump.parse(jump) == nil ? "a jump that is no user@host:port" : nil
    }
}

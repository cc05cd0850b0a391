import RolloutEngine

/// Understands what the program `ssh` says when it cannot connect. Pure.
struct OpenSSHLog {
    /// What it said for people, without its debugging lines.
    let words: String
    /// How lines begin that tell of no trouble.
    private static let usual = [
        "debug", "Warning: Permanently added", "Authenticated to ", "Transferred: ", "Bytes per second: ",
    ]
    private let ours: KeyExchangeOffer?
    private let theirs: KeyExchangeOffer?

    /// - Parameters:
    ///   - log: What was written with `-E` at the level DEBUG2.
    ///   - complaint: What came on standard error: of a jump device's process, above all.
    init(_ log: String, complaint: String) {
        let lines = (complaint + "\n" + log).split(whereSeparator: \.isNewline).map(String.init)
        let said = lines.filter { line in
            !line.allSatisfy { $0 == "@" } && !Self.usual.contains { line.hasPrefix($0) }
        }
        words = SafeText.line(String(said.joined(separator: "; ").prefix(1000)))
        ours = Self.offer(in: lines, after: "local client KEXINIT proposal")
        theirs = Self.offer(in: lines, after: "peer server KEXINIT proposal")
    }

    /// Why there is no connection.
    func error(of peer: SSHError.Peer, user: String) -> DriverError {
        let code = code
        if code == .unsupported, let ours {
            return SSHError.handshake(peer: peer, reason: words, ours: ours, theirs: theirs, greeting: nil)
                .driverError(effect: .none)
        }
        let said = words.isEmpty ? "it gives no reason" : words
        let hint =
            switch code {
            case .hostKeyUnknown:
                ". No credential was sent. Compare with the device's console, then \(peer.howToTrust(replacing: false))"
            case .hostKeyChanged:
                ". No credential was sent. A replaced device, or somebody in between: find out which, then "
                    + peer.howToTrust(replacing: true)
            case .authentication:
                " (user '\(user)'; nobody is asked: what lets us in comes from the inventory, ssh_config and the agent)"
            // So it calls a peer that it reaches through another process, which is not heard.
            case .unreachable where words.contains("UNKNOWN port"):
                ". The jump on the way there gave no connection; `ssh -v` tells why"
            default: ""
            }
        return DriverError(code, "OpenSSH does not reach \(peer): \(said)\(hint)", effect: .none)
    }

    private var code: DriverError.Code {
        func says(_ texts: String...) -> Bool { texts.contains { words.contains($0) } }
        if says("IDENTIFICATION HAS CHANGED", "is marked as revoked", "REVOKED HOST KEY") { return .hostKeyChanged }
        if says("host key is known for", "Host key verification failed") { return .hostKeyUnknown }
        if says("Unable to negotiate", "no matching") { return .unsupported }
        if says("Permission denied", "Too many authentication failures", "No supported authentication methods") {
            return .authentication
        }
        if says("Bad configuration option", "unsupported option", "Bad owner or permissions", "network namespace") {
            return .localSetup
        }
        return .unreachable
    }

    /// The four lists that follow a heading.
    private static func offer(in lines: [String], after heading: String) -> KeyExchangeOffer? {
        guard let start = lines.firstIndex(where: { $0.hasSuffix(heading) }) else { return nil }
        func list(_ title: String) -> [String] {
            let line = lines[start...].prefix(9).first { $0.hasPrefix("debug2: \(title): ") }
            return (line?.split(separator: " ").last ?? "").split(separator: ",").map(String.init)
        }
        return KeyExchangeOffer(
            keyExchange: list("KEX algorithms"), hostKeys: list("host key algorithms"), ciphers: list("ciphers ctos"),
            macs: list("MACs ctos"))
    }
}

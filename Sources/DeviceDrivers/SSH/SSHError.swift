import RolloutEngine

/// What went wrong on an SSH connection, before it is told to the engine as a `DriverError`.
enum SSHError: Error {
    /// Something of ours is missing or unusable: a file, a secret, a namespace, a setting.
    case localSetup(String)
    /// The name has no address.
    case lookup(name: String, reason: String)
    /// No TCP connection, or the jump device could not open one.
    case connect(peer: Peer, reason: String)
    /// The deadline passed during this step.
    case timeout(peer: Peer, step: String, limit: Timespan)
    /// The two sides could not agree on how to talk.
    case handshake(peer: Peer, reason: String, ours: KeyExchangeOffer, theirs: KeyExchangeOffer?, greeting: String?)
    /// Nothing is known of this device's host key.
    case hostKeyUnknown(peer: Peer, offered: HostKey, file: String)
    /// Another host key is known.
    case hostKeyChanged(peer: Peer, offered: HostKey, known: [KnownHosts.Entry], file: String)
    /// The offered host key is marked as revoked.
    case hostKeyRevoked(peer: Peer, offered: HostKey, file: String, line: Int)
    /// No credential was accepted.
    case authentication(peer: Peer, user: String, tried: [String], offered: String?)
    /// The connection ended during this step.
    case lost(peer: Peer, step: String, reason: String)
    /// The device did not want to run the command.
    case commandRefused(peer: Peer, reason: String)
    /// The command's channel ended without an exit status.
    case noExitStatus(peer: Peer)
    /// More output than is reasonable.
    case outputTooLarge(peer: Peer, limit: Int)
    /// The session had been closed before.
    case closed(peer: Peer, reason: String)
    /// We gave up on purpose.
    case cancelled(peer: Peer, step: String)

    /// Whom we talk to, in words for an error text.
    struct Peer: Hashable, Sendable, CustomStringConvertible {
        var address: String
        var port: Int
        var namespace: String?
        var jump: String?
        /// What the inventory calls it; nil for a jump device, which has no entry there.
        var device: DeviceName?
        /// Who speaks SSH; either for the built-in library, where the other one comes after it.
        var client = SSHSettings.Client.builtIn

        /// `10.0.0.1:22 (namespace mgmt, through ops@jump:22)`.
        var description: String {
            let notes = [namespace.map { "namespace \($0)" }, jump.map { "through \($0)" }].compactMap(\.self)
            let place = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
            return notes.isEmpty ? place : "\(place) (\(notes.joined(separator: ", ")))"
        }

        /// Which other client may know what this one does not.
        var howToReach: String {
            switch client {
            case .builtIn:
                ". This machine's OpenSSH may have what the built-in library has not: write ssh: {client: either} "
                    + "\(device.map { "for device \($0)" } ?? "for the devices behind it") into the inventory"
            case .openSSH: ". Its algorithms are set in ssh_config"
            // It is asked next.
            case .either: ""
            }
        }

        /// What to do once it is certain that the offered key is the device's own.
        func howToTrust(replacing: Bool) -> String {
            guard let device else { return "put its new key into the file" }
            return "`rollout hostkey accept -l 'name=\(device)'\(replacing ? " --replace" : "")`"
        }
    }
}

extension SSHError {
    /// The one place where SSH's troubles become the engine's.
    ///
    /// - Parameter effect: Whether a command may have been received by then.
    func driverError(effect: DriverError.Effect) -> DriverError {
        DriverError(code, message, effect: effect)
    }

    private var code: DriverError.Code {
        switch self {
        case .localSetup: .localSetup
        // Algorithms that do not meet will not meet later either; a port that does not speak SSH may, when it is up.
        case .handshake(_, _, _, .some, _): .unsupported
        case .lookup, .connect, .handshake: .unreachable
        case .timeout: .timeout
        case .hostKeyUnknown: .hostKeyUnknown
        case .hostKeyChanged, .hostKeyRevoked: .hostKeyChanged
        case .authentication: .authentication
        case .lost, .closed, .noExitStatus: .connectionLost
        case .commandRefused: .refused
        case .outputTooLarge: .outputTooLarge
        case .cancelled: .cancelled
        }
    }

    private var message: String {
        switch self {
        case .localSetup(let text): return text
        case .lookup(let name, let reason):
            return "no address for '\(name)': \(reason); check the device's address in the inventory and the resolver"
        case .connect(let peer, let reason): return "no connection to \(peer): \(reason)"
        case .timeout(let peer, let step, let limit): return "\(peer): nothing within \(limit) while \(step)"
        case .handshake(let peer, let reason, let ours, let theirs, let greeting):
            let server = greeting.map { " that calls itself '\($0)'" } ?? ""
            guard let theirs else {
                return "no SSH key exchange with \(peer)\(server): \(reason); is this an SSH port?"
            }
            let gaps = ours.gaps(with: theirs)
            let cause = gaps.isEmpty ? reason : "nothing in common for \(gaps.joined(separator: ", "))"
            return "no SSH key exchange with \(peer)\(server): \(cause). We offer: \(ours.text(of: gaps)). "
                + "It offers: \(theirs.text(of: gaps))\(peer.howToReach)"
        case .hostKeyUnknown(let peer, let offered, let file):
            return "the host key of \(peer) is not in \(file): it offers \(offered.type) \(offered.fingerprint). No "
                + "credential was sent. Compare with the device's console, then \(peer.howToTrust(replacing: false))"
        case .hostKeyChanged(let peer, let offered, let known, let file):
            let expected = known.map { "\($0.type) \($0.fingerprint) (line \($0.line))" }.joined(separator: " or ")
            return "the host key of \(peer) changed: \(file) has \(expected), it offers \(offered.type) "
                + "\(offered.fingerprint). No credential was sent. A replaced device, or somebody in between: find out "
                + "which, then \(peer.howToTrust(replacing: true))"
        case .hostKeyRevoked(let peer, let offered, let file, let line):
            return "the host key of \(peer), \(offered.type) \(offered.fingerprint), is revoked by \(file):\(line). No "
                + "credential was sent"
        case .authentication(let peer, let user, let tried, let offered):
            return "\(peer) did not let user '\(user)' in: tried \(tried.joined(separator: ", ")); "
                + "it accepts \(offered ?? "nothing it would name")"
        case .lost(let peer, let step, let reason): return "connection to \(peer) lost while \(step): \(reason)"
        case .commandRefused(let peer, let reason): return "\(peer) does not run commands: \(reason)"
        case .noExitStatus(let peer):
            return "\(peer) ended the command without an exit status: whether it did its work is unknown"
        case .outputTooLarge(let peer, let limit):
            return "\(peer) printed more than \(limit) bytes; the session was closed"
        case .closed(let peer, let reason): return "the session with \(peer) is closed: \(reason)"
        case .cancelled(let peer, let step): return "given up while \(step) (\(peer))"
        }
    }
}

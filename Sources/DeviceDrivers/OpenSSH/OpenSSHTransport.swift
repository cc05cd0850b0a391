import Foundation
import Glibc
public import RolloutEngine

/// Opens sessions with the machine's own OpenSSH client, for devices that the built-in library cannot talk to, and for what
/// only OpenSSH has: a person's `ssh_config`, agents, certificates, FIDO keys, hardware.
///
/// Each session is a connection of its own, with a socket in a folder of its own: none was there before, and none is shared.
/// Nobody is ever asked, neither for a password nor whether to trust a host key. Our traffic is marked but not paced.
public struct OpenSSHTransport: CommandTransport {
    private let caps: ManagementCaps
    private let folder: String
    private let outputLimit: Int
    private let configuration: String?

    /// A transport.
    ///
    /// - Parameters:
    ///   - caps: The limits of our management traffic, of which only the mark is kept.
    ///   - folder: What relative paths of keys and known_hosts files are relative to: the inventory's folder.
    ///   - outputLimit: The most that one command may print on both streams together; more ends the session.
    public init(
        caps: ManagementCaps = ManagementCaps(), relativeTo folder: String = ".",
        outputLimit: ByteCount = ByteCount(1 << 20)
    ) {
        self.init(caps: caps, relativeTo: folder, outputLimit: outputLimit, configuration: nil)
    }

    /// A transport with an `ssh_config` of its own.
    package init(
        caps: ManagementCaps, relativeTo folder: String, outputLimit: ByteCount, configuration: String?
    ) {
        self.caps = caps
        self.folder = folder
        self.outputLimit = Int(clamping: outputLimit.value)
        self.configuration = configuration
    }

    /// A fresh, authenticated session to a device.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    package func connect(to device: Device, within limit: Timespan) async throws(DriverError) -> any CommandSession {
        try check(device)
        let peer = SSHError.Peer(
            address: device.address, port: device.ssh.port, namespace: device.ssh.namespace, jump: device.ssh.jump,
            device: device.name, client: .openSSH)
        let place = try Self.newFolder()
        let line = OpenSSHCommandLine(
            configuration: configuration, folder: place, dscp: min(63, max(0, caps.dscp)),
            resolve: { [folder] in SmallFile.resolve($0, relativeTo: folder) })
        let session = OpenSSHSession(line, device, peer, outputLimit)
        let ending = await ChildProcess.run(
            line.connecting(to: device, within: limit), within: Int(limit.milliseconds), limit: 1 << 16,
            variables: Self.variables, mayLeave: true)
        switch ending {
        case .exited(0, _, _): return session
        case .exited(_, _, let complaint):
            let logs = [line.jumpLog, line.connectionLog].map {
                (try? String(contentsOfFile: $0, encoding: .utf8)) ?? ""
            }
            let error = OpenSSHLog(logs[1], complaint: String(decoding: complaint, as: UTF8.self) + "\n" + logs[0])
                .error(of: peer, user: device.ssh.user)
            await session.close()
            throw error
        case .tookTooLong, .saidTooMuch:
            await session.close()
            throw SSHError.timeout(peer: peer, step: "OpenSSH was connecting", limit: limit).driverError(effect: .none)
        case .signalled(let signal):
            await session.close()
            throw DriverError(.connectionLost, "ssh was ended by signal \(signal)", effect: .none)
        case .notStarted(let why):
            await session.close()
            throw DriverError(.localSetup, "\(why); install the package openssh-client", effect: .none)
        }
    }

    /// What an agent, hardware keys and Kerberos are found by.
    static let variables = ["SSH_AUTH_SOCK", "SSH_SK_PROVIDER", "KRB5CCNAME", "USER", "LOGNAME"]

    /// Refuses what this client cannot keep to, before anything is sent.
    private func check(_ device: Device) throws(DriverError) {
        let ssh = device.ssh
        if ssh.password != nil || ssh.keyPassphrase != nil {
            throw DriverError(
                .localSetup,
                "\(device.name): OpenSSH is told no passwords and no passphrases (ssh.client is openssh): put the key into "
                    + "the agent, and take ssh.password and ssh.key_passphrase away", effect: .none)
        }
        if let jump = ssh.jump, JumpSpec(jump) == nil {
            throw DriverError(
                .localSetup, "\(device.name): ssh.jump '\(jump)' is not user@host:port", effect: .none)
        }
        if let file = ssh.keyFile, access(SmallFile.resolve(file, relativeTo: folder), R_OK) != 0 {
            throw DriverError(
                .localSetup, "private key \(SmallFile.resolve(file, relativeTo: folder)): \(Errno.text(errno))",
                effect: .none)
        }
    }

    /// A folder that only we can look into. Its path is short: a socket's may have 107 bytes.
    private static func newFolder() throws(DriverError) -> String {
        var template = Array("/tmp/rollout-openssh-XXXXXX".utf8CString)
        let path = template.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let start = buffer.baseAddress, mkdtemp(start) != nil else { return nil }
            return String(cString: start)
        }
        guard let path else {
            throw DriverError(.localSetup, "no folder in /tmp for a session: \(Errno.text(errno))", effect: .none)
        }
        return path
    }
}

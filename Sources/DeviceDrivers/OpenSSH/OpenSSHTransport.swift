import Foundation
import Glibc
public import RolloutEngine

/// Opens sessions with the machine's own OpenSSH client, for devices that the built-in library cannot talk to, and for what
/// only OpenSSH has: a person's `ssh_config`, agents, certificates, FIDO keys, hardware.
///
/// Each session is a connection of its own, with a socket in a folder of its own: none was there before, and none is shared.
/// Nobody is ever asked whether to trust a host key, and for a password only the settings are. Our traffic is marked but not paced.
public struct OpenSSHTransport: CommandTransport, HostKeyScanner {
    private let caps: ManagementCaps
    private let folder: String
    private let outputLimit: Int
    private let configuration: String?
    private let secrets: any SecretSource
    let reactors: ReactorGroup

    /// A transport.
    ///
    /// - Parameters:
    ///   - secrets: Where passwords come from.
    ///   - caps: The limits of our management traffic, of which only the mark is kept.
    ///   - folder: What relative paths of keys and known_hosts files are relative to: the inventory's folder.
    ///   - outputLimit: The most that one command may print on both streams together; more ends the session.
    public init(
        secrets: any SecretSource, caps: ManagementCaps = ManagementCaps(), relativeTo folder: String = ".",
        outputLimit: ByteCount = ByteCount(1 << 20)
    ) {
        self.init(secrets: secrets, caps: caps, relativeTo: folder, outputLimit: outputLimit, configuration: nil)
    }

    /// A transport with an `ssh_config` of its own.
    package init(
        secrets: any SecretSource, caps: ManagementCaps, relativeTo folder: String, outputLimit: ByteCount,
        configuration: String?
    ) {
        self.secrets = secrets
        reactors = .shared
        self.caps = caps
        self.folder = folder
        self.outputLimit = Int(clamping: outputLimit.value)
        self.configuration = configuration
    }

    /// A fresh, authenticated session to a device.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    package func connect(to device: Device, within limit: Timespan) async throws(DriverError) -> any CommandSession {
        try await connectSession(to: device, within: limit)
    }

    /// As `connect`, with the concrete type.
    func connectSession(to device: Device, within limit: Timespan) async throws(DriverError) -> OpenSSHSession {
        let secrets = try check(device)
        let peer = peer(of: device)
        let place = try Self.newFolder()
        let line = line(in: place)
        let session = OpenSSHSession(line, device, peer, outputLimit)
        let answer: OpenSSHAnswer?
        do throws(DriverError) {
            answer = secrets.isEmpty ? nil : try OpenSSHAnswer(secrets, in: place)
        } catch {
            await session.close()
            throw error
        }
        let ending = await ChildProcess.run(
            line.connecting(to: device, within: limit), within: Int(limit.milliseconds), limit: 1 << 16,
            variables: Self.variables, settings: answer?.settings ?? [], mayLeave: true)
        answer?.forget()
        switch ending {
        case .exited(0, _, _): return session
        case .exited(_, _, let complaint):
            let error = Self.log(of: line, complaint).error(of: peer, user: device.ssh.user)
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

    /// The host key that a device offers, of the kind that is trusted if it has one, unjudged. To the device itself no credential is
    /// sent; a jump device on the way is checked and asks for its own.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    package func scanHostKey(of device: Device, within limit: Timespan) async throws(DriverError) -> HostKey {
        let place = try Self.newFolder()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let line = line(in: place)
        let known = device.ssh.knownHosts.map { HostKeyFile(path: SmallFile.resolve($0, relativeTo: folder)) }
        let types = try known?.keys(of: device.address, port: device.ssh.port).map(\.type) ?? []
        let ending = await ChildProcess.run(
            line.scanning(device, preferring: types, within: limit), within: Int(limit.milliseconds), limit: 1 << 16)
        if let key = KnownHosts(OpenSSHSession.text(line.offeredKey)).lines.first?.entry.key { return key }
        if case .exited(_, _, let complaint) = ending {
            throw Self.log(of: line, complaint).error(of: peer(of: device), user: device.ssh.user)
        }
        throw SSHError.timeout(peer: peer(of: device), step: "OpenSSH asked for the host key", limit: limit)
            .driverError(effect: .none)
    }

    private func peer(of device: Device) -> SSHError.Peer {
        SSHError.Peer(
            address: device.address, port: device.ssh.port, namespace: device.ssh.namespace, jump: device.ssh.jump,
            device: device.name, client: .openSSH)
    }

    private func line(in place: String) -> OpenSSHCommandLine {
        OpenSSHCommandLine(
            configuration: configuration, folder: place, dscp: min(63, max(0, caps.dscp)),
            resolve: { [folder] in SmallFile.resolve($0, relativeTo: folder) })
    }

    private static func log(of line: OpenSSHCommandLine, _ complaint: [UInt8]) -> OpenSSHLog {
        let words = String(decoding: complaint, as: UTF8.self) + "\n" + OpenSSHSession.text(line.jumpLog)
        return OpenSSHLog(OpenSSHSession.text(line.connectionLog), complaint: words)
    }

    /// What an agent, hardware keys and Kerberos are found by.
    static let variables = ["SSH_AUTH_SOCK", "SSH_SK_PROVIDER", "KRB5CCNAME", "USER", "LOGNAME"]

    /// Refuses what this client cannot keep to, before anything is sent.
    ///
    /// - Returns: What it may be asked for.
    private func check(_ device: Device) throws(DriverError) -> OpenSSHAnswer.Secrets {
        let ssh = device.ssh
        if let jump = ssh.jump, JumpSpec(jump) == nil {
            throw DriverError(
                .localSetup, "\(device.name): ssh.jump '\(jump)' is not user@host:port", effect: .none)
        }
        if let file = ssh.keyFile, access(SmallFile.resolve(file, relativeTo: folder), R_OK) != 0 {
            throw DriverError(
                .localSetup, "private key \(SmallFile.resolve(file, relativeTo: folder)): \(Errno.text(errno))",
                effect: .none)
        }
        func secret(_ reference: SecretReference?) throws(DriverError) -> Secret? {
            guard let reference else { return nil }
            return try secrets.resolve(reference)
        }
        return OpenSSHAnswer.Secrets(
            password: try secret(ssh.accountPassword), passphrase: try secret(ssh.keyFilePassphrase))
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

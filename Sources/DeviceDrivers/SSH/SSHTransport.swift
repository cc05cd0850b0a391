public import RolloutEngine

/// Opens SSH sessions to devices: one TCP connection each, never shared, never used twice.
///
/// Host keys are checked strictly before anything secret is sent. All sessions together keep to the management caps.
public final class SSHTransport: CommandTransport, HostKeyScanner {
    private let secrets: any SecretSource
    private let folder: String
    private let dscp: Int
    private let outputLimit: Int
    private let pacer: Pacer?
    private let trusted = TrustedHosts()
    /// Whether all sessions together keep to a number of bytes a second.
    var isPaced: Bool { pacer != nil }
    let reactors: ReactorGroup

    /// A transport.
    ///
    /// - Parameters:
    ///   - secrets: Where passwords and passphrases come from.
    ///   - caps: The limits of our management traffic.
    ///   - folder: What relative paths of keys and known_hosts files are relative to: the inventory's folder.
    ///   - outputLimit: The most that one command may print on both streams together; more ends the session.
    public convenience init(
        secrets: any SecretSource, caps: ManagementCaps = ManagementCaps(), relativeTo folder: String = ".",
        outputLimit: ByteCount = ByteCount(1 << 20)
    ) {
        self.init(
            secrets: secrets, caps: caps, relativeTo: folder, outputLimit: outputLimit, reactors: .shared)
    }

    /// A transport with reactors of its own.
    package init(
        secrets: any SecretSource, caps: ManagementCaps, relativeTo folder: String, outputLimit: ByteCount,
        reactors: ReactorGroup
    ) {
        self.secrets = secrets
        self.folder = folder
        self.outputLimit = Int(clamping: outputLimit.value)
        self.reactors = reactors
        dscp = min(63, max(0, caps.dscp))
        pacer = caps.bytesPerSecond.map { Pacer(bytesPerSecond: max(1, $0.value)) }
    }

    /// A fresh, authenticated session to a device, through its jump device and namespace if it has them.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    package func connect(to device: Device, within limit: Timespan) async throws(DriverError) -> any CommandSession {
        try await connectSession(to: device, within: limit)
    }

    /// As `connect`, with the concrete type.
    package func connectSession(to device: Device, within limit: Timespan) async throws(DriverError) -> SSHSession {
        let time = SSHSession.TimeLimit(limit)
        // What is read from files, at once: each change of threads costs.
        let (credentials, trust) = try await ThreadPool.run { () throws(DriverError) in
            let credentials = try self.credentials(for: device.ssh)
            guard device.ssh.jump == nil else { return (credentials, TrustedHosts.Knowledge?.none) }
            do throws(SSHError) {
                let path = knownHostsPath(for: device)
                return (credentials, try knowledge(of: device.address, port: device.ssh.port, in: path))
            } catch {
                throw error.driverError(effect: .none)
            }
        }
        do throws(SSHError) {
            return try await reach(device, credentials, time, knowing: trust) { session, trust async throws(SSHError) in
                let key = try await session.shakeHands(preferring: trust.lines.map(\.entry.type), time)
                try session.judge(key, by: trust)
                try await session.authenticate(credentials, time)
            }
        } catch {
            throw error.driverError(effect: .none)
        }
    }

    /// Runs what is done with one device on the thread that its sessions live on, which saves a thread switch at each step.
    ///
    /// Nothing in it may block: it would hold up every other session.
    package func together<Value: Sendable>(
        _ work: @escaping @Sendable () async throws(DriverError) -> Value
    ) async -> Result<Value, DriverError> {
        await withTaskExecutorPreference(reactors.next().tasks) {
            do throws(DriverError) { return .success(try await work()) } catch { return .failure(error) }
        }
    }

    /// Runs one command over a session of its own, within the device's own limits, and ends the session.
    ///
    /// - Throws: `DriverError`, as connecting and running do.
    public func runOnce(_ command: String, on device: Device) async throws(DriverError)
        -> (status: Int32, output: [UInt8])
    {
        let result = await together { () async throws(DriverError) in
            let session = try await self.connectSession(to: device, within: device.ssh.connectTimeout)
            do throws(DriverError) {
                let result = try await session.run(command, input: [], within: device.ssh.commandTimeout)
                await session.close()
                return result
            } catch {
                await session.close()
                throw error
            }
        }
        return try result.map { ($0.status, $0.output) }.get()
    }

    /// The host key that a device offers, of the kind that is trusted if it has one, unjudged. To the device itself no credential is
    /// sent; a jump device on the way is checked and asks for its own.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    public func scanHostKey(of device: Device, within limit: Timespan) async throws(DriverError) -> HostKey {
        let time = SSHSession.TimeLimit(limit)
        let credentials =
            device.ssh.jump == nil
            ? SSHCredentials(user: device.ssh.user) : try credentials(for: device.ssh)
        let found = LateResult<HostKey>()
        do throws(SSHError) {
            let session = try await reach(device, credentials, time) { session, trust async throws(SSHError) in
                let types = trust.lines.map(\.entry.type)
                _ = found.deliver(try await session.shakeHands(preferring: types, time))
            }
            await session.close()
        } catch {
            throw error.driverError(effect: .none)
        }
        guard let key = found.take() else {
            throw DriverError(.connectionLost, "\(device.address) gave no host key", effect: .none)
        }
        return key
    }

    /// The file of trusted host keys that holds for a device.
    public func knownHostsPath(for device: Device) -> String {
        SmallFile.resolve(device.ssh.knownHosts ?? "~/.ssh/known_hosts", relativeTo: folder)
    }

    // MARK: The way there

    private typealias Greeting = @Sendable (isolated SSHSession, TrustedHosts.Knowledge) async throws(SSHError) -> Void

    /// - Parameter trust: What is known of the device's key, when that was looked up.
    private func reach(
        _ device: Device, _ credentials: SSHCredentials, _ time: SSHSession.TimeLimit,
        knowing trust: TrustedHosts.Knowledge? = nil, _ greet: @escaping Greeting
    ) async throws(SSHError) -> SSHSession {
        let path = knownHostsPath(for: device)
        let peer = SSHError.Peer(
            address: device.address, port: device.ssh.port, namespace: device.ssh.namespace, jump: device.ssh.jump,
            device: device.name, client: device.ssh.client ?? .builtIn)
        guard let text = device.ssh.jump else {
            return try await open(peer, path, time, over: nil, knowing: trust, greet)
        }
        guard let jump = JumpSpec(text) else {
            throw .localSetup("\(device.name): ssh.jump '\(text)' is not user@host:port")
        }
        let carrierPeer = SSHError.Peer(
            address: jump.address, port: jump.port, namespace: device.ssh.namespace,
            client: device.ssh.client ?? .builtIn)
        var jumpCredentials = credentials
        jumpCredentials.user = jump.user ?? credentials.user
        let carrier = try await open(carrierPeer, path, time, over: nil) {
            [jumpCredentials] session, trust async throws(SSHError) in
            let key = try await session.shakeHands(preferring: trust.lines.map(\.entry.type), time)
            try session.judge(key, by: trust)
            try await session.authenticate(jumpCredentials, time)
        }
        return try await open(peer, path, time, over: carrier, greet)
    }

    private func open(
        _ peer: SSHError.Peer, _ path: String, _ time: SSHSession.TimeLimit, over carrier: SSHSession?,
        knowing trust: TrustedHosts.Knowledge? = nil, _ greet: @escaping Greeting
    ) async throws(SSHError) -> SSHSession {
        let known: TrustedHosts.Knowledge
        if let trust {
            known = trust
        } else {
            known = try await ThreadPool.run { () throws(SSHError) in
                try knowledge(of: peer.address, port: peer.port, in: path)
            }
        }
        // What goes through a tunnel is paced and marked once, on the socket that leaves this machine.
        let settings = SSHSession.Settings(
            peer: peer, dscp: dscp, outputLimit: outputLimit, pacer: carrier == nil ? pacer : nil)
        let session = SSHSession(on: carrier?.reactor ?? reactors.next(), settings)
        let result = await session.operation { session async throws(SSHError) in
            if let carrier {
                session.carrier = carrier
                session.socket = try await carrier.tunnel(to: peer, time).get()
            } else {
                try await session.openSocket(time)
            }
            try await greet(session, known)
        }
        if case .failure(let failure) = result {
            await carrier?.close()
            throw failure.error
        }
        return session
    }

    private func knowledge(of address: String, port: Int, in path: String) throws(SSHError) -> TrustedHosts.Knowledge {
        do throws(SmallFile.Failure) {
            return try trusted.lookUp(address: address, port: port, in: path)
        } catch {
            throw .localSetup("known hosts \(error.path): \(error.reason)")
        }
    }

    // MARK: Credentials

    /// Reads everything before the first packet, so that what is missing here is said before a device is touched.
    private func credentials(for settings: SSHSettings) throws(DriverError) -> SSHCredentials {
        var credentials = SSHCredentials(user: settings.user)
        if let file = settings.keyFile {
            do {
                let bytes = try SmallFile.read(file, relativeTo: folder)
                let path = SmallFile.resolve(file, relativeTo: folder)
                credentials.key = SSHCredentials.Key(path: path, bytes: bytes)
            } catch {
                throw DriverError(.localSetup, "private key \(error.path): \(error.reason)", effect: .none)
            }
            credentials.key?.passphrase = try settings.keyFilePassphrase.map(resolve)
        }
        credentials.password = try settings.accountPassword.map(resolve)
        guard credentials.key != nil || credentials.password != nil else {
            throw DriverError(
                .localSetup, "no credential for user '\(settings.user)': set ssh.key_file or ssh.password",
                effect: .none)
        }
        return credentials
    }

    /// Whether a device is shown an RSA key, which libssh2 1.10 signs in a way that modern servers refuse.
    func hasRSAKey(for device: Device) async -> Bool {
        guard let file = device.ssh.keyFile else { return false }
        return await ThreadPool.run { [folder] in
            guard let bytes = try? SmallFile.read(file, relativeTo: folder) else { return false }
            return SSHCredentials.Key(path: file, bytes: bytes).isRSA
        }
    }

    private func resolve(_ reference: SecretReference) throws(DriverError) -> Secret { try secrets.resolve(reference) }
}

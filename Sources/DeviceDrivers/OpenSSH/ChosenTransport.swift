public import RolloutEngine
import Synchronization

/// Reaches each device as the inventory says (`ssh.client`): over the built-in library, over the machine's OpenSSH client, or over the
/// second where the first has no algorithm in common with the device.
public final class ChosenTransport: CommandTransport, ConsoleTransport, SubsystemTransport, HostKeyScanner {
    private let library: SSHTransport
    private let program: OpenSSHTransport
    /// Devices that the library cannot talk to: each is asked once, not in every session.
    private let strangers = Mutex<Set<DeviceName>>([])

    /// A transport over both clients.
    public init(library: SSHTransport, program: OpenSSHTransport) {
        self.library = library
        self.program = program
    }

    /// A fresh session for commands.
    package func connect(to device: Device, within limit: Timespan) async throws(DriverError) -> any CommandSession {
        try await reach(device, limit) { client, limit async throws(DriverError) in
            try await client.connect(to: device, within: limit)
        }
    }

    package func executor(for device: Device) -> (any TaskExecutor)? { library.executor(for: device) }

    /// A fresh session with a terminal.
    package func openConsole(to device: Device, width: Int, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
    {
        try await reach(device, limit) { client, limit async throws(DriverError) in
            try await client.openConsole(to: device, width: width, within: limit)
        }
    }

    /// A fresh session with a subsystem.
    package func openSubsystem(_ name: String, on device: Device, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
    {
        try await reach(device, limit) { client, limit async throws(DriverError) in
            try await client.openSubsystem(name, on: device, within: limit)
        }
    }

    /// The host key that a device offers, unjudged. To the device itself no credential is sent.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    public func scanHostKey(of device: Device, within limit: Timespan) async throws(DriverError) -> HostKey {
        try await reach(device, limit) { client, limit async throws(DriverError) in
            try await client.scanHostKey(of: device, within: limit)
        }
    }

    /// Who spoke with a device last, or would.
    public func client(of device: Device) -> SSHSettings.Client {
        switch device.ssh.client ?? .builtIn {
        case .builtIn: .builtIn
        case .openSSH: .openSSH
        case .either: strangers.withLock { $0.contains(device.name) } ? .openSSH : .builtIn
        }
    }

    private typealias Client = CommandTransport & ConsoleTransport & SubsystemTransport & HostKeyScanner

    private func reach<Outcome: Sendable>(
        _ device: Device, _ limit: Timespan,
        _ body: @Sendable (any Client, Timespan) async throws(DriverError) -> Outcome
    ) async throws(DriverError) -> Outcome {
        if client(of: device) == .openSSH { return try await body(program, limit) }
        let until = Deadline.after(limit)
        let failure: DriverError
        do throws(DriverError) {
            return try await body(library, limit)
        } catch {
            failure = error
        }
        guard device.ssh.client == .either, await isBeyondLibrary(device, failure) else { throw failure }
        if library.isPaced {
            throw DriverError(
                failure.code,
                "\(failure.message). OpenSSH may know more, but cannot keep to the policy's management.bytes_per_second:"
                    + " take that away, or write ssh: {client: openssh} for device \(device.name), which is then not"
                    + " held to it", effect: .none)
        }
        strangers.withLock { _ = $0.insert(device.name) }
        do throws(DriverError) {
            return try await body(program, until.remaining)
        } catch {
            throw DriverError(
                error.code, "\(error.message). The built-in client was tried before: \(failure.message)", effect: .none)
        }
    }

    /// Whether it is the library that is wanting, not the device or what we know of it: no algorithm in common, or a key that it cannot
    /// sign with as modern servers want it.
    private func isBeyondLibrary(_ device: Device, _ failure: DriverError) async -> Bool {
        switch failure.code {
        case .unsupported: true
        case .authentication: await library.hasRSAKey(for: device)
        default: false
        }
    }
}

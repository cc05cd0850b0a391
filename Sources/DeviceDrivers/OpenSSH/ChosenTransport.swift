public import RolloutEngine
import Synchronization

/// Reaches each device as the inventory says (`ssh.client`): over the built-in library, over the machine's OpenSSH client, or over the
/// second where the first has no algorithm in common with the device.
public final class ChosenTransport: CommandTransport, ConsoleTransport, SubsystemTransport {
    private let library: SSHTransport
    private let program: OpenSSHTransport
    private let isPaced: Bool
    /// Devices that the library cannot talk to: each is asked once, not in every session.
    private let strangers = Mutex<Set<DeviceName>>([])

    /// A transport over both clients.
    public init(library: SSHTransport, program: OpenSSHTransport, caps: ManagementCaps = ManagementCaps()) {
        self.library = library
        self.program = program
        isPaced = caps.bytesPerSecond != nil
    }

    /// A fresh session for commands.
    package func connect(to device: Device, within limit: Timespan) async throws(DriverError) -> any CommandSession {
        try await over(device, limit) { limit async throws(DriverError) -> any CommandSession in
            try await self.library.connect(to: device, within: limit)
        } program: { limit async throws(DriverError) in
            try await self.program.connect(to: device, within: limit)
        }
    }

    package func executor(for device: Device) -> (any TaskExecutor)? { library.executor(for: device) }

    /// A fresh session with a terminal.
    package func openConsole(to device: Device, width: Int, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
    {
        try await over(device, limit) { limit async throws(DriverError) -> any ConsoleSession in
            try await self.library.openConsole(to: device, width: width, within: limit)
        } program: { limit async throws(DriverError) in
            try await self.program.openConsole(to: device, width: width, within: limit)
        }
    }

    /// A fresh session with a subsystem.
    package func openSubsystem(_ name: String, on device: Device, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
    {
        try await over(device, limit) { limit async throws(DriverError) -> any ConsoleSession in
            try await self.library.openSubsystem(name, on: device, within: limit)
        } program: { limit async throws(DriverError) in
            try await self.program.openSubsystem(name, on: device, within: limit)
        }
    }

    /// The host key that a device offers, unjudged. To the device itself no credential is sent.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    public func scanHostKey(of device: Device, within limit: Timespan) async throws(DriverError) -> HostKey {
        try await over(device, limit) { limit async throws(DriverError) -> HostKey in
            try await self.library.scanHostKey(of: device, within: limit)
        } program: { limit async throws(DriverError) in
            try await self.program.scanHostKey(of: device, within: limit)
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

    private typealias Opening<Session> = @Sendable (Timespan) async throws(DriverError) -> Session

    private func over<Session: Sendable>(
        _ device: Device, _ limit: Timespan, library: Opening<Session>, program: Opening<Session>
    ) async throws(DriverError) -> Session {
        if client(of: device) == .openSSH { return try await program(limit) }
        let until = Deadline.after(limit)
        let failure: DriverError
        do throws(DriverError) {
            return try await library(limit)
        } catch {
            failure = error
        }
        guard device.ssh.client == .either, await isBeyondLibrary(device, failure) else { throw failure }
        if isPaced {
            throw DriverError(
                failure.code,
                "\(failure.message). OpenSSH may know more, but cannot keep to the policy's management.bytes_per_second:"
                    + " take that away, or write ssh: {client: openssh} for device \(device.name), which is then not"
                    + " held to it", effect: .none)
        }
        strangers.withLock { _ = $0.insert(device.name) }
        do throws(DriverError) {
            return try await program(until.remaining)
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

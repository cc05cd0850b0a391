package import RolloutEngine

/// Reaches each device as the inventory says (`ssh.client`). What one client cannot do, the other is never tried for.
public struct ChosenTransport: CommandTransport, ConsoleTransport, SubsystemTransport {
    private let library: SSHTransport
    private let program: OpenSSHTransport

    /// A transport over both clients.
    public init(library: SSHTransport, program: OpenSSHTransport) {
        self.library = library
        self.program = program
    }

    /// A fresh session over the client that the device's settings name.
    package func connect(to device: Device, within limit: Timespan) async throws(DriverError) -> any CommandSession {
        switch device.ssh.client ?? .builtIn {
        case .builtIn: return try await library.connect(to: device, within: limit)
        case .openSSH: return try await program.connect(to: device, within: limit)
        }
    }

    package func executor(for device: Device) -> (any TaskExecutor)? { library.executor(for: device) }

    /// A terminal, which only the built-in client has.
    package func openConsole(to device: Device, width: Int, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
    {
        try Self.needBuiltIn(device, for: "a command line")
        return try await library.openConsole(to: device, width: width, within: limit)
    }

    /// A subsystem, which only the built-in client has.
    package func openSubsystem(_ name: String, on device: Device, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
    {
        try Self.needBuiltIn(device, for: name)
        return try await library.openSubsystem(name, on: device, within: limit)
    }

    private static func needBuiltIn(_ device: Device, for what: String) throws(DriverError) {
        guard device.ssh.client == .openSSH else { return }
        throw DriverError(
            .unsupported,
            "\(device.name) is to be reached by ssh.client openssh, which runs commands only: \(what) needs"
                + " ssh.client built-in", effect: .none)
    }
}

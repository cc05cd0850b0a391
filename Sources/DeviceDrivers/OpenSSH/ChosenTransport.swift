package import RolloutEngine

/// Reaches each device as the inventory says (`ssh.client`). What one client cannot do, the other is never tried for.
public struct ChosenTransport: CommandTransport {
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
}

import CSSH2
package import RolloutEngine

/// Opens sessions to devices' subsystems, such as `netconf`: bytes there and back, without a terminal.
package protocol SubsystemTransport: Sendable {
    /// A fresh, authenticated session with a subsystem; never a reused one.
    ///
    /// - Throws: `DriverError` with effect `.none`: nothing was sent that changes a device.
    func openSubsystem(_ name: String, on device: Device, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
}

extension SSHSession {
    /// Starts a subsystem. What it says on its second stream is dropped: it would stand in the middle of messages.
    func openSubsystem(_ name: String, _ time: TimeLimit) async -> Result<Void, Failure> {
        await operation { session async throws(SSHError) in
            let channel = try await session.openChannel(time)
            let name = ForeignBytes(name)
            try await session.expect("asking for the subsystem", time) { _ in
                Int(libssh2_channel_process_startup(channel, "subsystem", 9, name.start, UInt32(name.count)))
            }
            try await session.expect("asking for one stream", time) { _ in
                Int(libssh2_channel_handle_extended_data2(channel, LIBSSH2_CHANNEL_EXTENDED_DATA_IGNORE))
            }
            session.shell = channel
        }
    }
}

extension SSHTransport: SubsystemTransport {
    /// A fresh, authenticated session with a subsystem, through the device's jump device and namespace if it has them.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    package func openSubsystem(_ name: String, on device: Device, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
    {
        let session = try await connectSession(to: device, within: limit)
        if case .failure(let failure) = await session.openSubsystem(name, SSHSession.TimeLimit(limit)) {
            await session.close()
            throw failure.error.driverError(effect: .none)
        }
        return session
    }
}

package import RolloutEngine

/// Opens interactive sessions to devices that have a command line and no shell: what `CommandTransport` is for commands.
package protocol ConsoleTransport: Sendable {
    /// What the sessions of a device run on, where steps between theirs should run as well; nil when it makes no difference.
    ///
    /// Nothing that runs there may block.
    func executor(for device: Device) -> (any TaskExecutor)?

    /// A fresh, authenticated session with a terminal; never a reused one.
    ///
    /// - Parameter width: How many columns the terminal has.
    /// - Throws: `DriverError` with effect `.none`: nothing was sent that changes a device.
    func openConsole(to device: Device, width: Int, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
}

extension ConsoleTransport {
    /// Anywhere.
    package func executor(for device: Device) -> (any TaskExecutor)? { nil }
}

/// One interactive session: bytes there and back.
package protocol ConsoleSession: Sendable {
    /// Sends bytes, all of them.
    ///
    /// - Throws: `DriverError` with effect `.possible`: some of them may have arrived.
    func send(_ bytes: [UInt8], within limit: Timespan) async throws(DriverError)

    /// Waits for bytes, and gives all that have come; none when the time is over.
    ///
    /// - Throws: `DriverError` with `.connectionLost` when the session ended and everything was read.
    func receive(within limit: Timespan) async throws(DriverError) -> [UInt8]

    /// Ends the session. Never hangs, never throws.
    func close() async

    /// Where it runs, so that whoever speaks on it can run there as well.
    nonisolated var host: any Actor { get }
}

extension ConsoleSession where Self: Actor {
    /// An actor runs on its own.
    package nonisolated var host: any Actor { self }
}

package import RolloutEngine

/// Opens sessions to devices. The seam between what is said to a device and how it gets there.
package protocol CommandTransport: Sendable {
    /// A fresh, authenticated session; never a reused one.
    ///
    /// - Throws: `DriverError` with effect `.none`: nothing was sent that changes a device.
    func connect(to device: Device, within limit: Timespan) async throws(DriverError) -> any CommandSession
}

/// One authenticated session on which commands are run one after another.
package protocol CommandSession: Sendable {
    /// Runs one command line in the account's shell, feeds it `input`, and waits for its end.
    ///
    /// - Throws: `DriverError` with effect `.possible` once the command may have been received: connection lost, timeout,
    ///   too much output, no exit status. A command that ran and failed does not throw: look at its status.
    func run(_ command: String, input: [UInt8], within limit: Timespan) async throws(DriverError) -> CommandResult

    /// Ends the session. Never hangs, never throws.
    func close() async
}

/// What a command printed and how it ended.
package struct CommandResult: Hashable, Sendable {
    /// The exit status; 128 plus the number when a signal ended it.
    package var status: Int32
    /// Standard output, as it came.
    package var output: [UInt8]
    /// Standard error, as it came.
    package var errors: [UInt8]

    /// What a command printed and how it ended.
    package init(status: Int32, output: [UInt8], errors: [UInt8]) {
        self.status = status
        self.output = output
        self.errors = errors
    }

    /// Standard output as text; bytes that are not UTF-8 become U+FFFD.
    package var text: String { String(decoding: output, as: UTF8.self) }
    /// Standard error as text; bytes that are not UTF-8 become U+FFFD.
    package var errorText: String { String(decoding: errors, as: UTF8.self) }
}

package import RolloutEngine

/// Says to a log what is said to devices. File contents travel as input and are never logged.
package struct LoggedTransport: CommandTransport {
    private let transport: any CommandTransport
    private let logs: DeviceLogs

    /// Wraps a transport.
    package init(_ transport: any CommandTransport, logs: DeviceLogs) {
        self.transport = transport
        self.logs = logs
    }

    package func connect(to device: Device, within limit: Timespan) async throws(DriverError) -> any CommandSession {
        let log = logs[device]
        let session = try await DeviceLog.opening(log) { () async throws(DriverError) in
            try await transport.connect(to: device, within: limit)
        }
        return Session(session: session, log: log)
    }

    private struct Session: CommandSession {
        let session: any CommandSession
        let log: DeviceLog

        func run(_ command: String, input: [UInt8], within limit: Timespan) async throws(DriverError) -> CommandResult {
            let start = ContinuousClock.now
            do throws(DriverError) {
                let result = try await session.run(command, input: input, within: limit)
                let lines = (result.text + result.errorText).split(separator: "\n")
                log.ran(command, "status \(result.status)", since: start, lines)
                return result
            } catch {
                log.failed(command, error, since: start)
                throw error
            }
        }

        func close() async { await session.close() }
    }
}

package import Logging
package import RolloutEngine

/// Says to a log what is said to devices, how long it took and how it ended. Secrets and file contents travel as input and
/// are never logged.
package struct LoggedTransport: CommandTransport {
    private let transport: any CommandTransport
    private let log: Logger

    /// Wraps a transport.
    package init(_ transport: any CommandTransport, log: Logger) {
        self.transport = transport
        self.log = log
    }

    package func connect(to device: Device, within limit: Timespan) async throws(DriverError) -> any CommandSession {
        let start = ContinuousClock.now
        do throws(DriverError) {
            let session = try await transport.connect(to: device, within: limit)
            log.info("\(device.name) connected to \(device.address) in \(since(start))")
            return Session(session: session, device: device.name, log: log)
        } catch {
            log.info("\(device.name) not connected after \(since(start)): \(error)")
            throw error
        }
    }

    private struct Session: CommandSession {
        let session: any CommandSession
        let device: DeviceName
        let log: Logger

        func run(_ command: String, input: [UInt8], within limit: Timespan) async throws(DriverError) -> CommandResult {
            let start = ContinuousClock.now
            let what = command.split(separator: "\n").first.map { String($0.prefix(100)) } ?? ""
            do throws(DriverError) {
                let result = try await session.run(command, input: input, within: limit)
                log.info("\(device) ran `\(what)`: status \(result.status) after \(since(start))")
                for line in (result.text + result.errorText).split(separator: "\n").prefix(40) {
                    log.debug("\(device)   \(line)")
                }
                return result
            } catch {
                log.info("\(device) ran `\(what)`: \(error) after \(since(start))")
                throw error
            }
        }

        func close() async { await session.close() }
    }
}

private func since(_ start: ContinuousClock.Instant) -> String {
    "\(Int((ContinuousClock.now - start) / .milliseconds(1))) ms"
}

import Logging
package import RolloutEngine

/// Says to a log what is said to one device, how long it took and how it ended: with `-v` that it was, with `-vv` also what came
/// back. What is sent as input or to a prompt for a secret is never said.
package struct DeviceLog: Sendable {
    private let device: DeviceName
    private let address: String
    private let log: Logger
    private let secrets: DeviceSecrets

    /// So much of one answer is said, and of one command.
    private static let (mostLines, longestCommand) = (40, 200)

    init(_ device: Device, _ secrets: any SecretSource, to log: Logger) {
        (self.device, address) = (device.name, device.address)
        self.log = log
        self.secrets = DeviceSecrets(of: device, from: secrets)
    }

    /// Opens a session, and says how that ended where there is a log.
    package static func opening<Session: Sendable>(
        _ log: DeviceLog?, _ open: () async throws(DriverError) -> Session
    ) async throws(DriverError) -> Session {
        let start = ContinuousClock.now
        do throws(DriverError) {
            let session = try await open()
            log?.say("connected to \(log?.address ?? "") in \(span(since: start))")
            return session
        } catch {
            log?.say("not connected after \(span(since: start)): \(error)")
            throw error
        }
    }

    /// A command ended.
    package func ran(
        _ command: String, _ ending: String, since start: ContinuousClock.Instant,
        _ lines: some Sequence<some StringProtocol>
    ) {
        say("ran `\(Self.beginning(of: command))`: \(ending) after \(Self.span(since: start))")
        guard log.logLevel <= .debug else { return }
        for line in lines.prefix(Self.mostLines) { log.debug("\(device)   \(secrets.taken(outOf: String(line)))") }
    }

    /// What a command came to is not known, or it was refused.
    package func failed(_ command: String, _ error: DriverError, since start: ContinuousClock.Instant) {
        say("ran `\(Self.beginning(of: command))`: \(error) after \(Self.span(since: start))")
    }

    private func say(_ text: String) { log.info("\(device) \(secrets.taken(outOf: text))") }

    private static func beginning(of command: String) -> String {
        command.split(separator: "\n").first.map { String($0.prefix(longestCommand)) } ?? ""
    }

    private static func span(since start: ContinuousClock.Instant) -> String {
        "\(Int((ContinuousClock.now - start) / .milliseconds(1))) ms"
    }
}

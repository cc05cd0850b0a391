package import Logging
package import RolloutEngine

/// Where it is said what is said to devices, by device.
package struct DeviceLogs: Sendable {
    private let secrets: any SecretSource
    private let log: Logger

    /// Logs that end up in this one.
    ///
    /// - Parameter secrets: What lets us into devices; none of it is said.
    package init(secrets: any SecretSource, log: Logger) {
        self.secrets = secrets
        self.log = log
    }

    /// The log of a device.
    package subscript(device: Device) -> DeviceLog { DeviceLog(device, secrets, to: log) }
}

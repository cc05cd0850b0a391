package import RolloutEngine

/// Asks devices for their host keys.
package protocol HostKeyScanner: Sendable {
    /// The host key that a device offers, unjudged. To the device itself no credential is sent.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    func scanHostKey(of device: Device, within limit: Timespan) async throws(DriverError) -> HostKey
}

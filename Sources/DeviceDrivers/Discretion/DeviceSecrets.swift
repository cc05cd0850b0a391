package import RolloutEngine

/// The secrets that let us into one device, to be taken out of what it says: a device may show its own community, or say a
/// password back.
package struct DeviceSecrets: Sendable {
    private let values: [Secret]

    /// Shorter ones are left, and the communities that everybody knows: they stand in any text.
    private static let (shortest, known) = (4, ["public", "private"])

    /// Those that can be had; without one of them we are not let in, and the device cannot know it.
    package init(of device: Device, from source: any SecretSource) {
        let (ssh, snmp) = (device.ssh, device.snmp)
        let references = [
            ssh.password, ssh.keyPassphrase, ssh.enablePassword, snmp.community, snmp.authKey, snmp.privKey,
        ]
        // One may begin another: the longer ones are looked for first.
        values = references.compactMap { $0.flatMap { try? source.resolve($0) } }
            .filter { $0.reveal { $0.utf8.count >= Self.shortest && !Self.known.contains($0) } }
            .sorted { $0.reveal { $0.utf8.count } > $1.reveal { $0.utf8.count } }
    }

    /// A text with `***` where it held one of them.
    package func taken(outOf text: String) -> String {
        values.reduce(text) { text, secret in secret.reveal { text.replacing($0, with: "***") } }
    }

    /// An error without them.
    package func taken(outOf error: DriverError) -> DriverError {
        DriverError(error.code, taken(outOf: error.message), effect: error.effect)
    }
}

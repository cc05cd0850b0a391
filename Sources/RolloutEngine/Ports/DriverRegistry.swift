/// The drivers of this process, by platform.
public struct DriverRegistry: Sendable {
    private let drivers: [PlatformName: any DeviceDriver]

    /// Registers drivers; the first one that names a platform has it.
    public init(_ drivers: [any DeviceDriver]) {
        self.drivers = Dictionary(
            drivers.flatMap { driver in driver.platforms.map { ($0, driver) } }, uniquingKeysWith: { first, _ in first }
        )
    }

    /// The driver of a device's platform.
    ///
    /// - Throws: `DriverError` with `.unsupported` that lists the platforms there are.
    public func driver(for device: Device) throws(DriverError) -> any DeviceDriver {
        guard let driver = drivers[device.platform] else {
            let known = drivers.keys.sorted().map(\.rawValue).joined(separator: ", ")
            throw DriverError(
                .unsupported, "no driver speaks to platform '\(device.platform)'; there are: \(known)", effect: .none)
        }
        return driver
    }
}

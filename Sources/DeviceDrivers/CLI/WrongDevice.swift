import RolloutEngine

extension DriverError {
    /// A device answered, but not the one that was meant.
    static func wrongDevice(_ device: Device, answersAs hostname: String, effect: Effect = .none) -> DriverError {
        DriverError(
            .wrongDevice, "\(device.address) answers as '\(hostname.prefix(255))', expected '\(device.hostname)'",
            effect: effect)
    }
}

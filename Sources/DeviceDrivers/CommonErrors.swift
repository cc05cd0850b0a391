import RolloutEngine

// What more than one driver has to say.
extension DriverError {
    /// Something that a driver cannot do; nothing was sent that changes a device.
    static func unsupported(_ why: String) -> DriverError { DriverError(.unsupported, why, effect: .none) }

    /// A device answered, but not the one that was meant.
    static func wrongDevice(_ device: Device, answersAs hostname: String, effect: Effect = .none) -> DriverError {
        DriverError(
            .wrongDevice, "\(device.address) answers as '\(hostname.prefix(255))', expected '\(device.hostname)'",
            effect: effect)
    }
}

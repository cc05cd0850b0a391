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

    /// Refuses a device of another name.
    static func demandName(of device: Device, in observed: Observation) throws(DriverError) {
        guard observed.hostname == device.hostname else { throw wrongDevice(device, answersAs: observed.hostname) }
    }

    /// Refuses a device that is not the one that was meant, before anything is sent to it.
    static func demand(_ device: Device, in observed: Observation) throws(DriverError) {
        try demandName(of: device, in: observed)
        guard let mismatch = device.mismatch(with: observed) else { return }
        throw DriverError(
            .wrongDevice,
            "\(device.address): \(mismatch); was it replaced? Then plan again, with its serial number in the inventory if that"
                + " has one", effect: .none)
    }
}

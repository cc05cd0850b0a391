public import RolloutEngine

/// The way between a controller and simulated devices: it delays messages, loses them, or goes dead.
public protocol SimulatedWire: Sendable {
    /// A message is on its way to a device.
    ///
    /// - Throws: `DriverError` when it was lost, as its sender sees that.
    func carry(to device: Device, effect: DriverError.Effect) async throws(DriverError)
    /// An answer is on its way back.
    ///
    /// - Throws: `DriverError` when it was lost.
    func carry(from device: Device, effect: DriverError.Effect) async throws(DriverError)
}

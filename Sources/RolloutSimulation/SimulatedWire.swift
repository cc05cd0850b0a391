public import RolloutEngine

/// The way between a controller and simulated devices: it delays messages, loses them, or goes dead.
public protocol SimulatedWire: Sendable {
    /// The sender is about to send something that changes a device.
    ///
    /// - Throws: `DriverError` when it cannot.
    func reach(_ device: Device, effect: DriverError.Effect) async throws(DriverError)
    /// A message is on its way to a device.
    ///
    /// - Parameter isChange: Whether it changes the device, or only reads.
    /// - Returns: How often it arrives.
    /// - Throws: `DriverError` when it was lost, as its sender sees that.
    @discardableResult
    func carry(to device: Device, isChange: Bool, effect: DriverError.Effect) async throws(DriverError) -> Int
    /// An answer is on its way back.
    ///
    /// - Throws: `DriverError` when it was lost.
    func carry(from device: Device, effect: DriverError.Effect) async throws(DriverError)
}

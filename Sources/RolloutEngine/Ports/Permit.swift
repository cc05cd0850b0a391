/// The right to change devices. It can end at any moment, so it is asked for right before anything is sent that may change one:
/// a process that stood still meanwhile must not go on where it left off.
public struct Permit: Sendable {
    private let isGiven: @Sendable () -> Bool

    /// A right that is there as long as this says so.
    public init(_ isGiven: @escaping @Sendable () -> Bool) { self.isGiven = isGiven }

    /// For who works by hand on one device.
    public static let always = Permit { true }

    /// Whether it may be sent.
    ///
    /// - Throws: `DriverError` with `.leaseOver` and what was done so far.
    public func demand(effect: DriverError.Effect) throws(DriverError) {
        if isGiven() || PlantedBug.isPlanted(.ignoresLapsedLease) { return }
        throw DriverError(
            .leaseOver, "the right to drive this rollout ran out before the next command, which was not sent",
            effect: effect)
    }
}

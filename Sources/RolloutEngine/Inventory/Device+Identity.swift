extension Device {
    /// Why what answered is not this device, in words; nil when it is.
    ///
    /// Its hostname must be the one that is expected, and so must its serial number, where one is. A device that does not say its
    /// serial number is not taken for one that should have a certain one.
    public func mismatch(with observed: Observation) -> String? {
        guard observed.hostname == hostname else {
            return "it says its hostname is '\(observed.hostname)', the inventory says '\(hostname)'"
        }
        guard let serial, observed.serial != serial else { return nil }
        let said = observed.serial.map { "it says its serial number is '\($0)'" } ?? "it does not say its serial number"
        return "\(said), expected is '\(serial)'"
    }
}

/// Devices of one model that run one firmware: what fails on two of them probably fails on all.
public struct Cohort: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// The model, as the devices say it.
    public var model: String
    /// The firmware, as the devices say it.
    public var firmware: String

    /// Names a cohort.
    public init(model: String, firmware: String) {
        self.model = model
        self.firmware = firmware
    }

    /// `DCS-7050 / 4.31.2F`, the name by which an operator releases it.
    public var description: String { "\(model) / \(firmware)" }

    /// By model, then by firmware.
    public static func < (left: Self, right: Self) -> Bool {
        left.model != right.model
            ? naturallyPrecedes(left.model, right.model) : naturallyPrecedes(left.firmware, right.firmware)
    }
}

/// A cohort to which nothing more is pushed.
public struct CohortHold: Hashable, Codable, Sendable {
    /// Which one.
    public var cohort: Cohort
    /// The devices of it that failed.
    public var failed: [DeviceName]
    /// Since when.
    public var since: Instant
}

/// What a changed device has to carry before its rollout is done: its first evening peaks, while it is watched.
public struct PeakRule: Hashable, Codable, Sendable {
    /// The hours of the peak, in the time zone of each datacentre.
    public var hours: MaintenanceWindow
    /// How many whole peaks it has to carry: 1 to 3.
    public var days: Int
    /// At most so many devices may be in debt at once, over all rollouts of a store.
    public var devices: Int?
    /// The same, as a share of the devices that a plan changes; the smaller binds.
    public var share: Share?

    /// One whole peak.
    public init(hours: MaintenanceWindow, days: Int = 1, devices: Int? = nil, share: Share? = nil) {
        self.hours = hours
        self.days = days
        self.devices = devices
        self.share = share
    }

    /// How many devices may be in debt at once, of a plan that changes so many.
    public func cap(of planned: Int) -> Int {
        let part = share.map { max(1, Int(Double(planned) * $0.fraction)) }
        return min(devices ?? .max, part ?? .max)
    }
}

/// How what devices hold differs from what rollouts confirmed.
public struct DriftReport: Codable, Sendable {
    /// One device.
    public struct Item: Codable, Sendable {
        /// Which one.
        public var device: DeviceName
        /// Its platform.
        public var platform: PlatformName
        /// The rollout that confirmed a change of it last, and when; nil when none ever did.
        public var rollout: RolloutID?
        /// When it was confirmed.
        public var confirmedAt: Instant?
        /// How it stands.
        public var standing: Standing
        /// From what was confirmed to what is there; nil unless it drifted.
        public var difference: ConfigDiff?
        /// A revert timer that is armed on it by nobody whose rollout this store knows to be going on.
        public var foreignTimer: String?
        /// What went wrong, or what is under way, in words.
        public var detail: String?
    }

    /// How a device stands.
    public enum Standing: String, Codable, CaseIterable, Sendable {
        /// It holds something else than what was confirmed.
        case drifted
        /// It was not read: nobody knows what it holds.
        case unread
        /// A rollout has not left it yet.
        case underWay = "under_way"
        /// No rollout ever confirmed a change of it.
        case neverChanged = "never_changed"
        /// It holds what was confirmed.
        case asConfirmed = "as_confirmed"
    }

    /// The devices, in the order in which they were given.
    public var devices: [Item]

    /// Compares readings with the record.
    ///
    /// - Parameter readings: What each device said, or why it said nothing.
    public init(_ record: FleetRecord, _ readings: [(device: Device, reading: Result<Observation, DriverError>)]) {
        devices = readings.map { Self.item(record, $0.device, $0.reading) }
    }

    /// The devices that stand like this.
    public func devices(standing: Standing) -> [Item] { devices.filter { $0.standing == standing } }

    /// Whether a device holds something that nobody confirmed, or may do so soon.
    public var hasDrift: Bool { devices.contains { $0.standing == .drifted || $0.foreignTimer != nil } }

    private static func item(
        _ record: FleetRecord, _ device: Device, _ reading: Result<Observation, DriverError>
    ) -> Item {
        let confirmed = record[device.name]
        var item = Item(
            device: device.name, platform: device.platform, rollout: confirmed?.rollout, confirmedAt: confirmed?.at,
            standing: .unread)
        let observed: Observation
        switch reading {
        case .success(let observation): observed = observation
        case .failure(let error):
            item.detail = error.description
            return item
        }
        if let mismatch = device.mismatch(with: observed) {
            item.detail = mismatch
            return item
        }
        if let timer = observed.pendingRevert, !record.ownMarks.contains(timer.mark) {
            let remaining = timer.remaining.map { ", due in \($0)" } ?? ""
            item.foreignTimer = "\(timer.mark)\(remaining)"
        }
        if let rollout = record.underWay[device.name] {
            item.standing = .underWay
            item.detail = "rollout \(rollout) has not left it yet"
        } else if let confirmed {
            let difference = ConfigDiff(from: confirmed.config, to: observed.config)
            item.standing = difference.isEmpty ? .asConfirmed : .drifted
            if !difference.isEmpty { item.difference = difference }
        } else {
            item.standing = .neverChanged
        }
        return item
    }
}

/// What the rollouts of a store say each device holds: the configurations that were last confirmed, section by section.
public struct FleetRecord: Sendable {
    /// What one device was last proved to hold.
    public struct Confirmed: Hashable, Sendable {
        /// The rollout that confirmed last.
        public fileprivate(set) var rollout: RolloutID
        /// When it did.
        public fileprivate(set) var at: Instant
        /// Every section that a rollout confirmed, each as it was confirmed last.
        public fileprivate(set) var config: DeviceConfig
    }

    private var sections: [DeviceName: [String: (at: Instant, section: DeviceConfig.Section)]] = [:]
    private var latest: [DeviceName: (rollout: RolloutID, at: Instant)] = [:]
    /// The rollout that has not left a device yet: what it holds is not settled.
    public private(set) var underWay: [DeviceName: RolloutID] = [:]
    /// The marks of the revert timers that rollouts without an end may have armed.
    public private(set) var ownMarks: Set<String> = []

    /// Nothing is known yet.
    public init() {}

    /// Takes in a rollout. Rollouts may come in any order.
    public mutating func take(_ id: RolloutID, plan: Plan, digest: Digest, state: RolloutState) {
        if state.ending == nil { ownMarks.insert(PushOrder.mark(of: id, planDigest: digest)) }
        for planned in plan.devices {
            guard let target = planned.target else { continue }
            let name = planned.device.name
            let device = state[name]
            if device.isUnsettled || device.isUnknown { underWay[name] = id }
            guard device.phase == .confirmed, let at = device.since else { continue }
            if at >= latest[name]?.at ?? at { latest[name] = (id, at) }
            for section in target.desired.sections where at >= sections[name]?[section.name]?.at ?? at {
                sections[name, default: [:]][section.name] = (at, section)
            }
        }
    }

    /// What a device was last proved to hold; nil when no rollout ever confirmed a change of it.
    public subscript(device: DeviceName) -> Confirmed? {
        guard let latest = latest[device], let own = sections[device] else { return nil }
        let inOrder = own.sorted { naturallyPrecedes($0.key, $1.key) }.map(\.value.section)
        return Confirmed(rollout: latest.rollout, at: latest.at, config: DeviceConfig(sections: inOrder))
    }
}

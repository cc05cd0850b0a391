/// The devices that show what the fleet does without the change, and the time in which a wave is compared with them. Pure.
public struct ControlGroup: Hashable, Sendable {
    /// The devices that were not touched since `before` began, whatever was done to them earlier, and are watched.
    ///
    /// Those of the wave's own product range are taken when there are at least two of them, as they carry the same kind of
    /// traffic; else all of them.
    public var devices: [Device]
    /// The time before the wave: the policy's baseline.
    ///
    /// When every other device was changed within the baseline (a small fleet, or the end of a rollout), it is as much of it
    /// as at least one of them was left alone, provided that is as long as the soak it is compared with.
    public var before: Verdict.Window

    /// The devices to compare `wave` with, whose first device was changed at `start`.
    public init(beside wave: Wave, of plan: Plan, in state: RolloutState, startedAt start: Instant) {
        let treated = Set(wave.devices)
        // Their places in the plan, as it is asked often and a device is large.
        var candidates: [(place: Int, lastTouched: Instant)] = []
        for place in plan.devices.indices {
            let name = plan.devices[place].device.name
            guard plan.devices[place].device.isWatched,
                !treated.contains(name) || PlantedBug.isPlanted(.comparesWithItself)
            else { continue }
            let its = state[name]
            if its.isUnsettled { continue }
            // A change moves traffic for a while after it is confirmed.
            candidates.append((place, max(its.changedAt ?? .distantPast, its.since ?? .distantPast)))
        }
        var before = Verdict.Window(from: start - plan.policy.watch.baseline, to: start)
        if let quietSince = candidates.map(\.lastTouched).min(), quietSince >= before.from,
            quietSince + wave.soak <= start
        {
            before.from = quietSince + .milliseconds(1)
        }
        let untouched = candidates.filter {
            $0.lastTouched < before.from || PlantedBug.isPlanted(.comparesWithTouched)
        }
        let alike = untouched.filter { plan.devices[$0.place].device.range == wave.range }
        devices = (alike.count >= 2 ? alike : untouched).map { plan.devices[$0.place].device }
        self.before = before
    }

    /// At most so many of them, from everywhere in the list.
    static func some(of devices: [Device], atMost most: Int) -> [Device] {
        guard devices.count > most else { return devices }
        return (0..<most).map { devices[$0 * devices.count / most] }
    }
}

extension Instant {
    /// Before everything that this tool can have done.
    static let distantPast = Instant(milliseconds: .min / 2)
}

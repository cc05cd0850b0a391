/// Chooses the devices that show what the fleet does without the change. Pure.
public enum ControlGroup {
    /// The devices that were not touched since `start`, whatever was done to them before, and are watched.
    ///
    /// Those of the wave's own product range are taken when there are at least two of them, as they carry the same kind of
    /// traffic; else all of them.
    public static func members(beside wave: Wave, of plan: Plan, in state: RolloutState, untouchedSince start: Instant)
        -> [Device]
    {
        let treated = Set(wave.devices)
        let candidates = plan.devices.map(\.device).filter { device in
            guard !treated.contains(device.name), device.watchedAgent != nil else { return false }
            let known = state[device.name]
            guard !known.isUnsettled else { return false }
            // A change moves traffic for a while after it is confirmed.
            return max(known.changedAt ?? .distantPast, known.since ?? .distantPast) < start
        }
        let alike = candidates.filter { $0.range == wave.range }
        return alike.count >= 2 ? alike : candidates
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

internal import Foundation
internal import RolloutEngine

// What the referee asks of hours: nothing begins outside a window, or so late that it could not be proved and put back in it.
extension RefereeNotes {
    /// - Parameter wallClock: What the clock of the machine showed on which it was decided.
    mutating func checkWindows(
        _ what: (device: DeviceName?, wave: Int?), _ decidedAt: Instant, _ wallClock: Instant, _ now: Instant
    ) {
        // Who stood still between deciding and writing decided in time.
        if stoodStillUntil > startedAt, decidedAt - stoodStillUntil < .seconds(5) { return }
        // A write takes a few milliseconds: it was decided by what the clock showed before it was set.
        if let clockMovedAt, decidedAt - clockMovedAt < .milliseconds(20) { return }
        let wave = what.wave.flatMap { self.wave($0) } ?? what.device.flatMap { waveOf[$0] }
        guard let wave else { return }
        let devices = what.device.map { [$0] } ?? wave.devices
        let places = Set(devices.compactMap { planned[$0]?.device.datacentre })
        let deadlines = plan.policy.deadlines
        let needed = wave.soak + deadlines.push + deadlines.confirm + deadlines.rollBack
        for datacentre in plan.datacentres where places.contains(datacentre.name) {
            guard let window = datacentre.window, let zone = TimeZone(identifier: datacentre.timeZone) else { continue }
            guard let left = window.left(at: wallClock, in: zone) else { continue }
            if left + .seconds(2) < needed {
                let begins = what.device.map { "\($0) is pushed" } ?? "wave \(wave.index) starts"
                broken("window", "\(begins) \(left) before the window of \(datacentre.name) closes", at: now)
            }
        }
    }
}

extension Fact {
    /// The device or the wave with which something new begins by this fact.
    var beginning: (device: DeviceName?, wave: Int?)? {
        switch self {
        case .waveStarted(let wave): (nil, wave)
        case .intent(let step) where step.kind == .push: (step.device, nil)
        default: nil
        }
    }
}

extension MaintenanceWindow {
    /// How long it is still open; zero when it is not. Nil in a night in which clocks are changed: that is no matter of a moment.
    fileprivate func left(at instant: Instant, in zone: TimeZone) -> Timespan? {
        let date = Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)
        let offset = zone.secondsFromGMT(for: date)
        guard offset == zone.secondsFromGMT(for: date + 86_400), offset == zone.secondsFromGMT(for: date - 86_400)
        else {
            return nil
        }
        let local = instant.milliseconds + Int64(offset) * 1000
        let day = 86_400_000 as Int64
        let time = local % day
        let (start, end) = (Int64(startMinute) * 60_000, Int64(endMinute) * 60_000)
        // The first of January 1970 was a Thursday, which is the fourth day.
        let today = Int((local / day + 3) % 7) + 1
        let yesterday = (today + 5) % 7 + 1
        if end <= start, days.contains(yesterday), time < end { return Timespan(milliseconds: end - time) }
        guard days.contains(today), time >= start else { return .zero }
        if end <= start { return Timespan(milliseconds: day - time + end) }
        return time < end ? Timespan(milliseconds: end - time) : .zero
    }
}

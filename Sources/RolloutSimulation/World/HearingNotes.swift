internal import RolloutEngine

/// What the referee notes about readings: since when there have been any, and of whom none can have come. Pure.
struct HearingNotes: Sendable {
    /// Since when agents have been read without a long gap.
    private(set) var watchedSince: Instant?
    private var lastReadAt: Instant?
    private var unheardUntil: [DeviceName: Instant] = [:]
    private var faults: [DeviceName: [Fault: Int]] = [:]

    /// Some agent was read.
    mutating func isRead(at now: Instant, poll: Timespan) {
        if lastReadAt.map({ now - $0 > poll * 4 }) ?? true { watchedSince = now }
        lastReadAt = now
    }

    /// Nothing that is read of a device before then says anything.
    mutating func isUnheard(_ device: DeviceName, until instant: Instant) {
        unheardUntil[device] = max(unheardUntil[device] ?? instant, instant)
    }

    mutating func begins(_ fault: Fault, on device: DeviceName) {
        faults[device, default: [:]][fault, default: 0] += 1
    }

    /// Since when a fault that began then can have been heard of by now; nil if it came before, so that nobody can tell whether
    /// it was there all along.
    func heard(_ fault: Fault, on device: DeviceName, since start: Instant) -> Instant? {
        guard faults[device]?[fault] == 1 else { return nil }
        return max(start, unheardUntil[device] ?? start)
    }
}

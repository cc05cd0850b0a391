internal import RolloutEngine

/// What the referee notes about what devices truly held: when they were off their base, when somebody changed them, when their
/// interfaces were down, when they restarted. In true time. Pure.
struct HoldingNotes: Sendable {
    /// When each device was off its base, oldest first; the last may still go on.
    private var spans: [DeviceName: [Span]] = [:]
    /// When a process last changed what a device holds.
    private(set) var touchedAt: [DeviceName: Instant] = [:]
    /// When the interfaces of a device were down, and came back.
    private var outages: [DeviceName: [Verdict.Window]] = [:]
    /// When a device last restarted.
    private(set) var restartedAt: [DeviceName: Instant] = [:]

    private struct Span {
        var from: Instant
        /// Until when at the latest: it was put back then, or its timer goes off.
        var to: Instant?
    }

    /// Somebody changed a device.
    ///
    /// - Parameters:
    ///   - wasOff: Whether it was off its base before, and `isOff` whether it is now.
    ///   - deadline: When its timer goes off; nil when none is armed.
    mutating func changes(
        _ device: DeviceName, wasOff: Bool, isOff: Bool, deadline: Instant?, byProcess: Bool, at now: Instant
    ) {
        if byProcess && wasOff != isOff { touchedAt[device] = now }
        // Its timer went off since it was last seen.
        if !wasOff { close(device, at: now) }
        if isOff && !wasOff { spans[device, default: []].append(Span(from: now)) }
        if isOff, let last = spans[device]?.indices.last { spans[device]?[last].to = deadline }
        if !isOff { close(device, at: now) }
    }

    /// A device restarts: what nobody confirmed is gone.
    mutating func restarts(_ device: DeviceName, at now: Instant) {
        restartedAt[device] = now
        if let last = spans[device]?.last, last.to != nil { close(device, at: now) }
    }

    private mutating func close(_ device: DeviceName, at now: Instant) {
        guard let last = spans[device]?.indices.last, let span = spans[device]?[last] else { return }
        spans[device]?[last].to = min(span.to ?? now, now)
    }

    /// How much of a span a device was off its base.
    func offBase(_ device: DeviceName, in window: Verdict.Window) -> Timespan {
        (spans[device] ?? []).reduce(.zero) { sum, span in
            sum + max(.zero, min(span.to ?? window.to, window.to) - max(span.from, window.from))
        }
    }

    mutating func wasDown(_ device: DeviceName, from start: Instant, to end: Instant) {
        outages[device, default: []].append(Verdict.Window(from: start, to: end))
    }

    /// The last time the interfaces of a device were down and came back.
    func lastOutage(of device: DeviceName) -> Verdict.Window? { outages[device]?.last }
}

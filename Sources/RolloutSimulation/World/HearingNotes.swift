internal import RolloutEngine

/// What the referee notes about readings: since when there have been any, and of whom none can have come. Pure.
struct HearingNotes: Sendable {
    /// Since when agents have been read without a long gap.
    private(set) var watchedSince: Instant?
    private var lastReadAt: Instant?
    private var unheardUntil: [DeviceName: Instant] = [:]
    /// The readings of each device's agent, oldest first, as far back as anything is judged by them.
    private var readings: [DeviceName: [Reading]] = [:]
    private var faults: [DeviceName: [Fault: Int]] = [:]

    /// Some agent was read.
    mutating func isRead(at now: Instant, poll: Timespan) {
        if lastReadAt.map({ now - $0 > poll * 4 }) ?? true { watchedSince = now }
        lastReadAt = now
    }

    private struct Reading {
        var at: Instant
        var isAnswered: Bool
        var reader: String
    }

    /// A process read the agent of a device.
    mutating func isRead(_ device: DeviceName, by reader: String, isAnswered: Bool, at now: Instant) {
        readings[device, default: []].append(Reading(at: now, isAnswered: isAnswered, reader: reader))
        if readings[device, default: []].count > 500 { readings[device]?.removeFirst(250) }
    }

    /// When the agent of a device answered within a span: to one process, or to any.
    func answers(of device: DeviceName, in span: Verdict.Window, to reader: String? = nil) -> [Instant] {
        (readings[device] ?? []).filter { reading in
            reading.isAnswered && reading.at >= span.from && reading.at <= span.to
                && (reader ?? reading.reader) == reading.reader
        }.map(\.at)
    }

    /// How many of so many readings in a row were answered, at best: of the newest, or without those that nobody may have looked at
    /// since. Nil where there were fewer.
    func mostAnswered(of device: DeviceName, among count: Int, surelySeenBy seen: Instant) -> Int? {
        let known = readings[device] ?? []
        let unseen = min(2, known.reversed().prefix { $0.at > seen }.count)
        guard known.count >= count + unseen else { return nil }
        return (0...unseen).map { known.dropLast($0).suffix(count).count { $0.isAnswered } }.max()
    }

    /// Nothing that is read of a device before then says anything.
    mutating func isUnheard(_ device: DeviceName, until instant: Instant) {
        unheardUntil[device] = max(unheardUntil[device] ?? instant, instant)
    }

    mutating func begins(_ fault: Fault, on device: DeviceName) {
        faults[device, default: [:]][fault, default: 0] += 1
    }

    /// Whether a fault came once only, so that what is known of it is not blurred by another of its kind.
    func isFirst(_ fault: Fault, on device: DeviceName) -> Bool { faults[device]?[fault] == 1 }

    /// Since when a fault that began then can have been heard of by now; nil if it came before, so that nobody can tell whether
    /// it was there all along.
    func heard(_ fault: Fault, on device: DeviceName, since start: Instant) -> Instant? {
        guard isFirst(fault, on: device) else { return nil }
        return max(start, unheardUntil[device] ?? start)
    }
}

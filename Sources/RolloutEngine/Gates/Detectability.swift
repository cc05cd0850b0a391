import Foundation

/// How small a drop of a wave's traffic can be told from chance: by how long it is watched, how often it is read, how many
/// interfaces it has, and how restless these are. Pure.
public struct Detectability: Hashable, Codable, Sendable {
    /// The usual size of one interface's own change from the time before to the soak, as a natural logarithm.
    public var deviation: Double
    /// Whether that rests on what was measured on these devices; else on what is usual.
    public var isMeasured: Bool

    /// What is to be expected of these devices, by their history where it knows two thirds of them.
    ///
    /// - Parameters:
    ///   - before: How long the time before is.
    ///   - soak: How long the time is that is judged.
    ///   - poll: The time between two readings.
    public init(
        of devices: [DeviceName], in history: TrafficHistory?, before: Timespan, soak: Timespan, poll: Timespan
    ) {
        let names = Set(devices)
        let known = (history?.spreads ?? []).filter { names.contains($0.device) }
        let now = Self.spread(before, soak, poll)
        guard let history, let measured = Median.of(known.map(\.deviation)),
            Set(known.map(\.device)).count * 3 >= names.count * 2
        else {
            isMeasured = false
            deviation = now
            return
        }
        isMeasured = true
        // Measured over other lengths of time, it is carried over as what is usual would be.
        deviation = measured * now / Self.spread(history.before, history.after, .zero)
    }

    /// The smallest drop that is told from chance nineteen times of twenty, with one false alarm in a hundred.
    ///
    /// - Parameters:
    ///   - wave: How many interfaces of the wave are watched.
    ///   - control: How many are beside it that nobody touches.
    public func smallestDrop(wave: Int, control: Int) -> Share {
        guard wave > 0, control > 0, deviation.isFinite else { return Share(fraction: 1) }
        return Share(fraction: 1 - exp(-Self.clearance * error(wave, control)))
    }

    /// How many interfaces a wave needs to see a drop of this size; nil when no number is enough beside so few others.
    public func waveSize(toSee drop: Share, control: Int) -> Int? {
        (1...1000).first { smallestDrop(wave: $0, control: control) <= drop }
    }

    private func error(_ wave: Int, _ control: Int) -> Double {
        deviation * (1 / Double(wave) + 1 / Double(control)).squareRoot()
    }

    /// 2.33 deviations for one false alarm in a hundred, 1.64 more for one miss in twenty.
    private static let clearance = 3.97

    // MARK: What is usual

    /// The usual size of a change from one time to another; infinite when one of them holds too few readings.
    private static func spread(_ before: Timespan, _ soak: Timespan, _ poll: Timespan) -> Double {
        (variance(before, poll) + variance(soak, poll)).squareRoot()
    }

    /// How far the level of one interface over some time usually lies from where it belongs, squared: bursts average out the longer it
    /// is watched, slow changes do not, and an agent's cache may hold back some seconds of it. Of the readings the first only
    /// says where counting begins.
    private static func variance(_ time: Timespan, _ poll: Timespan) -> Double {
        let seconds = time.seconds - poll.seconds
        guard seconds > 0, seconds >= 2 * poll.seconds else { return .infinity }
        let cache = cacheSeconds / seconds
        return drift * drift + bursts * bursts * slice / seconds + cache * cache
    }

    /// The median interface of a campus, as measured over five minutes to two hours (docs/gate-rehearsal.md): what it does by itself
    /// hardly averages out. Other networks differ: `plan --history` measures the devices' own.
    private static let drift = 0.32
    private static let bursts = 0.1
    private static let slice = 300.0
    /// What net-snmp keeps, the longest that is common.
    private static let cacheSeconds = 3.0
}

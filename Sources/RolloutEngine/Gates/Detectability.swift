import Foundation

/// How small a drop of a wave's traffic can be told from chance. Pure.
public struct Detectability: Hashable, Codable, Sendable {
    /// The usual size of one interface's own changes, as a natural logarithm.
    public var deviation: Double
    /// Whether that was measured on these devices; else it is `usualDeviation`.
    public var isMeasured: Bool

    /// What is taken where nothing was measured: an interface's traffic differs by 30 % from what all others do. An assumption, not a
    /// measurement: give `plan --history` to have the devices' own.
    public static let usualDeviation = 0.3

    /// What is known of these devices, or what is usual.
    public init(of devices: [DeviceName], in history: TrafficHistory?) {
        let names = Set(devices)
        let known = (history?.spreads ?? []).filter { names.contains($0.device) }.map(\.deviation)
        isMeasured = known.count * 3 >= names.count * 2 && !known.isEmpty
        deviation = isMeasured ? TrafficLevel.median(known) ?? Self.usualDeviation : Self.usualDeviation
    }

    /// The smallest drop that is told from chance nineteen times of twenty, with one false alarm in a hundred.
    public func smallestDrop(wave: Int, control: Int) -> Share {
        guard wave > 0, control > 0 else { return Share(fraction: 1) }
        return Share(fraction: 1 - exp(-Self.clearance * error(wave, control)))
    }

    /// How large a wave must be to see a drop of this size; nil when no wave is large enough beside so few others.
    public func waveSize(toSee drop: Share, control: Int) -> Int? {
        (1...1000).first { smallestDrop(wave: $0, control: control) <= drop }
    }

    private func error(_ wave: Int, _ control: Int) -> Double {
        deviation * (1 / Double(wave) + 1 / Double(control)).squareRoot()
    }

    /// 2.33 deviations for one false alarm in a hundred, 1.64 more for one miss in twenty.
    private static let clearance = 3.97
}

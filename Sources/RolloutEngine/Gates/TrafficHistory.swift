import Foundation

/// How restless the traffic of each interface was while nothing was changed: by how much it differed between a time before and
/// a time after, from what all others did meanwhile. Pure.
///
/// Links differ a hundredfold in this. Knowing it, a gate hears the calm ones and is not deafened by the restless ones.
public struct TrafficHistory: Hashable, Codable, Sendable {
    /// How long the time before was.
    public var before: Timespan
    /// How long the time after was.
    public var after: Timespan
    /// How many pairs of them were looked at.
    public var spans: Int
    /// By device and interface, in the order of their names.
    public var spreads: [Spread]

    /// The restlessness of one interface.
    public struct Spread: Hashable, Codable, Sendable {
        /// The device.
        public var device: DeviceName
        /// The interface, by ifName.
        public var interface: String
        /// The usual size of its own changes, as a natural logarithm: 0.1 is about 10 %.
        public var deviation: Double

        /// The restlessness of one interface.
        public init(device: DeviceName, interface: String, deviation: Double) {
            self.device = device
            self.interface = interface
            self.deviation = deviation
        }
    }

    /// Restlessness that was measured elsewhere.
    public init(before: Timespan, after: Timespan, spans: Int, spreads: [Spread]) {
        self.before = before
        self.after = after
        self.spans = spans
        self.spreads = spreads
    }

    /// Fewer pairs than this say nothing of an interface.
    public static let enoughSpans = 6

    /// Measures it from readings of a time in which nothing was changed; nil when they are too few.
    ///
    /// - Parameters:
    ///   - samples: Oldest first for each subject.
    ///   - before: How long the time before a wave will be.
    ///   - after: How long its soak will be.
    public init?(
        of devices: [Device], in samples: [WatchedAgent.Subject: [CounterSample]], before: Timespan, after: Timespan
    ) {
        let watched = devices.sorted { $0.name < $1.name }.flatMap { device in
            device.interfaces.map { (device.name, $0, RateSeries(of: $0, in: samples[.device(device.name)] ?? [])) }
        }
        let all = devices.compactMap { samples[.device($0.name)] }
        guard let start = all.compactMap(\.first?.at).min(), let end = all.compactMap(\.last?.at).max(),
            after > .zero, before > .zero
        else { return nil }
        var own = [[Double]](repeating: [], count: watched.count)
        var spans = 0
        var moment = start + before
        while moment + after <= end {
            let changes = watched.map { _, _, series in
                TrafficLevel.change(
                    of: series, from: Verdict.Window(from: moment - before, to: moment),
                    to: Verdict.Window(from: moment, to: moment + after))
            }
            if let middle = TrafficLevel.median(changes.compactMap(\.self)) {
                spans += 1
                for (index, change) in changes.enumerated() {
                    if let change { own[index].append(change - middle) }
                }
            }
            moment = moment + after
        }
        let spreads = zip(watched, own).compactMap { watched, changes -> Spread? in
            guard changes.count >= Self.enoughSpans else { return nil }
            return Spread(device: watched.0, interface: watched.1, deviation: Self.deviation(changes))
        }
        guard !spreads.isEmpty else { return nil }
        self.init(before: before, after: after, spans: spans, spreads: spreads)
    }

    /// What is known of an interface.
    func deviation(of device: DeviceName, _ interface: String) -> Double? {
        spreads.first { $0.device == device && $0.interface == interface }?.deviation
    }

    /// The larger of what is usual and what happens at all: an interface that is calm but for an outbreak now and then is not calm.
    private static func deviation(_ changes: [Double]) -> Double {
        let clipped = changes.map { min(1.5, max(-1.5, $0)) }
        let square = (clipped.reduce(0) { $0 + $1 * $1 } / Double(clipped.count)).squareRoot()
        let usual = (TrafficLevel.median(changes.map(abs)) ?? 0) * 1.4826
        return max(0.05, square, usual)
    }
}

/// What an interface carried, on a logarithmic scale. Pure.
enum TrafficLevel {
    /// The mean logarithm of what was carried in slices of about five minutes: one burst moves one slice only.
    static func level(of series: RateSeries, in window: Verdict.Window) -> Double? {
        let count = max(1, Int64((window.length.seconds / 300).rounded(.down)))
        let length = window.length.milliseconds / count
        var sum = 0.0
        var known = 0
        for number in 0..<count {
            let from = window.from + .milliseconds(length * number)
            let slice = Verdict.Window(from: from, to: number == count - 1 ? window.to : from + .milliseconds(length))
            guard let bits = series.average(in: slice)?.bits else { continue }
            sum += log(max(bits, 1))
            known += 1
        }
        return known * 2 > count ? sum / Double(known) : nil
    }

    /// The change from one time to another.
    static func change(of series: RateSeries, from before: Verdict.Window, to after: Verdict.Window) -> Double? {
        guard let before = level(of: series, in: before), let after = level(of: series, in: after) else { return nil }
        return after - before
    }

    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

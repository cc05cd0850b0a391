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
    public private(set) var spreads: [Spread]

    /// The restlessness of one interface.
    public struct Spread: Hashable, Codable, Sendable {
        /// The device.
        public var device: DeviceName
        /// The interface, by ifName.
        public var interface: String
        /// The usual size of its own changes, as a natural logarithm: 0.1 is about 10 %.
        public var deviation: Double
        /// The same of the hours of the day alone, 24 of them in UTC, where enough is known of an hour; nil where it is of none.
        public var daily: [Double?]?
        /// The same of the hours of Mondays to Fridays.
        public var weekdays: [Double?]?
        /// The same of the hours of Saturdays and Sundays.
        public var weekends: [Double?]?
        /// The least that it carried on average over a time as long as `after`, in bit/s; nil where an earlier version measured it.
        public var quietest: Double?

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
        self.spreads = spreads.sorted { $0.device < $1.device }
    }

    /// Reads one, in whatever order an earlier version wrote it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            before: try container.decode(Timespan.self, forKey: .before),
            after: try container.decode(Timespan.self, forKey: .after),
            spans: try container.decode(Int.self, forKey: .spans),
            spreads: try container.decode([Spread].self, forKey: .spreads))
    }

    /// Fewer pairs than this say nothing of an interface.
    public static let enoughSpans = 6
    /// Nor do those of fewer days say anything of an hour.
    public static let enoughDays = 3

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
        var own = [[(at: Instant, change: Double)]](repeating: [], count: watched.count)
        var quietest = [Double?](repeating: nil, count: watched.count)
        var spans = 0
        var moment = start + before
        while moment + after <= end {
            let window = Verdict.Window(from: moment, to: moment + after)
            let changes = watched.map { _, _, series in
                TrafficLevel.change(
                    of: series, from: Verdict.Window(from: moment - before, to: moment), to: window)
            }
            for (index, (_, _, series)) in watched.enumerated() {
                guard let bits = series.average(in: window)?.bits else { continue }
                quietest[index] = min(quietest[index] ?? bits, bits)
            }
            if let middle = Median.of(changes.compactMap(\.self)) {
                spans += 1
                for (index, change) in changes.enumerated() {
                    if let change { own[index].append((moment, change - middle)) }
                }
            }
            moment = moment + after
        }
        let spreads = watched.indices.compactMap { index -> Spread? in
            let (watched, changes) = (watched[index], own[index])
            guard changes.count >= Self.enoughSpans else { return nil }
            var spread = Spread(
                device: watched.0, interface: watched.1, deviation: Self.deviation(changes.map(\.change)))
            spread.daily = Self.hours(changes)
            spread.weekdays = Self.hours(changes.filter { !Part.isWeekend($0.at) })
            spread.weekends = Self.hours(changes.filter { Part.isWeekend($0.at) })
            spread.quietest = quietest[index].map { $0.rounded() }
            return spread
        }
        guard !spreads.isEmpty else { return nil }
        self.init(before: before, after: after, spans: spans, spreads: spreads)
    }

    /// How restless an interface was, by a part of the history.
    func deviation(of device: DeviceName, _ interface: String, by part: Part = .all) -> Double? {
        let own = spread(of: device, interface)
        switch part {
        case .all: return own?.deviation
        case .hour(let hour): return own?.daily.flatMap { Self.value(of: hour, in: $0) }
        case .hourOfWeekdays(let hour): return own?.weekdays.flatMap { Self.value(of: hour, in: $0) }
        case .hourOfWeekends(let hour): return own?.weekends.flatMap { Self.value(of: hour, in: $0) }
        }
    }

    /// What is known of an interface.
    func spread(of device: DeviceName, _ interface: String) -> Spread? {
        // Found by halving: they are in the order of their devices, and a fleet has many.
        var low = 0
        var high = spreads.count
        while low < high {
            let middle = (low + high) / 2
            if spreads[middle].device < device { low = middle + 1 } else { high = middle }
        }
        return spreads[low...].prefix { $0.device == device }.first { $0.interface == interface }
    }

    private static func value(of hour: Int, in hours: [Double?]) -> Double? {
        hours.indices.contains(hour) ? hours[hour] : nil
    }

    /// Hour by hour, where enough is known of one.
    private static func hours(_ changes: [(at: Instant, change: Double)]) -> [Double?]? {
        let byHour = Dictionary(grouping: changes) { Part.hourOfDay($0.at) }
        let hours = (0..<24).map { hour -> Double? in
            let own = byHour[hour] ?? []
            guard own.count >= enoughSpans, Set(own.map { Part.day($0.at) }).count >= enoughDays else { return nil }
            // Three digits say more than is known, and a plan of many interfaces stays small.
            return (deviation(own.map(\.change)) * 1000).rounded() / 1000
        }
        return hours.contains { $0 != nil } ? hours : nil
    }

    /// The larger of what is usual and what happens at all: an interface that is calm but for an outbreak now and then is not calm.
    private static func deviation(_ changes: [Double]) -> Double {
        let clipped = changes.map { min(1.5, max(-1.5, $0)) }
        let square = (clipped.reduce(0) { $0 + $1 * $1 } / Double(clipped.count)).squareRoot()
        let usual = (Median.of(changes.map(abs)) ?? 0) * 1.4826
        return max(0.05, square, usual)
    }
}

extension TrafficHistory {
    /// The part of a history that something is judged by. Hours and days are those of UTC.
    enum Part: Hashable, Sendable {
        /// All of it.
        case all
        /// An hour of all days.
        case hour(Int)
        /// An hour of Mondays to Fridays.
        case hourOfWeekdays(Int)
        /// An hour of Saturdays and Sundays.
        case hourOfWeekends(Int)

        /// The parts that speak of a moment, what resembles it most first.
        static func parts(at moment: Instant) -> [Part] {
            let hour = hourOfDay(moment)
            return [isWeekend(moment) ? .hourOfWeekends(hour) : .hourOfWeekdays(hour), .hour(hour), .all]
        }

        static func day(_ moment: Instant) -> Int64 { moment.milliseconds / 86_400_000 }
        static func hourOfDay(_ moment: Instant) -> Int { Int(max(0, moment.milliseconds) / 3_600_000 % 24) }
        /// The first day of 1970 was a Thursday.
        static func isWeekend(_ moment: Instant) -> Bool { [2, 3].contains(day(moment) % 7) }

        /// When, in words.
        var description: String {
            func span(_ hour: Int) -> String {
                func clock(_ hour: Int) -> String { "\(hour < 10 ? "0" : "")\(hour):00" }
                return "from \(clock(hour)) to \(clock((hour + 1) % 24)) UTC"
            }
            return switch self {
            case .all: "at all hours"
            case .hour(let hour): span(hour)
            case .hourOfWeekdays(let hour): "\(span(hour)) on weekdays"
            case .hourOfWeekends(let hour): "\(span(hour)) on weekends"
            }
        }
    }
}

/// What an interface carried, on a logarithmic scale. Pure.
enum TrafficLevel {
    /// The mean logarithm of what was carried in slices of about five minutes: one burst moves one slice only. Of five slices and
    /// more the highest and the lowest do not count.
    static func level(of series: RateSeries, in window: Verdict.Window) -> Double? {
        let count = max(1, Int64((window.length.seconds / 300).rounded(.down)))
        let length = window.length.milliseconds / count
        var known: [Double] = []
        for number in 0..<count {
            let from = window.from + .milliseconds(length * number)
            let slice = Verdict.Window(from: from, to: number == count - 1 ? window.to : from + .milliseconds(length))
            guard let bits = series.average(in: slice)?.bits else { continue }
            known.append(log(max(bits, 1)))
        }
        guard known.count * 2 > count else { return nil }
        let counted = known.count < 5 ? known[...] : known.sorted()[1..<known.count - 1]
        return counted.reduce(0, +) / Double(counted.count)
    }

    /// The change from one time to another.
    static func change(of series: RateSeries, from before: Verdict.Window, to after: Verdict.Window) -> Double? {
        guard let before = level(of: series, in: before), let after = level(of: series, in: after) else { return nil }
        return after - before
    }
}

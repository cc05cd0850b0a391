/// The rates of one interface over time, from raw samples, with everything that is not a rate left out and named. Pure.
///
/// The time base is the agent's own sysUpTime from the same answer. An agent may serve counters from a cache (net-snmp
/// refreshes every 3 s) while its uptime goes on: only moments at which the counters moved are used, so that a rate is bytes
/// between two refreshes over the time between them, never bytes of one span over the time of another.
public struct RateSeries: Hashable, Sendable {
    /// The rates between successive refreshes, oldest first.
    public private(set) var points: [Point] = []
    /// Why there is no rate at some moment, oldest first.
    public private(set) var gaps: [Gap] = []

    /// What was read between two refreshes of the agent's counters.
    public struct Point: Hashable, Sendable {
        /// The earlier refresh, as the controller saw it.
        public var from: Instant
        /// The later refresh.
        public var to: Instant
        /// The time between them on the agent's clock, in seconds.
        public var seconds: Double
        /// Octets received and sent.
        public var octetsIn: UInt64?
        /// Octets sent.
        public var octetsOut: UInt64?
        /// Errors in both directions.
        public var errors: UInt64?
        /// Discards in both directions, and what the agent's IP layer dropped on its way out.
        public var discards: UInt64?
    }

    /// Why there is no rate.
    public struct Gap: Hashable, Sendable {
        /// When it was noticed.
        public var at: Instant
        /// Why.
        public var reason: UnknownReason
    }

    /// The rates of an interface.
    ///
    /// - Parameter samples: Samples of one subject, oldest first.
    public init(of interface: String, in samples: some Sequence<CounterSample>) {
        var previous: Reading?
        var pending: Reading?
        for sample in samples {
            guard let reading = Reading(sample, interface) else {
                gaps.append(Gap(at: sample.at, reason: Reading.whyNone(sample, interface)))
                continue
            }
            guard let last = previous else {
                previous = reading
                continue
            }
            if reading.uptime == last.uptime && reading.counters == last.counters { continue }
            if let reason = reading.incomparable(with: last) {
                gaps.append(Gap(at: sample.at, reason: reason))
                previous = reading
                pending = nil
                continue
            }
            if reading.counters == last.counters {
                pending = reading
                continue
            }
            if let point = Point(from: last, to: reading) {
                points.append(point)
            } else {
                gaps.append(
                    Gap(at: sample.at, reason: UnknownReason(.reset, "a counter of \(interface) went backwards")))
            }
            previous = reading
            pending = nil
        }
        addQuietTail(from: previous, to: pending)
    }

    /// Counters that stood still for longer than any cache lasts carried nothing: that is a rate of zero, not a repetition.
    private mutating func addQuietTail(from last: Reading?, to still: Reading?) {
        guard let last, let still else { return }
        let seconds = still.seconds(since: last)
        let longest = points.map(\.seconds).max() ?? 0
        guard seconds > max(Self.longestCache, 3 * longest), let point = Point(from: last, to: still) else { return }
        points.append(point)
    }

    /// Caches of agents seen in the field last 3 to 5 s (net-snmp, Cisco cBR); twice that is no cache.
    private static let longestCache = 10.0

    /// What the points inside a window add up to.
    ///
    /// - Parameter excluded: A moment whose interval is left out, as it is partly before and partly after a change.
    public func average(in window: Verdict.Window, excluding excluded: Instant? = nil) -> Average? {
        let inside = points.filter { point in
            guard point.from >= window.from, point.to <= window.to else { return false }
            return excluded.map { !(point.from < $0 && $0 < point.to) } ?? true
        }
        guard !inside.isEmpty else { return nil }
        return Average(of: inside)
    }

    /// Why there is no average in a window: the last reason given in it, or that there were too few samples.
    public func reasonForNone(in window: Verdict.Window) -> UnknownReason {
        gaps.last { $0.at >= window.from && $0.at <= window.to }?.reason
            ?? UnknownReason(.tooFewSamples, "its counters did not move often enough to tell a rate")
    }

    /// Rates over a span of time.
    public struct Average: Hashable, Sendable {
        /// Bits per second received.
        public var bitsIn: Double?
        /// Bits per second sent.
        public var bitsOut: Double?
        /// Errors per second.
        public var errors: Double?
        /// Discards per second.
        public var discards: Double?
        /// How many seconds of the agent's time they stand for.
        public var seconds: Double
        /// How many intervals they stand for.
        public var count: Int

        init(of points: [Point]) {
            let seconds = points.reduce(0) { $0 + $1.seconds }
            func rate(_ value: (Point) -> UInt64?, _ factor: Double) -> Double? {
                var sum: UInt64 = 0
                for point in points {
                    guard let part = value(point) else { return nil }
                    sum &+= part
                }
                return seconds > 0 ? Double(sum) * factor / seconds : nil
            }
            self.seconds = seconds
            count = points.count
            bitsIn = rate(\.octetsIn, 8)
            bitsOut = rate(\.octetsOut, 8)
            errors = rate(\.errors, 1)
            discards = rate(\.discards, 1)
        }

        /// Bits per second in both directions together; nil when one of them is unknown.
        public var bits: Double? {
            guard let bitsIn, let bitsOut else { return nil }
            return bitsIn + bitsOut
        }
    }
}

extension RateSeries.Point {
    fileprivate init?(from earlier: Reading, to later: Reading) {
        let seconds = later.seconds(since: earlier)
        guard seconds > 0 else { return nil }
        func growth(_ counter: KeyPath<InterfaceReading, Counter?>, _ bits: Double?) -> UInt64?? {
            guard let before = earlier.interface[keyPath: counter], let after = later.interface[keyPath: counter] else {
                return .some(nil)
            }
            let highSpeed = later.interface.highSpeed
            switch CounterDelta.growth(
                from: before, to: after, seconds: seconds, highSpeed: highSpeed, bitsPerUnit: bits)
            {
            case .by(let value): return .some(value)
            case .reset: return nil
            }
        }
        func sum(_ parts: [UInt64?]) -> UInt64? {
            let known = parts.compactMap { $0 }
            return known.isEmpty ? nil : known.reduce(0, &+)
        }
        guard let octetsIn = growth(\.inOctets, 8), let octetsOut = growth(\.outOctets, 8),
            let inErrors = growth(\.inErrors, nil), let outErrors = growth(\.outErrors, nil),
            let inDiscards = growth(\.inDiscards, nil), let outDiscards = growth(\.outDiscards, nil)
        else { return nil }
        var ipDiscards: UInt64?
        if let before = earlier.ipOutDiscards, let after = later.ipOutDiscards {
            guard after >= before else { return nil }
            ipDiscards = after - before
        }
        self.init(
            from: earlier.at, to: later.at, seconds: seconds, octetsIn: octetsIn, octetsOut: octetsOut,
            errors: sum([inErrors, outErrors]), discards: sum([inDiscards, outDiscards, ipDiscards]))
    }
}

/// A sample seen from one interface.
private struct Reading {
    let at: Instant
    let uptime: UInt32
    let engineBoots: UInt32?
    let engineTime: UInt32?
    let ipOutDiscards: UInt64?
    let interface: InterfaceReading

    init?(_ sample: CounterSample, _ name: String) {
        guard sample.unknown == nil, let uptime = sample.uptime,
            let interface = sample.interfaces.first(where: { $0.name == name }), interface.unknown == nil
        else { return nil }
        at = sample.at
        self.uptime = uptime
        engineBoots = sample.engineBoots
        engineTime = sample.engineTime
        ipOutDiscards = sample.ipOutDiscards
        self.interface = interface
    }

    static func whyNone(_ sample: CounterSample, _ name: String) -> UnknownReason {
        if let reason = sample.unknown { return reason }
        guard let interface = sample.interfaces.first(where: { $0.name == name }) else {
            return UnknownReason(.absent, "the agent has no interface \(name)")
        }
        return interface.unknown ?? UnknownReason(.absent, "the agent gave no uptime")
    }

    /// The octet counters: they move whenever anything moves.
    var counters: [Counter?] { [interface.inOctets, interface.outOctets] }

    /// Seconds of the agent's time since an earlier reading, through the wrap of its clock after 497 days.
    func seconds(since earlier: Reading) -> Double { Double(uptime &- earlier.uptime) / 100 }

    /// Why no difference to an earlier reading means anything.
    func incomparable(with earlier: Reading) -> UnknownReason? {
        if restarted(since: earlier) { return UnknownReason(.restart, "the agent restarted") }
        if interface.index != earlier.interface.index {
            return UnknownReason(.renumbered, "interface \(interface.name) has another index than before")
        }
        if interface.discontinuity != earlier.interface.discontinuity {
            return UnknownReason(
                .discontinuity, "the agent says that the counters of \(interface.name) were interrupted")
        }
        let ours = (at - earlier.at).seconds
        if abs(seconds(since: earlier) - ours) > ours * 0.1 + 1 {
            return UnknownReason(.clock, "the agent's clock and ours disagree about how much time passed")
        }
        return nil
    }

    /// The uptime went back, and not by the wrap of its 32 bits.
    func restarted(since earlier: Reading) -> Bool {
        if let boots = engineBoots, let before = earlier.engineBoots, boots != before { return true }
        guard uptime < earlier.uptime else { return false }
        if let time = engineTime, let before = earlier.engineTime { return time < before }
        // Without an engine time, a wrap is believed only where one was due: in the last and first minutes of 497 days.
        return !(earlier.uptime > UInt32.max - 60_000 && uptime < 60_000)
    }
}

extension RateSeries {
    /// Whether the agent restarted between two samples of a window.
    static func restarts(in samples: some Sequence<CounterSample>, _ window: Verdict.Window) -> Bool {
        var last: CounterSample?
        for sample in samples where sample.unknown == nil && sample.uptime != nil {
            guard sample.at <= window.to else { break }
            if let before = last, sample.at >= window.from, let earlier = Reading(any: before),
                let later = Reading(any: sample),
                later.restarted(since: earlier)
            {
                return true
            }
            last = sample
        }
        return false
    }
}

extension Reading {
    /// A sample of which only the clocks matter.
    fileprivate init?(any sample: CounterSample) {
        guard let uptime = sample.uptime else { return nil }
        at = sample.at
        self.uptime = uptime
        engineBoots = sample.engineBoots
        engineTime = sample.engineTime
        ipOutDiscards = nil
        interface = InterfaceReading(name: "")
    }
}

/// The rates of one interface over time, from raw samples, with everything that is not a rate left out and named. Pure.
///
/// The time base is the agent's own sysUpTime from the same answer. An agent may serve counters from a cache (net-snmp
/// refreshes every 3 s) while its uptime goes on: a rate is taken between readings at which the counters moved, so that the
/// bytes of one span are never divided by the time of another. Counters that stand still for longer than a cache can explain
/// are a true zero; for less they say nothing.
public struct RateSeries: Hashable, Sendable {
    /// Why there is no rate at some moment, oldest first.
    public private(set) var gaps: [Gap] = []
    private var runs: [CounterRun] = []
    private var everKnown = CounterSet()

    /// Why there is no rate.
    public struct Gap: Hashable, Sendable {
        /// When it was noticed.
        public var at: Instant
        /// Why.
        public var reason: UnknownReason
    }

    /// What an interface carried between two fresh readings.
    public struct Point: Hashable, Sendable {
        /// When the earlier answer came.
        public var from: Instant
        /// When the later answer came.
        public var to: Instant
        /// The rates between them.
        public var rates: Average
    }

    /// The rates of an interface.
    ///
    /// - Parameter samples: Samples of one subject, oldest first.
    public init(of interface: String, in samples: some Sequence<CounterSample>) {
        for sample in samples {
            guard sample.unknown == nil, sample.uptime != nil,
                let reading = sample.interfaces.first(where: { $0.name == interface }), reading.unknown == nil
            else {
                gaps.append(Gap(at: sample.at, reason: Self.whyNone(sample, interface)))
                continue
            }
            guard !runs.isEmpty else {
                runs.append(CounterRun(sample, reading))
                continue
            }
            if case .broken(let reason) = runs[runs.count - 1].append(sample, reading) {
                gaps.append(Gap(at: sample.at, reason: reason))
                runs.append(CounterRun(sample, reading))
            }
        }
        // One odd refresh, as when somebody else polls the agent too, must not pass for the agent's habit.
        let moveGaps = runs.flatMap(\.moveGaps).sorted()
        let refresh = moveGaps.isEmpty ? nil : moveGaps[moveGaps.count / 4]
        for position in runs.indices {
            runs[position].recogniseStandstills(refresh: refresh)
            everKnown.formUnion(runs[position].everKnown)
        }
    }

    private static func whyNone(_ sample: CounterSample, _ name: String) -> UnknownReason {
        if let reason = sample.unknown { return reason }
        guard let interface = sample.interfaces.first(where: { $0.name == name }) else {
            return UnknownReason(.absent, "the agent has no interface \(name)")
        }
        return interface.unknown ?? UnknownReason(.absent, "the agent gave no uptime")
    }

    /// What was carried in a window: from the first fresh reading in it to the last, breaks left out.
    public func average(in window: Verdict.Window) -> Average? {
        var growth = SIMD8<Double>()
        var times = SIMD8<Double>()
        var seconds = 0.0
        var count = 0
        for run in runs {
            let marks = run.marks(in: window)
            guard let first = marks.firstIndex(where: \.isFresh), let last = marks.lastIndex(where: \.isFresh),
                first < last
            else { continue }
            seconds += marks[last].seconds - marks[first].seconds
            count += marks[first...last].count { $0.isFresh } - 1
            for kind in CounterKind.allCases {
                func has(_ mark: CounterRun.Mark) -> Bool { mark.isFresh && mark.known.contains(kind) }
                guard let from = marks.first(where: has), let to = marks.last(where: has) else { continue }
                growth[kind.rawValue] += Double(to.totals[kind.rawValue] &- from.totals[kind.rawValue])
                times[kind.rawValue] += to.seconds - from.seconds
            }
        }
        guard seconds > 0 else { return nil }
        return Average(everKnown: everKnown, seconds: seconds, count: count) { kind in
            times[kind.rawValue] > 0 ? growth[kind.rawValue] / times[kind.rawValue] : nil
        }
    }

    /// The rates between successive fresh readings in a window, oldest first.
    public func points(in window: Verdict.Window) -> [Point] {
        runs.flatMap { run -> [Point] in
            let fresh = run.marks(in: window).filter(\.isFresh)
            return zip(fresh, fresh.dropFirst()).compactMap { from, to -> Point? in
                let seconds = to.seconds - from.seconds
                guard seconds > 0 else { return nil }
                let average = Average(everKnown: everKnown, seconds: seconds, count: 1) { kind in
                    from.known.contains(kind) && to.known.contains(kind)
                        ? Double(to.totals[kind.rawValue] &- from.totals[kind.rawValue]) / seconds : nil
                }
                return Point(from: from.at, to: to.at, rates: average)
            }
        }
    }

    /// When the interface was last read, at the latest at the end of a window.
    func lastReading(until end: Instant) -> Instant? {
        runs.reversed().lazy.compactMap { run in run.marks.last { $0.at <= end }?.at }.first
    }

    /// Why there is no average in a window: the last reason given in it, or what the readings are short of.
    public func reasonForNone(in window: Verdict.Window) -> UnknownReason {
        if let gap = gaps.last(where: { $0.at >= window.from && $0.at <= window.to }) { return gap.reason }
        let count = runs.reduce(0) { $0 + $1.marks(in: window).count }
        switch count {
        case 0: return UnknownReason(.tooFewSamples, "it was not read")
        case 1: return UnknownReason(.tooFewSamples, "it was read only once")
        default:
            return UnknownReason(
                .cached,
                "in \(count) readings its counters moved less than twice: too soon to tell silence from a cache")
        }
    }

    /// Rates over a span of time.
    public struct Average: Hashable, Sendable {
        /// Bits per second received.
        public var bitsIn: Double?
        /// Bits per second sent.
        public var bitsOut: Double?
        /// Errors per second, in both directions.
        public var errors: Double?
        /// Discards per second of the interface, in both directions.
        public var discards: Double?
        /// Packets per second that the agent's IP layer dropped on the way out, of all its interfaces.
        public var ipDiscards: Double?
        /// How many seconds of the agent's time they stand for.
        public var seconds: Double
        /// How many intervals they stand for.
        public var count: Int

        /// - Parameter value: The rate of a counter, in units per second.
        init(everKnown: CounterSet, seconds: Double, count: Int, _ value: (CounterKind) -> Double?) {
            // A sum of what the agent usually has: a part that is missing today must not pass for a low sum.
            func sum(_ first: CounterKind, _ second: CounterKind) -> Double? {
                switch (everKnown.contains(first), everKnown.contains(second)) {
                case (true, true): value(first).flatMap { one in value(second).map { one + $0 } }
                case (true, false): value(first)
                case (false, true): value(second)
                case (false, false): nil
                }
            }
            self.seconds = seconds
            self.count = count
            bitsIn = value(.octetsIn).map { $0 * 8 }
            bitsOut = value(.octetsOut).map { $0 * 8 }
            errors = sum(.errorsIn, .errorsOut)
            discards = sum(.discardsIn, .discardsOut)
            ipDiscards = value(.ipDiscards)
        }

        /// Bits per second in both directions together; nil when one of them is unknown.
        public var bits: Double? {
            guard let bitsIn, let bitsOut else { return nil }
            return bitsIn + bitsOut
        }
    }
}

extension Verdict.Window {
    func contains(_ instant: Instant) -> Bool { instant >= from && instant <= to }
    /// The part after a moment.
    func since(_ moment: Instant?) -> Self { Self(from: min(to, max(from, moment ?? from)), to: to) }
    var length: Timespan { to - from }
}

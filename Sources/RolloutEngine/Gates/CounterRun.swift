/// Readings of one interface that are comparable with each other, and by how much every counter grew since the first. Pure.
struct CounterRun: Hashable, Sendable {
    /// One reading.
    struct Mark: Hashable, Sendable {
        /// When the answer came.
        var at: Instant
        /// The agent's time since the first reading of the run, in seconds.
        var seconds = 0.0
        /// The growth of each counter since the first reading.
        var totals = SIMD8<UInt64>()
        /// The counters that this reading had.
        var known = CounterSet()
        /// Whether a counter of the interface moved since the reading before.
        var moved = false
        /// Whether the counters stand for this moment, rather than being repeated from a cache.
        var isFresh = false
    }

    /// What became of a sample.
    enum Reception: Hashable {
        /// It is the run's newest reading.
        case taken
        /// It repeats an answer.
        case repeated
        /// It cannot be compared with the run: a new run begins.
        case broken(UnknownReason)
    }

    private(set) var marks: [Mark]
    /// The counters that were read at least once.
    private(set) var everKnown: CounterSet
    private var last: CounterSample
    private var values: [Counter?]
    private var index: UInt32?
    private var discontinuity: UInt32?

    /// Begins a run with its first reading.
    init(_ sample: CounterSample, _ reading: InterfaceReading) {
        values = CounterKind.allCases.map { $0.value(of: reading, in: sample) }
        everKnown = CounterSet(CounterKind.allCases.filter { $0.value(of: reading, in: sample) != nil })
        marks = [Mark(at: sample.at, known: everKnown)]
        last = sample
        index = reading.index
        discontinuity = reading.discontinuity
    }

    /// Takes in the next reading.
    mutating func append(_ sample: CounterSample, _ reading: InterfaceReading) -> Reception {
        if sample.uptime == last.uptime, sample.engineBoots == last.engineBoots,
            CounterKind.allCases.allSatisfy({ $0.value(of: reading, in: sample) == values[$0.rawValue] })
        {
            return .repeated
        }
        let passed: Double
        switch AgentClock.passage(from: last, to: sample) {
        case .unknown(let reason): return .broken(reason)
        case .seconds(0): return .repeated
        case .seconds(let seconds): passed = seconds
        }
        if let reason = identityChange(reading) { return .broken(reason) }

        let previous = marks[marks.count - 1]
        var mark = Mark(at: sample.at, seconds: previous.seconds + passed, totals: previous.totals)
        for kind in CounterKind.allCases {
            guard let now = kind.value(of: reading, in: sample) else { continue }
            mark.known.insert(kind)
            guard let before = values[kind.rawValue] else { continue }
            // A counter that was missing last time was missing for longer than `passed`: no wrap can be recognised.
            let speed = previous.known.contains(kind) ? reading.highSpeed : nil
            switch CounterDelta.growth(
                from: before, to: now, seconds: passed, highSpeed: speed, isOctets: kind.isOctets)
            {
            case .by(let growth):
                mark.totals[kind.rawValue] &+= growth
                if growth > 0 && kind != .ipDiscards { mark.moved = true }
            case .reset: return .broken(UnknownReason(.reset, "a counter of \(reading.name) went back or leapt"))
            case .ambiguous: return .broken(Self.tooSlow(reading, passed))
            }
        }
        for kind in CounterKind.allCases where mark.known.contains(kind) {
            values[kind.rawValue] = kind.value(of: reading, in: sample)
        }
        everKnown.formUnion(mark.known)
        mark.isFresh = mark.moved
        // No cache is known to last longer than this, so the first reading was as fresh as the later ones are.
        if marks.count == 1 && mark.moved && passed >= Self.longestCache { marks[0].isFresh = true }
        marks.append(mark)
        last = sample
        index = reading.index ?? index
        discontinuity = reading.discontinuity ?? discontinuity
        return .taken
    }

    /// Tells a true standstill from a cache that repeats itself: readings of a standstill are fresh.
    ///
    /// - Parameter refresh: How long the agent's counters usually stood still between two moves, in seconds; nil when they
    ///   never moved twice.
    mutating func recogniseStandstills(refresh: Double?) {
        var start = 0
        while start < marks.count {
            var end = start
            while end + 1 < marks.count, !marks[end + 1].moved { end += 1 }
            let seconds = marks[end].seconds - marks[start].seconds
            let count = end - start + 1
            if count >= 4 {
                // Traffic behind a cache is seen to move at the latest one refresh and one poll later.
                let explained = ((refresh ?? 0) + seconds / Double(count - 1)) * 1.25
                if seconds >= max(2 * Self.longestCache, explained) {
                    for position in start...end { marks[position].isFresh = true }
                }
            }
            start = end + 1
        }
    }

    /// The times between successive moves, in seconds.
    var moveGaps: [Double] {
        let moves = marks.lazy.filter(\.moved).map(\.seconds)
        return zip(moves, moves.dropFirst()).map { $1 - $0 }
    }

    /// The readings that came in a window.
    func marks(in window: Verdict.Window) -> ArraySlice<Mark> {
        let start = position { $0 >= window.from }
        let end = position { $0 > window.to }
        return marks[start..<max(start, end)]
    }

    private func position(_ isReached: (Instant) -> Bool) -> Int {
        var low = 0
        var high = marks.count
        while low < high {
            let middle = (low + high) / 2
            if isReached(marks[middle].at) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func identityChange(_ reading: InterfaceReading) -> UnknownReason? {
        if let now = reading.index, let before = index, now != before {
            return UnknownReason(.renumbered, "interface \(reading.name) has index \(now), it had \(before)")
        }
        if let now = reading.discontinuity, let before = discontinuity, now != before {
            return UnknownReason(
                .discontinuity, "the agent says that the counters of \(reading.name) were interrupted")
        }
        return nil
    }

    private static func tooSlow(_ reading: InterfaceReading, _ seconds: Double) -> UnknownReason {
        let speed = reading.highSpeed.map { "\($0)" } ?? "?"
        return UnknownReason(
            .tooFewSamples,
            "the 32-bit counters of \(reading.name) can go round within \(GateText.number(seconds)) s at \(speed) Mbit/s: poll it more often"
        )
    }

    /// Caches of agents seen in the field last 3 s (net-snmp's interfaces) to 5 s (its IP statistics, Cisco cBR).
    private static let longestCache = 5.0
}

/// The counters of a reading.
enum CounterKind: Int, CaseIterable, Sendable {
    case octetsIn
    case octetsOut
    case errorsIn
    case errorsOut
    case discardsIn
    case discardsOut
    case ipDiscards

    static let allCases: [CounterKind] = [
        .octetsIn, .octetsOut, .errorsIn, .errorsOut, .discardsIn, .discardsOut, .ipDiscards,
    ]

    var isOctets: Bool { self == .octetsIn || self == .octetsOut }

    func value(of reading: InterfaceReading, in sample: CounterSample) -> Counter? {
        switch self {
        case .octetsIn: reading.inOctets
        case .octetsOut: reading.outOctets
        case .errorsIn: reading.inErrors
        case .errorsOut: reading.outErrors
        case .discardsIn: reading.inDiscards
        case .discardsOut: reading.outDiscards
        case .ipDiscards: sample.ipOutDiscards.map(Counter.bits64)
        }
    }
}

/// A set of counters.
struct CounterSet: Hashable, Sendable {
    private var bits: UInt8 = 0

    init() {}

    init(_ kinds: [CounterKind]) {
        for kind in kinds { insert(kind) }
    }

    func contains(_ kind: CounterKind) -> Bool { bits & (1 << UInt8(kind.rawValue)) != 0 }
    mutating func insert(_ kind: CounterKind) { bits |= 1 << UInt8(kind.rawValue) }
    mutating func formUnion(_ other: CounterSet) { bits |= other.bits }
}

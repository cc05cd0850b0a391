/// How often gates paused and saw, with what is made up and without. Pure.
public struct GateRehearsalReport: Hashable, Codable, Sendable {
    /// A share with the bounds in which it lies nineteen times of twenty.
    public struct Rate: Hashable, Codable, Sendable {
        /// The share that was seen.
        public var share: Double
        /// The lower bound.
        public var low: Double
        /// The upper bound.
        public var high: Double
    }

    /// What came of the waves with one injection.
    public struct Row: Hashable, Codable, Sendable {
        /// What was made up.
        public var injection: GateRehearsal.Injection
        /// How many waves were played.
        public var waves: Int
        /// Waves in which a gate failed at the end of the soak.
        public var failed: Rate
        /// Waves in which none failed, and one could not tell: they pause too.
        public var unclear: Rate
        /// Waves in which every gate passed at the end of the soak.
        public var passed: Rate
        /// Waves in which each gate did not pass, by its name: failed and unclear.
        public var gates: [Gate]
        /// In how many waves the alarms before the end of the soak were looked at too.
        public var alarmsOf: Int
        /// In how many of those one on what was read was raised that pauses or puts back.
        public var alarmed: Int
        /// In how many of those the silence of agents paused, whatever else there was.
        public var silent: Int
        /// In how many of those nothing paused, but a single interface was reported.
        public var noticed: Int
        /// After how many seconds alarms were raised, half of them and nineteen of twenty; nil when there was none.
        public var alarmHalf: Double?
        /// Nineteen of twenty alarms were raised by then.
        public var alarmMost: Double?
    }

    /// What one gate did.
    public struct Gate: Hashable, Codable, Sendable {
        /// The gate.
        public var name: GateName
        /// The share of waves in which it failed.
        public var failed: Double
        /// The share in which it could not tell.
        public var unclear: Double
    }

    /// One row for each injection.
    public var rows: [Row] = []

    /// An empty report.
    public init() {}

    /// Adds what came of one injection.
    ///
    /// - Parameter block: Waves that begin within this time of each other share traffic and are drawn together for the bounds
    ///   (block bootstrap): a lucky hour must not count as many lucky waves.
    public mutating func add(
        _ injection: GateRehearsal.Injection, _ outcomes: [GateRehearsal.Outcome], rules: [GateRule], block: Timespan,
        alarmsOf: Int = 0
    ) {
        let total = Double(max(1, outcomes.count))
        let gates = rules.indices.map { index in
            func share(_ outcome: Verdict.Outcome) -> Double {
                Double(outcomes.count { $0.verdicts[index] == outcome }) / total
            }
            return Gate(name: rules[index].name, failed: share(.fail), unclear: share(.inconclusive) + share(.error))
        }
        let alarms = outcomes.prefix(alarmsOf).compactMap(\.alarmAfter).sorted()
        func rank(_ part: Double) -> Double? {
            alarms.isEmpty ? nil : alarms[min(alarms.count - 1, Int(Double(alarms.count) * part))]
        }
        rows.append(
            Row(
                injection: injection, waves: outcomes.count, failed: Self.rate(outcomes, block) { $0.fails },
                unclear: Self.rate(outcomes, block) { !$0.fails && !$0.passes },
                passed: Self.rate(outcomes, block) { $0.passes }, gates: gates, alarmsOf: min(alarmsOf, outcomes.count),
                alarmed: alarms.count,
                silent: outcomes.prefix(alarmsOf).count { $0.silentAfter != nil },
                noticed: outcomes.prefix(alarmsOf).count { $0.alarmAfter == nil && $0.noticedAfter != nil },
                alarmHalf: rank(0.5),
                alarmMost: rank(0.95)))
    }

    private static func rate(
        _ outcomes: [GateRehearsal.Outcome], _ block: Timespan, _ isCounted: (GateRehearsal.Outcome) -> Bool
    ) -> Rate {
        var blocks: [Int64: (count: Int, of: Int)] = [:]
        for outcome in outcomes {
            let number = outcome.start.milliseconds / max(1, block.milliseconds)
            blocks[number, default: (0, 0)].of += 1
            if isCounted(outcome) { blocks[number, default: (0, 0)].count += 1 }
        }
        let parts = blocks.sorted { $0.key < $1.key }.map(\.value)
        let all = parts.reduce((0, 0)) { ($0.0 + $1.count, $0.1 + $1.of) }
        guard all.1 > 0 else { return Rate(share: 0, low: 0, high: 1) }
        let share = Double(all.0) / Double(all.1)
        // A share of nothing or all has no spread to draw from: the rule of three, with blocks for trials.
        let bound = min(1, 3 / Double(parts.count))
        if all.0 == 0 { return Rate(share: 0, low: 0, high: bound) }
        if all.0 == all.1 { return Rate(share: 1, low: 1 - bound, high: 1) }
        var dice = SplitMix(seed: 1)
        let drawn = (0..<1000).map { _ -> Double in
            var count = 0
            var of = 0
            for _ in parts {
                let part = parts[Int(dice.below(UInt64(parts.count)))]
                count += part.count
                of += part.of
            }
            return Double(count) / Double(max(1, of))
        }.sorted()
        return Rate(share: share, low: drawn[25], high: drawn[974])
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): numbers that look random and are the same for a seed.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A number from 0 to `bound` - 1.
    mutating func below(_ bound: UInt64) -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return (value ^ (value >> 31)).multipliedFullWidth(by: bound).high
    }
}

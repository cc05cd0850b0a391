/// Plays tonight's gates on the readings of nights in which nothing was changed: how often they would have paused for nothing,
/// and how often they would have seen what is made up. Pure: the same readings and seed give the same report.
public struct GateRehearsal: Sendable {
    /// The devices that are read in the history.
    public var devices: [Device]
    /// Their readings, oldest first for each.
    public var samples: [WatchedAgent.Subject: [CounterSample]]
    /// The gates.
    public var rules: [GateRule]
    /// How counters will be read.
    public var watch: WatchRule
    /// How long a wave soaks.
    public var soak: Timespan
    /// How many devices a wave has.
    public var waveSize: Int
    /// How many waves are made up.
    public var trials: Int
    /// Which.
    public var seed: UInt64
    /// Only waves that begin at this moment or later; what is before teaches how restless each interface is.
    public var learnsUntil: Instant?

    /// Prepares to play gates.
    public init(
        devices: [Device], samples: [WatchedAgent.Subject: [CounterSample]], rules: [GateRule], watch: WatchRule,
        soak: Timespan, waveSize: Int, trials: Int, seed: UInt64, learnsUntil: Instant? = nil
    ) {
        self.devices = devices.sorted { $0.name < $1.name }
        self.samples = samples
        self.rules = rules
        self.watch = watch
        self.soak = soak
        self.waveSize = waveSize
        self.trials = trials
        self.seed = seed
        self.learnsUntil = learnsUntil
    }

    /// What is made up of a wave's devices.
    public enum Injection: Hashable, Codable, Sendable {
        /// Nothing: every pause is one for nothing.
        case none
        /// So much of the traffic is gone.
        case drop(Share)
        /// So much of the traffic of one of its devices is gone, and of the others nothing.
        case lone(Share)
        /// So many packets a second more are dropped.
        case discards(Double)

        /// What alarms are for, and nothing at all: the others need not be looked at poll by poll, which takes long.
        public static let gross: [Self] = [.none, .drop(.percent(100)), .lone(.percent(100)), .discards(50)]
    }

    /// Why nothing can be played.
    public struct Trouble: Error, Hashable, Sendable, CustomStringConvertible {
        /// In words, with what to do.
        public var description: String
    }

    /// What came of one wave.
    public struct Outcome: Hashable, Codable, Sendable {
        /// When it began; waves of one hour share their fate.
        public var start: Instant
        /// What the gates conclude, by their place in the list of rules.
        public var verdicts: [Verdict.Outcome]
        /// After how long an alarm on what was read was raised that pauses or puts back, in seconds; nil when none was.
        public var alarmAfter: Double?
        /// After how long the silence of agents paused, in seconds; nil when it did not.
        public var silentAfter: Double?
        /// After how long something was first noticed of the wave that is only reported, in seconds; nil when nothing was.
        public var noticedAfter: Double?

        /// Whether a gate fails at the end of the soak.
        public var fails: Bool { verdicts.contains(.fail) }
        /// Whether every gate passes at the end of the soak.
        public var passes: Bool { verdicts.allSatisfy { $0 == .pass } }
    }

    private var length: (start: Instant, end: Instant)? {
        let all = devices.compactMap { samples[.device($0.name)] }
        guard let start = all.compactMap(\.first?.at).max(), let end = all.compactMap(\.last?.at).min(), start < end
        else { return nil }
        return (start, end)
    }

    /// What is known before the first wave of how restless each interface is.
    public var history: TrafficHistory? {
        var known = samples
        if let learnsUntil { known = known.mapValues { $0.filter { $0.at < learnsUntil } } }
        return TrafficHistory(of: devices, in: known, before: watch.baseline, after: soak)
    }

    /// Plays every wave with one injection.
    ///
    /// - Parameters:
    ///   - history: What is known of how restless each interface is; nil to play as where nothing is known.
    ///   - alarmsOf: Of how many waves the alarms are looked at too, poll by poll, which takes longer.
    ///   - progress: Called with the number of waves that were played.
    public func play(
        _ injection: Injection, history: TrafficHistory?, alarmsOf: Int = 0, progress: (Int) -> Void = { _ in }
    ) throws(Trouble) -> [Outcome] {
        guard devices.count >= waveSize + 2 else {
            throw Trouble(
                description:
                    "the history has \(devices.count) devices: a wave of \(waveSize) needs two more to be compared with"
            )
        }
        let margin = watch.poll * 4
        guard let length, let from = learnsUntil.map({ max($0, length.start) }) ?? length.start as Instant?,
            from + margin + watch.baseline + soak + watch.poll < length.end
        else {
            throw Trouble(
                description:
                    "the history is too short: a baseline of \(watch.baseline) and a soak of \(soak) do not fit into it"
            )
        }
        let first = from + margin + watch.baseline
        let room = (length.end - first - soak).milliseconds
        var outcomes: [Outcome] = []
        for trial in 0..<trials {
            // Each trial has dice of its own, so that every injection meets the same waves.
            var dice = SplitMix(seed: seed &+ UInt64(trial) &* 0x9e37_79b9_7f4a_7c15)
            let start = first + .milliseconds(Int64(dice.below(UInt64(max(1, room)))))
            var rest = devices
            var treated: [Device] = []
            for _ in 0..<waveSize { treated.append(rest.remove(at: Int(dice.below(UInt64(rest.count))))) }
            let input = input(treated, beside: rest, at: start, injection, history)
            let verdicts = GateEvaluator.judge(input).map(\.outcome)
            var outcome = Outcome(start: start, verdicts: verdicts)
            if trial < alarmsOf { lookOut(for: &outcome, input) }
            outcomes.append(outcome)
            progress(trial + 1)
        }
        return outcomes
    }

    private func input(
        _ treated: [Device], beside control: [Device], at start: Instant, _ injection: Injection,
        _ history: TrafficHistory?
    ) -> GateInput {
        let window = Verdict.Window(from: start - watch.baseline - watch.poll * 4, to: start + soak)
        var cut: [WatchedAgent.Subject: [CounterSample]] = [:]
        for device in treated + control {
            cut[.device(device.name)] = Self.slice(samples[.device(device.name)] ?? [], window)
        }
        for device in treated.prefix(injection.isOfOne ? 1 : treated.count) {
            cut[.device(device.name)]?.inject(injection, from: start)
        }
        var changedAt: [DeviceName: Instant] = [:]
        for device in treated { changedAt[device.name] = start }
        return GateInput(
            wave: Wave(
                index: 0, after: [], canary: false, range: nil, datacentre: nil, devices: treated.map(\.name),
                soak: soak, binding: .none, predicted: []), treated: treated, control: control, links: [],
            rules: rules, watch: watch, samples: cut, before: Verdict.Window(from: start - watch.baseline, to: start),
            after: Verdict.Window(from: start, to: start + soak), changedAt: changedAt, history: history)
    }

    /// Looks at every poll of a wave for alarms, up to the first that pauses for what was read.
    private func lookOut(for outcome: inout Outcome, _ input: GateInput) {
        var input = input
        let end = input.after.to
        var now = outcome.start + watch.poll
        while now <= end {
            input.after.to = now
            for alarm in GateEvaluator.alarms(input) {
                if alarm.isSilence {
                    outcome.silentAfter = outcome.silentAfter ?? (now - outcome.start).seconds
                } else if alarm.action != .observe {
                    outcome.alarmAfter = (now - outcome.start).seconds
                    return
                }
                let isOfWave = alarm.findings.contains { !$0.isControl && $0.unknown == nil }
                if outcome.noticedAfter == nil, isOfWave { outcome.noticedAfter = (now - outcome.start).seconds }
            }
            now = now + watch.poll
        }
    }

    /// The readings in a window, found by halving: a history is long.
    private static func slice(_ samples: [CounterSample], _ window: Verdict.Window) -> [CounterSample] {
        func position(_ isReached: (Instant) -> Bool) -> Int {
            var low = 0
            var high = samples.count
            while low < high {
                let middle = (low + high) / 2
                if isReached(samples[middle].at) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        let from = position { $0 >= window.from }
        return Array(samples[from..<max(from, position { $0 > window.to })])
    }
}

extension GateRehearsal.Injection {
    fileprivate var isOfOne: Bool { if case .lone = self { true } else { false } }
}

extension [CounterSample] {
    /// Alters counters as if something had gone wrong from a moment on: each grows less, or more, and wraps as it would.
    mutating func inject(_ injection: GateRehearsal.Injection, from start: Instant) {
        guard injection != .none else { return }
        var last: [String: InterfaceReading] = [:]
        var altered: [String: InterfaceReading] = [:]
        var lastAt: Instant?
        for index in indices where self[index].unknown == nil {
            let at = self[index].at
            for place in self[index].interfaces.indices {
                let reading = self[index].interfaces[place]
                defer { last[reading.name] = reading }
                guard at > start, let before = last[reading.name],
                    let base = altered[reading.name] ?? last[reading.name]
                else { continue }
                var changed = reading
                switch injection {
                case .none: break
                case .drop(let share), .lone(let share):
                    changed.inOctets = reading.inOctets?.grown(
                        since: before.inOctets, from: base.inOctets, by: 1 - share.fraction)
                    changed.outOctets = reading.outOctets?.grown(
                        since: before.outOctets, from: base.outOctets, by: 1 - share.fraction)
                case .discards(let rate):
                    let seconds = lastAt.map { (at - Swift.max($0, start)).seconds } ?? 0
                    changed.outDiscards = reading.outDiscards?.grown(
                        since: before.outDiscards, from: base.outDiscards, by: 1, plus: rate * seconds)
                }
                altered[reading.name] = changed
                self[index].interfaces[place] = changed
            }
            lastAt = at
        }
    }
}

extension Counter {
    /// What the counter would show had it grown otherwise since the reading before; a reset stays one.
    fileprivate func grown(since before: Counter?, from base: Counter?, by factor: Double, plus extra: Double = 0)
        -> Counter
    {
        func scaled(_ growth: UInt64) -> UInt64 {
            let value = Double(growth) * factor + extra
            return value > 0 && value < 9e18 ? UInt64(value.rounded()) : 0
        }
        switch (self, before, base) {
        case (.bits64(let now), .bits64(let then), .bits64(let start)):
            return now >= then ? .bits64(start &+ scaled(now - then)) : self
        case (.bits32(let now), .bits32(let then), .bits32(let start)):
            return .bits32(start &+ UInt32(truncatingIfNeeded: scaled(UInt64(now &- then))))
        default: return self
        }
    }
}

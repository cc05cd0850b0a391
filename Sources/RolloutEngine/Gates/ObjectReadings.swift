/// The readings of one watched object of one subject over time, instance by instance. Pure.
struct ObjectReadings {
    /// What was read at one moment.
    struct Moment {
        let sample: CounterSample
        let values: [String: ObjectReading]
        /// Whether the agent said all that it has: an instance that is not among the values is not there.
        let isAnswered: Bool
        /// Why it did not.
        let unknown: UnknownReason?

        var at: Instant { sample.at }
    }

    let moments: [Moment]
    /// Every instance that ever had a reading, in the order in which they came.
    let instances: [String]

    /// The readings of an object.
    ///
    /// - Parameter samples: Of one subject, oldest first.
    init(of name: String, in samples: [CounterSample]) {
        var instances: [String] = []
        var seen: Set<String> = []
        moments = samples.map { sample in
            var values: [String: ObjectReading] = [:]
            var trouble = sample.unknown
            var isNamed = false
            for reading in sample.objects where reading.name == name {
                isNamed = true
                guard reading.value != nil || !reading.instance.isEmpty else {
                    // Of the whole object: that it is absent is an answer, silence is none.
                    if let reason = reading.unknown, reason.code != .absent { trouble = trouble ?? reason }
                    continue
                }
                values[reading.instance] = reading
                if seen.insert(reading.instance).inserted { instances.append(reading.instance) }
            }
            if !isNamed { trouble = trouble ?? UnknownReason(.notAsked, "it was not asked for") }
            return Moment(sample: sample, values: values, isAnswered: trouble == nil, unknown: trouble)
        }
        self.instances = instances
    }

    /// Whether there was a value in a window.
    func hasValues(in window: Verdict.Window) -> Bool {
        moments.contains { moment in
            window.contains(moment.at) && moment.values.values.contains { $0.value != nil }  // in any order
        }
    }

    /// The newest moment of a window at which the agent answered.
    func newestAnswer(in window: Verdict.Window, notBefore earliest: Instant? = nil) -> Moment? {
        moments.last { $0.isAnswered && window.contains($0.at) && $0.at >= earliest ?? $0.at }
    }

    /// Why nothing is known in a window.
    func reasonForNone(in window: Verdict.Window) -> UnknownReason {
        guard let last = moments.last(where: { window.contains($0.at) }) else {
            return UnknownReason(.tooFewSamples, "it was not read")
        }
        return last.unknown ?? UnknownReason(.absent, "the agent has none")
    }

    /// A counter as a series of rates, under the rules that hold for counters of interfaces.
    ///
    /// It goes as what they count in packets: what goes back is a reset. An instance that was away and is back may be another
    /// thing under the same number, so that it is not compared with what it was.
    func rates(of instance: String) -> RateSeries {
        var generation: UInt32 = 0
        var isAway = false
        let samples = moments.map { moment -> CounterSample in
            var reading = InterfaceReading(name: instance)
            switch moment.values[instance] {
            case nil where moment.isAnswered:
                isAway = true
                reading.unknown = UnknownReason(.absent, "the agent does not have it any more")
            case nil:
                reading.unknown = moment.unknown
            case let found?:
                if isAway {
                    generation += 1
                    isAway = false
                }
                if case .counter(let counter) = found.value { reading.outDiscards = counter }
                if reading.outDiscards == nil {
                    reading.unknown =
                        found.unknown ?? UnknownReason(.agentError, "the agent gave something else than a counter")
                }
            }
            reading.discontinuity = generation
            var sample = moment.sample
            sample.objects = []
            sample.interfaces = [reading]
            sample.ipOutDiscards = nil
            return sample
        }
        return RateSeries(of: instance, in: samples)
    }

    /// The levels of an instance over time, or of all of them together.
    func levels(of instance: String?, _ combination: ObjectCondition.Combination) -> LevelSeries {
        LevelSeries(
            moments.map { moment in
                let found: [Double?]
                if let instance {
                    found = moment.values[instance].map { [Self.level($0)] } ?? []
                } else {
                    found = instances.compactMap { moment.values[$0] }.map(Self.level)
                }
                let values = found.compactMap(\.self)
                guard !values.isEmpty, values.count == found.count else {
                    let reason =
                        moment.unknown ?? instances.lazy.compactMap { moment.values[$0]?.unknown }.first
                        ?? (found.isEmpty
                            ? UnknownReason(.absent, "the agent has none")
                            : UnknownReason(.agentError, "the agent gave something else than a number"))
                    return (moment.at, .failure(reason))
                }
                let sum = values.reduce(0, +)
                switch combination {
                case .each, .highest: return (moment.at, .success(values.max() ?? sum))
                case .mean: return (moment.at, .success(sum / Double(values.count)))
                case .sum: return (moment.at, .success(sum))
                }
            })
    }

    private static func level(_ reading: ObjectReading) -> Double? {
        guard case .level(let value) = reading.value, value.isFinite else { return nil }
        return value
    }
}

extension UnknownReason: Error {}

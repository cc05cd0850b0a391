import RolloutEngine

/// How full a shared link is, was, and is predicted to become. Rates in bits a second.
struct LinkLoad: Hashable, Codable, Sendable {
    /// Which link.
    var link: LinkName
    /// What it can carry.
    var capacity: BitsPerSecond
    /// What it must stay under.
    var cap: BitsPerSecond
    /// Its load when the plan was made.
    var measured: BitsPerSecond?
    /// Its predicted load when the waves that were started are done; nil before the first that loads it.
    var predictedNow: BitsPerSecond?
    /// Its predicted load when all is done.
    var predicted: BitsPerSecond?
    /// Its load by the newest two readings, if they are no older than three polls.
    var load: BitsPerSecond?
    /// When the newest of them was made.
    var readAt: Instant?

    /// The links of a rollout, in the order of its plan.
    ///
    /// - Parameter samples: Its newest readings, oldest first.
    static func all(of reading: RolloutReading, _ samples: [CounterSample]) -> [LinkLoad] {
        let bySubject = Dictionary(grouping: samples, by: \.subject)
        return reading.plan.links.map { planned in
            let link = planned.link
            var load = LinkLoad(
                link: link.name, capacity: link.capacity, cap: planned.cap, measured: planned.measured,
                predicted: planned.predicted)
            let started = reading.plan.waves.filter { reading.state[wave: $0.index].startedAt != nil }
            for wave in started {
                if let prediction = wave.predicted.first(where: { $0.link == link.name }) {
                    load.predictedNow = prediction.load
                }
            }
            let own = bySubject[.link(link.name)] ?? []
            if let newest = own.last?.at, let oldest = own.first?.at,
                let point = RateSeries(of: link.counters.interface, in: own).points(
                    in: Verdict.Window(from: oldest, to: newest)
                ).last,
                let bits = link.counters.direction == .in ? point.rates.bitsIn : point.rates.bitsOut, bits >= 0
            {
                load.load = BitsPerSecond(bits < 1e18 ? UInt64(bits.rounded()) : .max)
                load.readAt = point.to
            }
            return load
        }
    }
}

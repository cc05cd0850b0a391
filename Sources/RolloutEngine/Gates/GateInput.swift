/// All that a wave's gates are judged by.
public struct GateInput: Sendable {
    /// The wave.
    public var wave: Wave
    /// Its devices that hold the change.
    public var treated: [Device]
    /// Devices that were not touched meanwhile.
    public var control: [Device]
    /// The shared links that the wave loads.
    public var links: [PlannedLink]
    /// The gates.
    public var rules: [GateRule]
    /// How counters are read.
    public var watch: WatchRule
    /// Samples of everything over both windows, oldest first for each subject.
    public var samples: [WatchedAgent.Subject: [CounterSample]]
    /// The time before the wave.
    public var before: Verdict.Window
    /// The time that is judged.
    public var after: Verdict.Window
    /// When each treated device was last touched.
    public var changedAt: [DeviceName: Instant]
    /// The rates to which whole interfaces of treated devices are shaped by the change.
    public var shapedRates: [DeviceName: [String: BitsPerSecond]] = [:]
    /// How restless traffic was on earlier nights, where that is known.
    public var history: TrafficHistory?
    /// Series that were worked out from earlier inputs; nil where what is read does not simply go on.
    var known: KnownSeries?

    /// Everything that is read to judge it.
    var subjects: Set<WatchedAgent.Subject> {
        var subjects: Set<WatchedAgent.Subject> = []
        for device in treated where device.isWatched { subjects.insert(.device(device.name)) }
        for device in control where device.isWatched { subjects.insert(.device(device.name)) }
        for link in links { subjects.insert(.link(link.link.name)) }
        for rule in rules {
            switch rule.condition {
            case .tcDrops: subjects.formUnion(treated.map { .queues($0.name) })
            case .probe: subjects.insert(.probe(rule.name))
            default: break
            }
        }
        return subjects
    }

    /// All that a wave's gates are judged by.
    public init(
        wave: Wave, treated: [Device], control: [Device], links: [PlannedLink], rules: [GateRule], watch: WatchRule,
        samples: [WatchedAgent.Subject: [CounterSample]], before: Verdict.Window, after: Verdict.Window,
        changedAt: [DeviceName: Instant], history: TrafficHistory? = nil
    ) {
        self.wave = wave
        self.treated = treated
        self.control = control
        self.links = links
        self.rules = rules
        self.watch = watch
        self.samples = samples
        self.before = before
        self.after = after
        self.changedAt = changedAt
        self.history = history
    }
}

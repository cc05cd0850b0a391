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
    /// How restless traffic was on earlier nights, where that is known.
    public var history: TrafficHistory?

    /// Everything that is read to judge it.
    var subjects: Set<WatchedAgent.Subject> {
        Set(
            (treated + control).filter { $0.watchedAgent != nil }.map { .device($0.name) }
                + links.map { .link($0.link.name) })
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

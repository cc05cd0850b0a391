/// How long a store in PostgreSQL keeps what agents said, in days. Whole days (UTC) go at once.
public struct SampleRetention: Hashable, Sendable {
    /// The samples themselves, by which gates are rehearsed and judged again.
    public var samples: Int
    /// What they come to in steps of five minutes.
    public var fiveMinutes: Int
    /// What they come to in steps of an hour.
    public var hours: Int

    /// Two days, a month, and a little more than a year.
    public init(samples: Int = 2, fiveMinutes: Int = 30, hours: Int = 400) {
        self.samples = samples
        self.fiveMinutes = fiveMinutes
        self.hours = hours
    }

    /// What came of keeping no more than that.
    public struct Outcome: Hashable, Sendable {
        /// The oldest day (UTC) of samples that is left, as `2026-03-01`; nil when there are none.
        public var oldestSamples: String?
        /// Whether somebody else was at it, so that nothing was done.
        public var wasBusy: Bool
    }
}

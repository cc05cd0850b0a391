/// What a gate concluded, with everything needed to conclude it again.
public struct Verdict: Hashable, Codable, Sendable {
    /// Which gate.
    public var gate: GateName
    /// The conclusion.
    public var outcome: Outcome
    /// Why, in one sentence.
    public var reason: String
    /// What was found, subject by subject: the failing ones first.
    public var findings: [Finding]
    /// The span that counted as "before".
    public var before: Window
    /// The span that was judged.
    public var after: Window
    /// What it was concluded from; with the first verdict of those that were reached together.
    public var basis: Basis?

    /// What a gate concluded.
    public init(
        gate: GateName, outcome: Outcome, reason: String, findings: [Finding], before: Window, after: Window
    ) {
        self.gate = gate
        self.outcome = outcome
        self.reason = reason
        self.findings = findings
        self.before = before
        self.after = after
    }

    /// What is needed to find again what verdicts were concluded from.
    public struct Basis: Hashable, Codable, Sendable {
        /// `GateEvaluator.version`.
        public var version: Int
        /// The devices of the wave that held the change, and when each was last touched.
        public var treated: [Touched]
        /// The devices they were compared with.
        public var control: [DeviceName]
        /// The time between two readings of one agent.
        public var poll: Timespan
        /// When the newest reading came that was looked at.
        public var newest: Instant
        /// How many readings were looked at.
        public var readings: Int
        /// A mark of all that they said, to tell whether others are the same.
        public var mark: String

        /// A device that holds the change.
        public struct Touched: Hashable, Codable, Sendable {
            /// The device.
            public var device: DeviceName
            /// When it was last touched.
            public var at: Instant?
        }
    }

    /// Only `pass` lets a wave through. No combination of the others ever becomes one.
    public enum Outcome: String, Codable, Sendable {
        /// The condition held, on enough data.
        case pass
        /// The condition did not hold, on enough data.
        case fail
        /// Not enough data to say.
        case inconclusive
        /// The gate could not be judged at all.
        case error
    }

    /// A span of time.
    public struct Window: Hashable, Codable, Sendable {
        /// Its start.
        public var from: Instant
        /// Its end.
        public var to: Instant

        /// A span of time.
        public init(from: Instant, to: Instant) {
            self.from = from
            self.to = to
        }
    }

    /// What was found on one device, interface or link.
    public struct Finding: Hashable, Codable, Sendable {
        /// The device or link, with the interface where there are several: `gra-eco-05 eth0`.
        public var subject: String
        /// Whether it belongs to the control group.
        public var isControl: Bool
        /// Whether it is watched beside the wave because the policy names it.
        public var isBeside: Bool?
        /// Whether it broke the condition.
        public var failed: Bool
        /// The value before, in `unit`.
        public var before: Double?
        /// The value after, in `unit`.
        public var after: Double?
        /// The limit that was compared with, in `unit`.
        public var limit: Double?
        /// `bit/s`, `/s`, `%`, whatever a watched object has, or empty for a state.
        public var unit: String
        /// The values over time, before and after, for a sparkline.
        public var series: [Double]
        /// Why there is no value.
        public var unknown: UnknownReason?

        /// What was found on one subject.
        public init(
            subject: String, isControl: Bool = false, failed: Bool = false, before: Double? = nil, after: Double? = nil,
            limit: Double? = nil, unit: String, series: [Double] = [], unknown: UnknownReason? = nil
        ) {
            self.subject = subject
            self.isControl = isControl
            self.failed = failed
            self.before = before
            self.after = after
            self.limit = limit
            self.unit = unit
            self.series = series
            self.unknown = unknown
        }
    }
}

/// What is to be carried out, and when.
public struct Schedule: Hashable, Codable, Sendable {
    /// The name, unique in its store.
    public var name: ScheduleName
    /// What.
    public var work: Work
    /// When.
    public var timing: Timing
    /// How late an occurrence may still begin, when nobody was there to begin it in time.
    public var lateness: Timespan

    /// What is to be carried out, and when.
    public init(name: ScheduleName, work: Work, timing: Timing, lateness: Timespan = .minutes(60)) {
        self.name = name
        self.work = work
        self.timing = timing
        self.lateness = lateness
    }

    /// What a schedule carries out.
    public enum Work: Hashable, Codable, Sendable {
        /// This plan file, as long as it is the one that was meant.
        case plan(path: String, digest: Digest)
        /// A plan that is made when it is due, as long as it reaches no further than was approved.
        case anew(PlanInputs, approved: BlastRadius)
    }

    /// When a schedule is due.
    public enum Timing: Hashable, Codable, Sendable {
        /// Whenever a clock on a wall of this time zone shows it.
        case cron(CronExpression, zone: String)
        /// Once.
        case once(Instant)
        /// Once, when the next window of a datacentre opens.
        case windows([Datacentre])
    }
}

/// The files from which a plan is made. Paths are absolute: who carries it out may stand elsewhere.
public struct PlanInputs: Hashable, Codable, Sendable {
    /// The change file, with its policy.
    public var change: String
    /// The inventory's folder.
    public var inventory: String
    /// The selection that narrows it, if any.
    public var limit: String?

    /// The files from which a plan is made.
    public init(change: String, inventory: String, limit: String? = nil) {
        self.change = change
        self.inventory = inventory
        self.limit = limit
    }
}

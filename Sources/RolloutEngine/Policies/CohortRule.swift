/// When failures that have model and firmware in common hold every other device of that kind.
public struct CohortRule: Hashable, Codable, Sendable {
    /// So many failed devices of one model and firmware hold the others.
    public var failures: Int
    /// What follows.
    public var reaction: Reaction

    /// Two failures hold.
    public init(failures: Int = 2, reaction: Reaction = .hold) {
        self.failures = failures
        self.reaction = reaction
    }

    /// What follows when a cohort has failed too often.
    public enum Reaction: String, Codable, Sendable {
        /// Nothing more is pushed to it, in any wave or datacentre. Other devices go on.
        case hold
        /// The same, and the whole rollout pauses for a person.
        case pause
    }
}

internal import RolloutEngine

/// Some of a rollout's samples, oldest first, and those of one instant in the order in which they were added: of millions nobody holds all.
struct SamplePage: Sendable {
    let samples: [CounterSample]
    /// Where the next page begins; nil when this was the last.
    let end: Place?

    /// A sample's place in that order, in the store that it was read from.
    struct Place: Sendable {
        let at: Instant
        let row: Int64

        /// The place before all samples from an instant on.
        static func before(_ start: Instant) -> Place { Place(at: start, row: .min) }

        /// The place before all samples.
        static let start = before(Instant(milliseconds: .min))
    }

    /// How many samples a page has at most.
    static let size = 5000
}

import ArgumentParser
import RolloutStore

/// How long the service keeps samples in PostgreSQL.
struct RetentionOptions: ParsableArguments {
    @Flag(
        inversion: .prefixedNo,
        help: "Roll samples in PostgreSQL up every five minutes, and drop old days; see `rollout db retain --help`.")
    var retention = true
    @Option(help: "Days of samples to keep.") var keepSamples = SampleRetention().samples
    @Option(help: "Days to keep of steps of five minutes.") var keepFiveMinutes = SampleRetention().fiveMinutes
    @Option(help: "Days to keep of steps of an hour.") var keepHours = SampleRetention().hours

    /// What is kept; nil when that is left to others.
    var wanted: SampleRetention? {
        retention ? SampleRetention(samples: keepSamples, fiveMinutes: keepFiveMinutes, hours: keepHours) : nil
    }

    func validate() throws {
        guard min(keepSamples, keepFiveMinutes, keepHours) >= 1 else {
            throw ValidationError(
                "at least one day has to be kept of everything; keep more, or leave it to others: --no-retention")
        }
    }
}

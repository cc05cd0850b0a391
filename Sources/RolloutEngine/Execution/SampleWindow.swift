/// The samples of the recent past, oldest first.
struct SampleWindow: Sendable {
    /// How far back it reaches.
    let span: Timespan
    private(set) var all: [CounterSample] = []

    init(keeping span: Timespan) { self.span = span }

    mutating func append(_ samples: [CounterSample]) {
        let added = samples.sorted { ($0.at, $0.subject.description) < ($1.at, $1.subject.description) }
        guard let first = added.first else { return }
        // What was asked earlier may have been answered later.
        let place = all.lastIndex { $0.at <= first.at }.map { $0 + 1 } ?? 0
        let late = all[place...]
        all.removeSubrange(place...)
        all += late.isEmpty ? added : (late + added).sorted { $0.at < $1.at }
        guard let newest = all.last?.at, let oldest = all.first?.at else { return }
        // Cutting costs a move of everything: do it when a tenth is too old.
        guard newest - oldest > span + Timespan(milliseconds: span.milliseconds / 10) else { return }
        let start = newest - span
        all.removeAll { $0.at < start }
    }

    /// Whether each of these was read, or asked in vain, at `start` or later.
    func reach(_ start: Instant, of subjects: Set<WatchedAgent.Subject>) -> Bool {
        var missing = subjects
        for sample in all.reversed() {
            if sample.at < start || missing.isEmpty { break }
            missing.remove(sample.subject)
        }
        return missing.isEmpty
    }

    /// Whether it still holds what was read since `start`.
    func remembers(_ start: Instant) -> Bool { all.first.map { $0.at <= start } ?? false }

    /// Since when samples follow each other without a gap longer than `gap`.
    static func unbrokenStart(of samples: [CounterSample], allowing gap: Timespan) -> Instant {
        guard var start = samples.last?.at else { return .distantPast }
        for sample in samples.reversed() {
            if start - sample.at > gap { break }
            start = sample.at
        }
        return start
    }
}

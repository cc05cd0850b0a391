/// The samples of the recent past, oldest first for each subject.
struct SampleWindow: Sendable {
    /// How far back it reaches.
    let span: Timespan
    private var bySubject: [WatchedAgent.Subject: [CounterSample]] = [:]

    init(keeping span: Timespan) { self.span = span }

    /// Takes in samples; those of one subject come in their order.
    mutating func append(_ samples: [CounterSample]) {
        for sample in samples {
            bySubject[sample.subject, default: []].append(sample)
            guard let oldest = bySubject[sample.subject]?.first?.at else { continue }
            // Cutting costs a move of everything: do it when a tenth is too old.
            guard sample.at - oldest > span + Timespan(milliseconds: span.milliseconds / 10) else { continue }
            let start = sample.at - span
            bySubject[sample.subject]?.removeAll { $0.at < start }
        }
    }

    /// What was read of these subjects, without what was read between `gap`'s bounds.
    func samples(
        of subjects: Set<WatchedAgent.Subject>, from start: Instant, leavingOut gap: Verdict.Window? = nil
    ) -> [WatchedAgent.Subject: [CounterSample]] {
        var found: [WatchedAgent.Subject: [CounterSample]] = [:]
        for subject in subjects {
            found[subject] = bySubject[subject]?.filter { $0.at >= start && gap?.contains($0.at) != true }
        }
        return found
    }

    /// Whether each of these was read, or asked in vain, at `start` or later.
    func reach(_ start: Instant, of subjects: Set<WatchedAgent.Subject>) -> Bool {
        subjects.allSatisfy { subject in bySubject[subject]?.last.map { $0.at >= start } ?? false }
    }

    /// Whether it still holds what was read of any of these by `start`.
    func remembers(_ start: Instant, of subjects: Set<WatchedAgent.Subject>) -> Bool {
        subjects.contains { subject in bySubject[subject]?.first.map { $0.at <= start } ?? false }
    }

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

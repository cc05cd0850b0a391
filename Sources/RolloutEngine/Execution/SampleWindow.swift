/// The samples of the recent past, oldest first for each subject.
struct SampleWindow: Sendable {
    /// How far back it reaches.
    let span: Timespan
    /// How long nothing may be heard of what counts as heard all along.
    let gap: Timespan
    private var bySubject: [WatchedAgent.Subject: [CounterSample]] = [:]
    private var heard: [WatchedAgent.Subject: (since: Instant, last: Instant)] = [:]
    /// What was worked out from what was read without leaving anything out.
    let known = KnownSeries()

    init(keeping span: Timespan, allowing gap: Timespan) {
        self.span = span
        self.gap = gap
    }

    /// Takes in samples; those of one subject come in their order.
    mutating func append(_ samples: [CounterSample]) {
        for sample in samples {
            Self.append(sample, to: &bySubject[sample.subject, default: []], keeping: span)
            if sample.silence == nil {
                let known = heard[sample.subject].flatMap { sample.at - $0.last <= gap ? $0.since : nil }
                heard[sample.subject] = (known ?? sample.at, sample.at)
            }
        }
    }

    private static func append(
        _ sample: CounterSample, to samples: inout [CounterSample], keeping span: Timespan
    ) {
        samples.append(sample)
        // Cutting costs a move of everything: do it when a tenth is too old.
        guard sample.at - samples[0].at > span + Timespan(milliseconds: span.milliseconds / 10) else { return }
        let start = sample.at - span
        samples.removeAll { $0.at < start }
    }

    /// What was read of these subjects, without what was read between `gap`'s bounds.
    func samples(
        of subjects: Set<WatchedAgent.Subject>, from start: Instant, leavingOut gap: Verdict.Window? = nil
    ) -> [WatchedAgent.Subject: [CounterSample]] {
        var found: [WatchedAgent.Subject: [CounterSample]] = [:]
        for subject in subjects {
            guard let recent = bySubject[subject]?.drop(while: { $0.at < start }) else { continue }
            found[subject] = gap.map { gap in recent.filter { !gap.contains($0.at) } } ?? Array(recent)
        }
        return found
    }

    /// Whether each of these was read, or asked in vain, at `start` or later.
    func reach(_ start: Instant, of subjects: Set<WatchedAgent.Subject>) -> Bool {
        subjects.allSatisfy { subject in bySubject[subject]?.last.map { $0.at >= start } ?? false }
    }

    /// Of which of these too little is seen to judge a change: those that were silent in the last two polls, and those that were
    /// heard in less than two thirds of the polls that a baseline has, or over less of it than the third that verdicts need: a
    /// process reads all agents as it starts, and then in turn, so that its first readings may lie close together.
    func blindSpots(of agents: [WatchedAgent], at now: Instant, _ watch: WatchRule)
        -> [WatchedAgent.Subject: BlindSpot]
    {
        let polls = Int(watch.baseline.milliseconds / max(1, watch.poll.milliseconds))
        // Readings come up to a sixth of a poll late.
        let least = Timespan(milliseconds: watch.baseline.milliseconds / 3 + watch.poll.milliseconds / 6)
        var found: [WatchedAgent.Subject: BlindSpot] = [:]
        for subject in agents.map(\.subject) {
            let samples = bySubject[subject] ?? []
            let last = samples.suffix(2)
            if last.count == 2, last.allSatisfy({ $0.silence != nil }), let first = last.first?.at,
                let why = last.last?.silence
            {
                found[subject] = .silent(why, since: first)
                continue
            }
            // Looked at where they are: there are many, and this is asked of every agent, again and again.
            let recent = samples.suffix(polls)
            func isHeard(_ sample: CounterSample) -> Bool {
                sample.at >= now - watch.baseline && sample.silence == nil
            }
            let heard = recent.count(where: isHeard)
            let first = recent.first(where: isHeard)?.at
            let span = first.flatMap { first in recent.last(where: isHeard).map { $0.at - first } } ?? .zero
            if heard * 3 < polls * (PlantedBug.isPlanted(.fewReadingsSuffice) ? 1 : 2) {
                found[subject] = .scarce("heard in \(heard) of \(polls) polls, two thirds of them are needed")
            } else if span < least, !PlantedBug.isPlanted(.fewReadingsSuffice) {
                found[subject] = .scarce(
                    "heard over \(GateText.number(span.seconds)) s, \(GateText.number(least.seconds)) s are needed")
            }
        }
        return found
    }

    /// Since when a subject has been heard without a longer gap than is allowed; nil when it is silent now.
    func heardSince(_ subject: WatchedAgent.Subject, at now: Instant) -> Instant? {
        heard[subject].flatMap { now - $0.last <= gap ? $0.since : nil }
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

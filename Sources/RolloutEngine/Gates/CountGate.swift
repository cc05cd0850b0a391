/// Whether errors or discards a second rose over what they were before by more than a limit. Pure.
struct CountGate {
    /// What is counted.
    enum What: String {
        case errors
        case discards
    }

    let rates: WatchedRates
    let what: What
    let limit: Double

    var conclusion: GateConclusion {
        let findings = rates.watched.map { watched -> Verdict.Finding in
            let before = value(watched.before)
            let after = value(watched.after)
            // Without a before, all of it is new.
            let allowed = (before ?? 0) + limit
            let unknown = after == nil ? reason(watched) : nil
            return Verdict.Finding(
                subject: watched.subject, isControl: watched.isControl, failed: after.map { $0 > allowed } ?? false,
                before: before, after: after, limit: allowed, unit: "/s",
                series: rates.picture(watched.series, { what == .errors ? $0.errors : $0.discards }, factor: 1),
                unknown: unknown)
        }
        return GateConclusion(
            findings, failed: "\(what.rawValue) rose by more than \(number(limit))/s on",
            passed: "\(what.rawValue) stayed within \(number(limit))/s of before")
    }

    private func value(_ average: RateSeries.Average?) -> Double? {
        what == .errors ? average?.errors : average?.discards
    }

    private func reason(_ watched: WatchedRates.Watched) -> UnknownReason {
        watched.after == nil
            ? watched.series.reasonForNone(in: rates.input.after)
            : UnknownReason(.absent, "the agent does not count \(what.rawValue) of \(watched.interface)")
    }

    private func number(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }
}

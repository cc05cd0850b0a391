/// Whether errors or discards a second rose over what they were before by more than a limit. Pure.
///
/// What the agent's IP layer dropped on its way out (on Linux, what `tc` drops of local traffic) belongs to no interface: it is
/// added to the interface of a device that has one, and is a finding of its own where there are several.
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
        let findings = findings
        return GateConclusion(
            findings + rates.unwatchedFindings(unit: "/s"),
            failed: "\(what.rawValue) rose by more than \(GateText.number(limit))/s on",
            describe: {
                let before = $0.before.map { GateText.number($0) } ?? "unknown"
                return "\(before)/s before, \(GateText.number($0.after ?? 0))/s now"
            }, passed: "\(what.rawValue) stayed within \(GateText.number(limit))/s of before\(highest(findings))")
    }

    /// One finding an interface, and one a device for its IP layer where that belongs to no single interface.
    var findings: [Verdict.Finding] {
        rates.watched.flatMap { watched -> [Verdict.Finding] in
            let isOnly = watched.device.interfaces.count == 1
            let own = finding(watched, subject: watched.subject) { value($0, withIP: isOnly) }
            guard what == .discards, !isOnly, watched.interface == watched.device.interfaces.first,
                watched.before.rate?.ipDiscards != nil || watched.after.rate?.ipDiscards != nil
            else { return [own] }
            return [own, finding(watched, subject: "\(watched.device.name) IP layer", \.ipDiscards)]
        }
    }

    private func finding(
        _ watched: WatchedRates.Watched, subject: String, _ value: (RateSeries.Average) -> Double?
    ) -> Verdict.Finding {
        let before = watched.before.rate.flatMap(value)
        let after = watched.after.rate.flatMap(value)
        // Less than the limit alone is less than before plus the limit, whatever was before; more needs a before.
        let isOver =
            after.map { $0 > (before ?? 0) + limit } ?? false
            && !(what == .discards && PlantedBug.isPlanted(.ignoresDiscards))
        var unknown: UnknownReason?
        if after == nil {
            unknown = watched.after.reason ?? absent(watched)
        } else if before == nil && isOver {
            unknown = watched.before.reason ?? absent(watched)
        }
        return Verdict.Finding(
            subject: subject, isControl: watched.isControl, failed: isOver && before != nil, before: before,
            after: after,
            limit: (before ?? 0) + limit, unit: "/s", series: rates.picture(watched.series, value), unknown: unknown)
    }

    private func value(_ average: RateSeries.Average, withIP: Bool) -> Double? {
        guard what == .discards else { return average.errors }
        guard withIP, let ip = average.ipDiscards else { return average.discards }
        return (average.discards ?? 0) + ip
    }

    private func absent(_ watched: WatchedRates.Watched) -> UnknownReason {
        UnknownReason(.absent, "the agent does not count \(what.rawValue) of \(watched.interface)")
    }

    private func highest(_ findings: [Verdict.Finding]) -> String {
        guard let most = findings.filter({ !$0.isControl }).compactMap(\.after).max(), most > 0 else { return ": none" }
        return ": at most \(GateText.number(most))/s"
    }
}

/// Whether every shared link that the wave loads is under its headroom, by the link's own counters. Pure.
struct LinkGate {
    let rates: WatchedRates

    var conclusion: GateConclusion {
        guard !rates.input.links.isEmpty else { return GateConclusion(.pass, "the wave loads no shared link", []) }
        let findings = rates.input.links.map { finding($0) }
        return GateConclusion(
            findings, failed: "over the headroom:",
            describe: { "carries \(GateText.rate($0.after ?? 0)), may carry \(GateText.rate($0.limit ?? 0))" },
            passed: GateText.list(
                findings.compactMap { finding in
                    guard let after = finding.after, let limit = finding.limit, limit > 0 else { return nil }
                    return "\(finding.subject) at \(GateText.percent(after / limit)) of what it may carry"
                }))
    }

    /// The links that were over their headroom in every interval of the judged time, of which there are two at least.
    var overThroughout: [Verdict.Finding] {
        rates.input.links.compactMap { link in
            if PlantedBug.isPlanted(.ignoresFullLinks) { return nil }
            let points = rates.link(link).series.points(in: rates.input.after)
            let isOver = points.allSatisfy { (load($0.rates, link) ?? 0) > Double(link.cap.value) }
            return points.count >= 2 && isOver ? finding(link) : nil
        }
    }

    private func finding(_ link: PlannedLink) -> Verdict.Finding {
        let (series, before, after) = rates.link(link)
        let carried = after.rate.flatMap { load($0, link) }
        let cap = Double(link.cap.value)
        let absent = UnknownReason(.absent, "the agent does not count octets of \(link.link.counters.interface)")
        return Verdict.Finding(
            subject: link.link.name.rawValue,
            failed: carried.map { $0 > cap && !PlantedBug.isPlanted(.ignoresFullLinks) } ?? false,
            before: before.rate.flatMap { load($0, link) }, after: carried, limit: cap, unit: "bit/s",
            series: rates.picture(series) { load($0, link) }, unknown: carried == nil ? after.reason ?? absent : nil)
    }

    private func load(_ average: RateSeries.Average, _ link: PlannedLink) -> Double? {
        link.link.counters.direction == .in ? average.bitsIn : average.bitsOut
    }
}

extension LinkLoad {
    /// What a link carried over a window, by its own counters.
    init(of link: Link, from samples: [CounterSample], in window: Verdict.Window) {
        let series = RateSeries(of: link.counters.interface, in: samples)
        let average = series.average(in: window)
        if let bits = link.counters.direction == .in ? average?.bitsIn : average?.bitsOut {
            self = .known(BitsPerSecond(GateText.whole(bits)))
        } else {
            self = .unknown(series.reasonForNone(in: window))
        }
    }
}

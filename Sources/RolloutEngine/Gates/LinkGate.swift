/// Whether every shared link that the wave loads is under its headroom, by the link's own counters. Pure.
enum LinkGate {
    static func conclusion(_ rates: WatchedRates) -> GateConclusion {
        let links = rates.input.links
        guard !links.isEmpty else { return GateConclusion(.pass, "the wave loads no shared link", []) }
        let findings = links.map { finding($0, rates) }
        return GateConclusion(
            findings, failed: "over the headroom",
            passed: findings.compactMap { finding in
                guard let after = finding.after, let limit = finding.limit, limit > 0 else { return nil }
                return "\(finding.subject) at \(Int((after / limit * 100).rounded()))% of what it may carry"
            }.joined(separator: ", "))
    }

    private static func finding(_ link: PlannedLink, _ rates: WatchedRates) -> Verdict.Finding {
        let series = RateSeries(of: link.link.counters.interface, in: rates.samples[.link(link.link.name)] ?? [])
        let isIn = link.link.counters.direction == .in
        func load(_ window: Verdict.Window) -> Double? {
            let average = series.average(in: window)
            return isIn ? average?.bitsIn : average?.bitsOut
        }
        let after = load(rates.input.after)
        let cap = Double(link.cap.value)
        return Verdict.Finding(
            subject: link.link.name.rawValue, failed: after.map { $0 > cap } ?? false, before: load(rates.input.before),
            after: after, limit: cap, unit: "bit/s",
            series: rates.picture(series, { isIn ? $0.octetsIn : $0.octetsOut }, factor: 8),
            unknown: after == nil ? series.reasonForNone(in: rates.input.after) : nil)
    }
}

extension LinkLoad {
    /// What a link carried over a window, by its own counters.
    init(of link: Link, from samples: [CounterSample], in window: Verdict.Window) {
        let series = RateSeries(of: link.counters.interface, in: samples)
        let average = series.average(in: window)
        if let bits = link.counters.direction == .in ? average?.bitsIn : average?.bitsOut {
            self = .known(BitsPerSecond(UInt64(bits.rounded())))
        } else {
            self = .unknown(series.reasonForNone(in: window))
        }
    }
}

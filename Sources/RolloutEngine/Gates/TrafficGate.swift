import Foundation

/// Whether the wave's traffic fell against devices that were not touched meanwhile. Pure.
///
/// A wave is judged as a whole: the median of its devices' change against the median of the control group's, on a
/// logarithmic scale (difference in differences). Traffic that falls everywhere at night falls in the control group too.
/// One device alone fails only when its traffic all but vanishes, as single interfaces are too restless for more.
struct TrafficGate {
    let rates: WatchedRates
    let maximumDrop: Share
    let minimumRate: BitsPerSecond

    /// A device below a tenth of what it had, while the control group has not fallen like that, has lost its traffic.
    private static let vanished = 0.1

    var conclusion: GateConclusion {
        var findings = rates.watched.map(finding)
        let treated = changes(of: rates.treated)
        let control = changes(of: rates.control)
        guard !rates.treated.isEmpty else { return GateConclusion(.error, "nothing of this wave is watched", findings) }
        guard let controlChange = median(control) else {
            return GateConclusion(
                .inconclusive, "there is no untouched device with traffic to compare with", findings)
        }
        let floor = Self.vanished * min(1, controlChange)
        for index in findings.indices where !findings[index].isControl {
            guard let before = findings[index].before, let after = findings[index].after else { continue }
            findings[index].limit = before * controlChange * (1 - maximumDrop.fraction)
            if before >= Double(minimumRate.value) && after < before * floor { findings[index].failed = true }
        }
        let lost = findings.filter { $0.failed }
        if !lost.isEmpty {
            return GateConclusion(
                .fail, "the traffic of \(GateConclusion.list(lost.map(\.subject))) all but vanished", findings)
        }
        let unknown = findings.filter { !$0.isControl && $0.unknown != nil }
        if !unknown.isEmpty {
            let why = unknown.first?.unknown?.description ?? ""
            return GateConclusion(
                .inconclusive, "no data for \(GateConclusion.list(unknown.map(\.subject))) (\(why))", findings)
        }
        guard let change = median(treated) else {
            return GateConclusion(
                .inconclusive,
                "no device of the wave carried more than \(minimumRate.approximate) before: too little to judge by",
                findings)
        }
        let relative = change / controlChange
        let summary =
            "traffic of the wave is \(percent(change)) of before, of \(control.count) untouched interfaces \(percent(controlChange))"
        if relative < 1 - maximumDrop.fraction {
            for index in findings.indices where !findings[index].isControl {
                if let after = findings[index].after, let limit = findings[index].limit, after < limit {
                    findings[index].failed = true
                }
            }
            return GateConclusion(
                .fail, "\(summary): a drop of \(percent(1 - relative)), allowed is \(maximumDrop)", findings)
        }
        return GateConclusion(.pass, summary, findings)
    }

    private func finding(_ watched: WatchedRates.Watched) -> Verdict.Finding {
        let before = watched.before?.bits
        let after = watched.after?.bits
        let unknown =
            before == nil
            ? watched.series.reasonForNone(in: rates.input.before)
            : after == nil ? watched.series.reasonForNone(in: rates.input.after) : nil
        return Verdict.Finding(
            subject: watched.subject, isControl: watched.isControl, before: before, after: after, unit: "bit/s",
            series: rates.picture(
                watched.series,
                { point in
                    guard let octetsIn = point.octetsIn, let octetsOut = point.octetsOut else { return nil }
                    return octetsIn &+ octetsOut
                }, factor: 8), unknown: unknown)
    }

    /// The change of each interface that carried enough before, as a factor.
    private func changes(of watched: [WatchedRates.Watched]) -> [Double] {
        watched.compactMap { watched in
            guard let before = watched.before?.bits, let after = watched.after?.bits,
                before >= Double(minimumRate.value)
            else {
                return nil
            }
            // A rate of zero has no logarithm: a thousandth of before stands for nothing at all.
            return max(after / before, 0.001)
        }
    }

    /// The median on a logarithmic scale.
    private func median(_ factors: [Double]) -> Double? {
        let sorted = factors.map { log($0) }.sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        return exp(sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2)
    }

    private func percent(_ factor: Double) -> String { "\(Int((factor * 100).rounded()))%" }
}

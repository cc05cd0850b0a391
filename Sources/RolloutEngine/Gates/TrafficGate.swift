import Foundation

/// Whether the wave's traffic fell against devices that were not touched meanwhile. Pure.
///
/// Traffic is what an interface receives and sends together. A wave is judged as a whole: the median of its interfaces' change
/// against the median of the untouched ones', on a logarithmic scale (difference in differences). Traffic that falls everywhere
/// at night falls on untouched devices too, and growth is always welcome. A fall counts as one only when it is also larger than
/// what untouched devices differ by among themselves; else it is unclear. Where readings of earlier nights say how restless each
/// interface is, means take the place of the medians, in which the calm ones count most. One interface alone fails only when its traffic all
/// but vanishes and it never was so quiet before, as single interfaces are too restless for more.
struct TrafficGate {
    let rates: WatchedRates
    let maximumDrop: Share
    let minimumRate: BitsPerSecond

    /// An interface below a tenth of what it had has lost its traffic.
    private static let vanished = 0.1
    /// A single interface's traffic has long tails: so many times its usual change are no habit of it any more.
    private static let clearOfHabit = 6.0
    /// An interface below a fiftieth of what it had carries next to nothing.
    private static let silent = 0.02
    /// An interface that never carried less than this part of its average before is steady: its silence is no habit of it. On measured
    /// campus links half let one wave in forty pause for nothing, a quarter four.
    private static let steady = 0.7
    /// So many times the allowed drop, on the logarithmic scale, is one by the middle interface alone, whatever the others do; and so
    /// far one interface may move a mean, at least by a factor of 1.8.
    private static let far = 5.0 / 3
    private static let leastReach = 0.6
    /// Fewer untouched interfaces than this do not show how much they differ among themselves.
    private static let enoughControl = 4

    /// How an interface changed.
    private struct Change {
        var subject: String
        /// After by before.
        var factor: Double
    }

    var conclusion: GateConclusion {
        var findings = rates.watched.map { finding($0) } + rates.unwatchedFindings(unit: "bit/s")
        let untouched = rates.control.filter { !hasGoneSilent($0) }
        let control = changes(of: untouched)
        guard !findings.allSatisfy(\.isControl) else {
            return GateConclusion(.error, "nothing of this wave is watched", findings)
        }
        guard let controlChange = median(control) ?? (PlantedBug.isPlanted(.comparesWithNothing) ? 1 : nil) else {
            return GateConclusion(.inconclusive, whyNoComparison(findings), findings)
        }
        guard controlChange >= Self.vanished else {
            return GateConclusion(
                .inconclusive,
                "untouched devices lost their traffic too (\(GateText.percent(controlChange)) of before): no comparison",
                findings)
        }
        let lost = Set(lost(against: controlChange).map(\.subject))
        for index in findings.indices where !findings[index].isControl {
            findings[index].limit = findings[index].before.map { $0 * controlChange * (1 - maximumDrop.fraction) }
            findings[index].failed = lost.contains(findings[index].subject)
        }
        if !lost.isEmpty { return GateConclusion(.fail, Self.reason(lost: findings.filter(\.failed)), findings) }
        let unknown = findings.filter { !$0.isControl && $0.unknown != nil }
        if !unknown.isEmpty && !PlantedBug.isPlanted(.silencePasses) {
            return GateConclusion(.inconclusive, GateConclusion.reason(unknown: unknown), findings)
        }
        let treated = changes(of: rates.treated)
        guard let change = median(treated) else {
            return GateConclusion(
                .inconclusive, "nothing of the wave carried \(minimumRate.approximate) before: too little to judge by",
                findings)
        }
        if let weighted = weighted(against: untouched) {
            let means = weighted.means
            let deepest = min(means.difference, means.middle)
            let change = -means.middle > farDrop ? deepest : means.difference
            return compare(
                exp(means.control + change), with: exp(means.control), control.count,
                clearFrom: 2 * means.error, findings, weighed: (weighted.part, exp(means.control + deepest)))
        }
        return compare(
            change, with: controlChange, control.count, clearFrom: clearDrop(of: treated.count, against: control),
            findings)
    }

    /// The comparison that knows how restless each interface is, where the history knows most of them: as restless as it is at this
    /// hour, where the history knows that.
    private func weighted(
        against untouched: [WatchedRates.Watched]
    ) -> (means: WeightedComparison, part: TrafficHistory.Part)? {
        guard let history = rates.input.history else { return nil }
        for part in TrafficHistory.Part.parts(at: rates.input.after.from) {
            if let means = weighted(against: untouched, by: history, part) { return (means, part) }
        }
        return nil
    }

    private func weighted(
        against untouched: [WatchedRates.Watched], by history: TrafficHistory, _ part: TrafficHistory.Part
    ) -> WeightedComparison? {
        func members(_ watched: [WatchedRates.Watched]) -> [WeightedComparison.Member]? {
            let judged = watched.filter { carriedEnough($0) && $0.after.rate?.bits != nil }
            let members = judged.compactMap { watched -> WeightedComparison.Member? in
                guard let deviation = history.deviation(of: watched.device.name, watched.interface, by: part),
                    let change = TrafficLevel.change(of: watched.series, from: rates.input.before, to: watched.window)
                else { return nil }
                return WeightedComparison.Member(change: change, deviation: deviation)
            }
            // What only few of the wave do says nothing of the wave.
            return members.count * 3 >= judged.count * 2 ? members : nil
        }
        guard let treated = members(rates.treated), let control = members(untouched) else { return nil }
        return WeightedComparison(
            treated: treated, control: control, reach: max(Self.leastReach, farDrop))
    }

    /// Whether an untouched interface that is steady stood still for a while: an outage of its own, which would make any drop of the
    /// wave look like everybody's. A restless one is silent now and then.
    private func hasGoneSilent(_ watched: WatchedRates.Watched) -> Bool {
        guard let before = watched.before.rate?.bits, before > 0 else { return false }
        func least(in window: Verdict.Window) -> Double? {
            watched.series.points(in: window).compactMap(\.rates.bits).min()
        }
        guard let now = least(in: watched.window), now < before * Self.vanished else { return false }
        return (least(in: rates.input.before) ?? 0) >= before * Self.steady
    }

    /// Whether an interface was seen down and up in the time before. One that was always down carried nothing that could be lost.
    private func wasDownAtTimes(_ watched: WatchedRates.Watched) -> Bool {
        let states = Set(
            rates.samples(of: watched.device).lazy.filter { rates.input.before.contains($0.at) }.compactMap { sample in
                sample.interfaces.first { $0.name == watched.interface }?.operStatus.map { $0 == 1 }
            })
        return states.count == 2
    }

    private func whyNoComparison(_ findings: [Verdict.Finding]) -> String {
        let unknown = findings.filter { $0.unknown != nil }
        if !unknown.isEmpty { return GateConclusion.reason(unknown: unknown) }
        return changes(of: rates.control).isEmpty
            ? "there is no untouched device with traffic to compare with"
            : "untouched devices lost their traffic too, for a while at least: no comparison"
    }

    private func carriedEnough(_ watched: WatchedRates.Watched) -> Bool {
        guard let before = watched.before.rate?.bits else { return false }
        return before > 0 && before >= Double(minimumRate.value)
    }

    /// Whether there are untouched devices to compare with.
    var hasControl: Bool { !changes(of: rates.control).isEmpty }

    /// An interface of the wave whose traffic all but vanished.
    struct Lost {
        var finding: Verdict.Finding
        /// Whether it carried its traffic without a break before.
        var isSteady: Bool
    }

    /// The interfaces of the wave whose traffic all but vanished while untouched devices, if there are any, kept theirs.
    var lost: [Lost] {
        let controlChange = median(changes(of: rates.control)) ?? 1
        guard controlChange >= Self.vanished else { return [] }
        return lost(against: controlChange).map { watched in
            var finding = finding(watched)
            finding.failed = true
            finding.limit = finding.before.map { $0 * Self.vanished * min(1, controlChange) }
            return Lost(finding: finding, isSteady: isSteady(watched))
        }
    }

    private func isSteady(_ watched: WatchedRates.Watched) -> Bool {
        guard let before = watched.before.rate?.bits, let seconds = watched.after.rate?.seconds,
            let least = quietest(watched, over: seconds)
        else { return false }
        return least >= before * Self.steady
    }

    /// In words, which interfaces lost their traffic.
    static func reason(lost: [Verdict.Finding]) -> String {
        let texts = lost.map {
            "\($0.subject) (\(GateText.rate($0.before ?? 0)) before, \(GateText.rate($0.after ?? 0)) now)"
        }
        return "traffic all but vanished on \(GateText.list(texts))"
    }

    private func compare(
        _ change: Double, with controlChange: Double, _ controlCount: Int, clearFrom clear: Double,
        _ found: [Verdict.Finding], weighed: (by: TrafficHistory.Part, dropTo: Double)? = nil
    ) -> GateConclusion {
        var findings = found
        let relative = change / controlChange
        let by = weighed.map { ", weighed by how restless each was \($0.by.description)" } ?? ""
        func summary(_ change: Double) -> String {
            """
            traffic of the wave is \(GateText.percent(change)) of before, of \
            \(controlCount.counted("untouched interface")) \(GateText.percent(controlChange))\(by)
            """
        }
        guard relative < 1 - maximumDrop.fraction else { return GateConclusion(.pass, summary(change), findings) }
        // A mean of bounded reach tells that it fell, and a large drop too small.
        let now = weighed?.dropTo ?? change
        let drop =
            "\(summary(now)): a drop of \(GateText.percent(1 - now / controlChange)), allowed is \(maximumDrop)"
        guard -log(relative) >= clear else {
            let why =
                controlCount < Self.enoughControl
                ? "with so few untouched devices that can be chance" : "untouched devices differ that much too"
            return GateConclusion(.inconclusive, "\(drop), but \(why)", findings)
        }
        for index in findings.indices where !findings[index].isControl {
            if let after = findings[index].after, let limit = findings[index].limit, after < limit {
                findings[index].failed = true
            }
        }
        return GateConclusion(.fail, drop, findings)
    }

    /// The drop that is allowed, as a logarithm.
    private var allowed: Double { -log(max(1 - maximumDrop.fraction, 0.001)) }
    private var farDrop: Double { Self.far * allowed }

    /// The logarithmic drop from which on it is no chance.
    private func clearDrop(of treated: Int, against control: [Change]) -> Double {
        guard control.count >= Self.enoughControl, let middle = median(control) else { return 2 * allowed }
        let deviations = control.map { abs(log($0.factor) - log(middle)) }
        // The median deviation of a normal distribution is 1/1.4826 of its standard deviation; a median scatters 1.2533 times
        // as much as a mean.
        let scatter = (Median.of(deviations) ?? 0) * 1.4826 * 1.2533
        let error = scatter * (1 / Double(max(1, treated)) + 1 / Double(control.count)).squareRoot()
        return max(allowed, 2 * error)
    }

    private func finding(_ watched: WatchedRates.Watched) -> Verdict.Finding {
        let before = watched.before.rate?.bits
        let after = watched.after.rate?.bits
        var unknown: UnknownReason?
        if before == nil || after == nil {
            unknown =
                (before == nil ? watched.before : watched.after).reason
                ?? UnknownReason(.absent, "the agent does not count octets of \(watched.interface)")
        } else if !watched.isControl, wasDownAtTimes(watched) {
            unknown = UnknownReason(
                .tooFewSamples,
                "it was down for a part of the time before: what it carried then is nothing to compare with")
        }
        return Verdict.Finding(
            subject: watched.subject, isControl: watched.isControl, before: before, after: after, unit: "bit/s",
            series: rates.picture(watched.series, \.bits), unknown: unknown)
    }

    /// On real links single interfaces are that quiet now and then, whatever is done to them: one in a crowd counts only when next
    /// to nothing is left of its traffic, a tenth only when it is so of half of the wave.
    private func lost(against controlChange: Double) -> [WatchedRates.Watched] {
        let quiet = fallen(below: Self.vanished, against: controlChange)
        return isHalf(quiet.count)
            ? quiet : fallen(below: Self.silent, against: controlChange).filter(isQuieterThanEver)
    }

    /// Whether an interface carries less than half of what it carried in the quietest stretch of its history: one that falls back to
    /// where it often was, after hours of copying, has lost nothing.
    private func isQuieterThanEver(_ watched: WatchedRates.Watched) -> Bool {
        guard let quietest = rates.input.history?.spread(of: watched.device.name, watched.interface)?.quietest,
            let bits = watched.after.rate?.bits
        else { return true }
        return bits < quietest / 2
    }

    /// Whether so many are half of the interfaces of the wave of which anything can be said.
    func isHalf(_ count: Int) -> Bool {
        count * 2 >= rates.treated.count { carriedEnough($0) && $0.after.rate?.bits != nil }
    }

    private func fallen(below share: Double, against controlChange: Double) -> [WatchedRates.Watched] {
        rates.treated.filter { watched in
            guard let before = watched.before.rate?.bits, before > 0, before >= Double(minimumRate.value),
                let after = watched.after.rate, let bits = after.bits, after.count >= 2
            else { return false }
            let floor = before * share * min(1, controlChange)
            if let deviation = rates.input.history?.deviation(of: watched.device.name, watched.interface),
                -log(max(bits, 1) / before) < Self.clearOfHabit * deviation
            {
                return false
            }
            return bits < floor && bits < (quietest(watched, over: after.seconds) ?? before) / 2
        }
    }

    /// The least that an interface carried before over a stretch as long as the judged one, or over a fifth of the time before.
    private func quietest(_ watched: WatchedRates.Watched, over seconds: Double) -> Double? {
        let window = rates.input.before
        let length = min(Int64(seconds * 1000), window.length.milliseconds / 5)
        guard length > 0 else { return nil }
        var least: Double?
        var start = window.from
        while start + .milliseconds(length) <= window.to {
            let stretch = Verdict.Window(from: start, to: start + .milliseconds(length))
            if let bits = watched.series.average(in: stretch)?.bits { least = min(least ?? bits, bits) }
            start = stretch.to
        }
        return least
    }

    /// The change of each interface that carried enough before.
    private func changes(of watched: [WatchedRates.Watched]) -> [Change] {
        watched.compactMap { watched in
            guard let before = watched.before.rate?.bits, let after = watched.after.rate?.bits, before > 0,
                before >= Double(minimumRate.value)
            else { return nil }
            // Zero has no logarithm: a thousandth of before stands for nothing at all.
            return Change(subject: watched.subject, factor: max(after / before, 0.001))
        }
    }

    /// The median on a logarithmic scale.
    private func median(_ changes: [Change]) -> Double? {
        Median.of(changes.map { log($0.factor) }).map { exp($0) }
    }
}

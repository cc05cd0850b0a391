package import RolloutEngine

/// What a verdict or alarm is drawn from: values over time of the subjects that matter, beside those that were not touched. Pure.
package struct VerdictPicture: Sendable {
    /// Which gate, after which wave, and how it came out: `Gate discards after wave 2: FAILED`.
    package var title: String
    /// Why, in the gate's words.
    package var reason: String
    /// The unit of all values: `bit/s`, `/s`, or empty for a state.
    package var unit: String
    /// The time that counted as "before".
    package var before: Verdict.Window
    /// The time that was judged.
    package var after: Verdict.Window
    /// One line a subject: the failing ones first.
    package var subjects: [Subject]
    /// How many subjects there were beside these, and what they have in common with the shown ones: nothing failed on them.
    package var others: Int
    /// The untouched devices together.
    package var control: Subject?
    /// How many untouched ones there were.
    package var controlCount: Int

    /// A line.
    package struct Subject: Sendable {
        package var name: String
        package var failed: Bool
        package var limit: Double?
        /// Why there is no value at the end; nil when there is one.
        package var unknown: String?
        package var points: [Point]
    }

    /// A value between two readings, in the verdict's unit.
    package struct Point: Sendable {
        package var from: Instant
        package var to: Instant
        package var value: Double
    }

    /// More lines than a page holds help nobody.
    private static let most = 8

    /// What to draw of a rollout: the gates that did not pass after its last judged wave, else its alarms, else all its last
    /// verdicts. Empty when nothing was judged.
    ///
    /// - Parameter samples: All its readings, oldest first.
    package static func pictures(
        of status: RolloutStatus, _ entries: [JournalEntry], _ plan: Plan, _ samples: [CounterSample]
    ) -> [VerdictPicture] {
        let bySubject = Dictionary(grouping: samples, by: \.subject)
        guard let wave = status.waves.last(where: { !$0.verdicts.isEmpty || !$0.alarms.isEmpty }) else { return [] }
        let open = wave.verdicts.filter { $0.outcome != .pass }
        if open.isEmpty, !wave.alarms.isEmpty {
            let times = entries.reduce(into: [Alarm: Instant]()) { times, entry in
                if case .alarm(let alarm) = entry.fact { times[alarm] = entry.at }
            }
            // An alarm names only what fails: who was not touched until now stands beside it.
            let state = RolloutState(folding: entries)
            let untouched = plan.devices.map(\.device).filter {
                state[$0.name].changedAt == nil && $0.watchedAgent != nil
            }
            return wave.alarms.map { alarm in
                let end = times[alarm] ?? status.at
                let unit = alarm.findings.first?.unit ?? ""
                let beside = untouched.filter { device in
                    !alarm.findings.contains { $0.subject == device.name.rawValue }
                }
                .map { Verdict.Finding(subject: $0.name.rawValue, isControl: true, unit: unit) }
                return VerdictPicture(
                    gate: alarm.gate, title: "Gate \(alarm.gate) on wave \(wave.index): alarm", reason: alarm.reason,
                    findings: alarm.findings + beside, before: alarm.before,
                    after: Verdict.Window(from: min(alarm.before.to, end), to: end), plan, bySubject)
            }
        }
        return (open.isEmpty ? wave.verdicts : open).map { verdict in
            VerdictPicture(
                gate: verdict.gate,
                title: "Gate \(verdict.gate) after wave \(wave.index): \(Self.word(verdict.outcome))",
                reason: verdict.reason, findings: verdict.findings, before: verdict.before, after: verdict.after, plan,
                bySubject)
        }
    }

    private init(
        gate: GateName, title: String, reason: String, findings: [Verdict.Finding], before: Verdict.Window,
        after: Verdict.Window, _ plan: Plan, _ samples: [WatchedAgent.Subject: [CounterSample]]
    ) {
        let condition = plan.policy.gates.first { $0.name == gate }?.condition
        let span = Verdict.Window(from: before.from, to: after.to)
        let curve = { (finding: Verdict.Finding) in Self.points(of: finding, condition, in: span, plan, samples) }
        let treated = findings.filter { !$0.isControl }
        let untouched = findings.filter(\.isControl)
        let bad = treated.filter { $0.failed || $0.unknown != nil }
        let shown = (bad.isEmpty ? treated : bad).prefix(Self.most)
        self.title = title
        self.reason = reason
        self.before = before
        self.after = after
        unit = findings.first?.unit ?? ""
        subjects = shown.map { finding in
            Subject(
                name: finding.subject, failed: finding.failed, limit: finding.limit,
                unknown: finding.unknown?.description, points: curve(finding))
        }
        others = treated.count - shown.count
        let lines = untouched.map(curve).filter { !$0.isEmpty }
        controlCount = lines.count
        control =
            lines.isEmpty
            ? nil
            : Subject(name: "untouched", failed: false, limit: nil, unknown: nil, points: Self.middle(lines, span))
    }

    private static func word(_ outcome: Verdict.Outcome) -> String {
        switch outcome {
        case .pass: "passed"
        case .fail: "FAILED"
        case .inconclusive: "cannot tell"
        case .error: "error"
        }
    }

    /// The values of a finding over time, from the readings themselves; where they are no rates of an interface, from what the
    /// verdict kept.
    private static func points(
        of finding: Verdict.Finding, _ condition: GateCondition?, in span: Verdict.Window, _ plan: Plan,
        _ samples: [WatchedAgent.Subject: [CounterSample]]
    ) -> [Point] {
        let words = finding.subject.split(separator: " ", maxSplits: 1).map(String.init)
        if condition == .links, let link = plan.links.first(where: { $0.link.name.rawValue == finding.subject })?.link {
            let series = RateSeries(of: link.counters.interface, in: samples[.link(link.name)] ?? [])
            return rates(series, in: span) { link.counters.direction == .in ? $0.bitsIn : $0.bitsOut }
        }
        guard let first = words.first,
            let device = plan.devices.first(where: { $0.device.name.rawValue == first })?.device,
            let interface = words.count > 1 ? words[1] : device.interfaces.first
        else { return kept(finding, in: span) }
        guard let own = samples[.device(device.name)] else { return kept(finding, in: span) }
        switch condition {
        case .traffic: return rates(RateSeries(of: interface, in: own), in: span, \.bits)
        case .errors: return rates(RateSeries(of: interface, in: own), in: span, \.errors)
        case .discards:
            return rates(RateSeries(of: interface, in: own), in: span) { ($0.discards ?? 0) + ($0.ipDiscards ?? 0) }
        case .interfaces:
            let states = own.filter { span.from <= $0.at && $0.at <= span.to }.compactMap { sample in
                sample.interfaces.first { $0.name == interface }?.operStatus.map { (sample.at, Double($0)) }
            }
            return zip(states, states.dropFirst()).map { Point(from: $0.0, to: $1.0, value: $1.1) }
        default: return kept(finding, in: span)
        }
    }

    private static func rates(
        _ series: RateSeries, in span: Verdict.Window, _ value: (RateSeries.Average) -> Double?
    ) -> [Point] {
        series.points(in: span).compactMap { point in
            value(point.rates).map { Point(from: point.from, to: point.to, value: $0) }
        }
    }

    /// What a verdict kept has no times: it is spread evenly.
    private static func kept(_ finding: Verdict.Finding, in span: Verdict.Window) -> [Point] {
        let step = (span.to - span.from).milliseconds / Int64(max(1, finding.series.count))
        return finding.series.enumerated().compactMap { place, value in
            guard value.isFinite else { return nil }
            let from = span.from + .milliseconds(step * Int64(place))
            return Point(from: from, to: from + .milliseconds(step), value: value)
        }
    }

    /// The median of several lines, at sixty moments.
    private static func middle(_ lines: [[Point]], _ span: Verdict.Window) -> [Point] {
        let step = max(1, (span.to - span.from).milliseconds / 60)
        return (0..<60).compactMap { place in
            let from = span.from + .milliseconds(step * Int64(place))
            let to = from + .milliseconds(step)
            let middle = from + .milliseconds(step / 2)
            let values = lines.compactMap { line in line.first { $0.from <= middle && middle <= $0.to }?.value }
            return Median.of(values).map { Point(from: from, to: to, value: $0) }
        }
    }
}

/// Something that is wrong right now, said while a wave is being pushed or soaks.
public struct GateAlarm: Hashable, Sendable {
    /// The gate whose condition is broken.
    public var gate: GateName
    /// What is done about it.
    public var action: GateAction
    /// The devices or links.
    public var subjects: [String]
    /// In words.
    public var reason: String
    /// What was found on those that failed.
    public var findings: [Verdict.Finding]

    /// Whether nothing failed: nobody knows.
    public var isSilence: Bool { !findings.isEmpty && findings.allSatisfy { $0.unknown != nil } }
}

extension GateEvaluator {
    /// What can be said before the soak is over, from the last readings alone: enough to stop starting new pushes.
    ///
    /// Only what needs no long average is an alarm: an interface that went down, a restart, errors or discards at more than
    /// twice their limit, a link over its headroom in every interval, traffic that vanished, and silence. Silence pauses,
    /// whatever the gate does. Untouched devices are watched too: one that fails is its own trouble and only reported, several
    /// may be ours and pause.
    public static func alarms(_ input: GateInput) -> [GateAlarm] {
        var alarms = broken(input)
        if let silence = silence(input, recentSpan(input.watch)) { alarms.append(silence) }
        return alarms
    }

    /// The same without silence: the conditions that are broken.
    static func broken(_ input: GateInput) -> [GateAlarm] {
        let rates = WatchedRates(recent(input), demand: .forAlarm)
        return input.rules.flatMap { alarms(of: $0, rates) }
    }

    /// What fails now on a wave that was let through. It only ever pauses: that wave has proved itself once, so what happens
    /// now may have another cause, and a person has to look. Its links are those of the waves that follow it.
    public static func relapses(_ input: GateInput) -> [GateAlarm] {
        var input = input
        input.rules.removeAll { $0.condition == .links || $0.onFail == .observe }
        for index in input.rules.indices { input.rules[index].onFail = .pause }
        return broken(input).filter { $0.action == .pause }
    }

    private static func recent(_ input: GateInput) -> GateInput {
        var recent = input
        let firstChange = input.changedAt.values.min() ?? input.before.to
        recent.after = Verdict.Window(
            from: max(input.after.to - recentSpan(input.watch), firstChange), to: input.after.to)
        return recent
    }

    /// How far back alarms look: three polls, or what shows two refreshes of an agent's cache, and half a poll for those that are not on time.
    static func recentSpan(_ watch: WatchRule) -> Timespan {
        max(watch.poll * 3, .seconds(10)) + .milliseconds(watch.poll.milliseconds / 2)
    }

    private static func alarms(of rule: GateRule, _ rates: WatchedRates) -> [GateAlarm] {
        switch rule.condition {
        case .traffic(let maximumDrop, let minimumRate):
            return trafficAlarms(
                rule, TrafficGate(rates: rates, maximumDrop: maximumDrop, minimumRate: minimumRate), rates)
        case .errors(let limit): return countAlarms(rule, .errors, limit, rates)
        case .discards(let limit): return countAlarms(rule, .discards, limit, rates)
        case .interfaces:
            return alarms(
                rule, StateGate(rates: rates, flaps: rule.flapLimit).interfaceFindings.filter(\.failed), rates
            ) {
                "\(StateGate.failure(of: $0)) \(GateText.list($0.map(\.subject)))"
            }
        case .reboot:
            return alarms(rule, StateGate(rates: rates).rebootFindings.filter(\.failed), rates) {
                "restarted: \(GateText.list($0.map(\.subject)))"
            }
        case .links:
            return alarms(rule, LinkGate(rates: rates).overThroughout, rates) { links in
                let texts = links.map {
                    "\($0.subject) (carries \(GateText.rate($0.after ?? 0)), may carry \(GateText.rate($0.limit ?? 0)))"
                }
                return "over the headroom: \(GateText.list(texts))"
            }
        case .object(let condition): return objectAlarms(rule, ObjectGate(rates, rule, condition), rates)
        case .reachability:
            return alarms(rule, ReachabilityGate(rates: rates).findings.filter(\.failed), rates) {
                "does not answer any more: \(GateText.list($0.map(\.subject)))"
            }
        // They are read too seldom, or mean too little, to say anything before the end of the soak.
        case .tcDrops, .utilisation, .probe: return []
        }
    }

    /// Half of a wave does not fall silent by chance. A single interface among many does (docs/gates.md has the numbers), so it is
    /// only said, and the verdict at the end of the soak tells a break from a loss; unless it carried its traffic evenly before, which
    /// is worth a look, though nothing is put back for it.
    private static func trafficAlarms(_ rule: GateRule, _ gate: TrafficGate, _ rates: WatchedRates) -> [GateAlarm] {
        let lost = gate.lost
        var pausing = rule
        // Where nothing is left to compare with, the cause may lie elsewhere.
        let (isHalf, hasControl) = (gate.isHalf(lost.count), gate.hasControl)
        if !(isHalf && hasControl), rule.onFail == .rollBack { pausing.onFail = .pause }
        var noticed = rule
        noticed.onFail = .observe
        let counts = lost.filter { isHalf || $0.isSteady }
        let rest = lost.filter { !isHalf && !$0.isSteady }
        let alone = hasControl ? "" : "; no untouched device is left to compare with"
        return alarms(pausing, counts.map(\.finding), rates) { TrafficGate.reason(lost: $0) + alone }
            + alarms(noticed, rest.map(\.finding), rates) {
                TrafficGate.reason(lost: $0)
                    + "; single interfaces are that quiet now and then, so the end of the soak decides"
            }
    }

    private static func objectAlarms(_ rule: GateRule, _ gate: ObjectGate, _ rates: WatchedRates) -> [GateAlarm] {
        let clear = gate.found.filter { found in
            guard found.finding.failed else { return false }
            switch gate.condition.sources.first?.kind {
            case .state: return true
            case .counter: return (found.finding.after ?? 0) > 2 * (found.finding.limit ?? 0)
            // A level needs its average.
            case .gauge, nil: return false
            }
        }
        let words = Dictionary(clear.map { ($0.finding.subject, $0.words) }, uniquingKeysWith: { first, _ in first })
        return alarms(rule, clear.map(\.finding), rates) { failing in
            "not as it may be: \(GateText.list(failing.map { "\($0.subject) (\(words[$0.subject] ?? ""))" }))"
        }
    }

    private static func countAlarms(
        _ rule: GateRule, _ what: CountGate.What, _ limit: Double, _ rates: WatchedRates
    ) -> [GateAlarm] {
        let findings = CountGate(rates: rates, what: what, limit: limit).findings
        // Twice the limit within a few polls is no noise; the gate at the end of the soak judges the rest.
        let clear = findings.filter { $0.failed && ($0.after ?? 0) > 2 * ($0.limit ?? 0) }
        return alarms(rule, clear, rates) { failing in
            let texts = failing.map { finding in "\(finding.subject) (\(GateText.number(finding.after ?? 0))/s)" }
            return "\(what.rawValue) far above \(GateText.number(limit))/s over before: \(GateText.list(texts))"
        }
    }

    /// One alarm for each action: what fails of the wave, and what fails beside it.
    private static func alarms(
        _ rule: GateRule, _ failing: [Verdict.Finding], _ rates: WatchedRates, reason: ([Verdict.Finding]) -> String
    ) -> [GateAlarm] {
        let touched = failing.filter { !$0.isControl }
        let untouched = failing.filter(\.isControl)
        var alarms: [GateAlarm] = []
        if !touched.isEmpty {
            alarms.append(
                GateAlarm(
                    gate: rule.name, action: rule.onFail, subjects: touched.map(\.subject), reason: reason(touched),
                    findings: touched))
        }
        if !untouched.isEmpty {
            // A device that has several interfaces is one.
            let devices = Set(untouched.map { $0.subject.prefix { $0 != " " } }).count
            let isMany = devices >= 2 && devices * 20 >= rates.input.control.count
            let action: GateAction = rule.onFail == .observe || !isMany ? .observe : .pause
            let text = "on devices that this wave did not touch: \(reason(untouched))"
            if let same = alarms.firstIndex(where: { $0.action == action }) {
                alarms[same].subjects += untouched.map(\.subject)
                alarms[same].reason += "; \(text)"
                alarms[same].findings += untouched
            } else {
                alarms.append(
                    GateAlarm(
                        gate: rule.name, action: action, subjects: untouched.map(\.subject), reason: text,
                        findings: untouched))
            }
        }
        return alarms
    }

    /// Devices of the wave and links of which the last two polls brought nothing; untouched devices when most fell silent.
    private static func silence(_ input: GateInput, _ span: Timespan) -> GateAlarm? {
        guard let gate = input.rules.first(where: { $0.onFail != .observe })?.name else { return nil }
        let start = input.after.to - span
        func spoke(_ subject: WatchedAgent.Subject) -> Bool {
            input.samples[subject]?.contains { $0.at < start && $0.unknown == nil } ?? false
        }
        func lastTwo(_ subject: WatchedAgent.Subject) -> ArraySlice<CounterSample> {
            let samples = input.samples[subject] ?? []
            let end = samples.lastIndex { $0.at <= input.after.to }.map { $0 + 1 } ?? 0
            return samples[..<end].suffix(2).drop { $0.at < start }
        }
        func isSilent(_ subject: WatchedAgent.Subject) -> Bool {
            let own = lastTwo(subject)
            guard !own.isEmpty else { return spoke(subject) }
            return own.count == 2 && own.allSatisfy { $0.silence != nil }
        }
        let own =
            input.treated.filter(\.isWatched).map { WatchedAgent.Subject.device($0.name) }
            + input.links.map { .link($0.link.name) }
        let beside = input.control.map { WatchedAgent.Subject.device($0.name) }.filter(spoke)
        var silent = own.filter(isSilent)
        let silentBeside = beside.filter(isSilent)
        if !silentBeside.isEmpty, silentBeside.count * 2 >= beside.count { silent += silentBeside }
        guard let first = silent.first else { return nil }
        let why = lastTwo(first).last?.silence?.description ?? "it was not read"
        let names = silent.map(\.description)
        let findings = silent.map { subject in
            Verdict.Finding(subject: subject.description, unit: "", unknown: lastTwo(subject).last?.silence)
        }
        return GateAlarm(
            gate: gate, action: .pause, subjects: names,
            reason: "nothing was heard from \(GateText.list(names)) in two polls (\(why))", findings: findings)
    }
}

/// Looks at what the policy names to be watched beside the waves: interfaces that went down, errors, discards, restarts, links
/// over their headroom, silence. Pure.
struct BesideWatch: Sendable {
    /// The name under which alarms of it are written down, and under which a person may override it.
    static let gate: GateName = "beside"

    private let beside: WatchedBeside
    private let rules: [GateRule]

    init(_ beside: WatchedBeside, _ policy: Policy) {
        self.beside = beside
        // The policy's own limits where it has them. Traffic of neighbours is their own affair, and states are looked at below.
        rules = GateRule.cautious.compactMap { usual in
            switch usual.condition {
            case .errors: Self.rule(like: usual, in: policy) { if case .errors = $0 { true } else { false } }
            case .discards: Self.rule(like: usual, in: policy) { if case .discards = $0 { true } else { false } }
            case .reboot, .links: usual
            default: nil
            }
        }.map { GateRule(name: $0.name, condition: $0.condition, onFail: beside.onFail) }
    }

    private static func rule(like usual: GateRule, in policy: Policy, _ fits: (GateCondition) -> Bool) -> GateRule {
        policy.gates.first { fits($0.condition) } ?? usual
    }

    /// Everything that is looked at.
    var subjects: Set<WatchedAgent.Subject> { Set(beside.agents.map(\.subject)) }

    /// What is wrong with it now, in one alarm; nil when nothing is.
    ///
    /// - Parameters:
    ///   - watch: How it is read now.
    ///   - samples: All that is kept of it, oldest first for each subject.
    ///   - before: The time that counts and loads are compared with.
    ///   - wentOn: When somebody last went on, who knew how things stood. No wave that began since then hides what broke, as
    ///     nobody may have looked just before it.
    ///   - known: What was said since then, and is not said again.
    func alarm(
        _ samples: [WatchedAgent.Subject: [CounterSample]], before: Verdict.Window, since wentOn: Instant,
        until now: Instant, beside wave: Wave, _ watch: WatchRule, notAgain known: Set<String>
    ) -> Alarm? {
        var input = GateInput(
            wave: wave, treated: beside.devices, control: [], links: beside.links, rules: rules.filter(Self.compares),
            watch: watch, samples: samples, before: before, after: Verdict.Window(from: before.to, to: now),
            changedAt: [:])
        var alarms = GateEvaluator.alarms(input)
        input.rules = rules.filter { !Self.compares($0) }
        input.before = Verdict.Window(from: wentOn - watch.baseline, to: wentOn)
        alarms += GateEvaluator.broken(input)
        var reasons: [String] = []
        var findings: [Verdict.Finding] = []
        for alarm in alarms {
            reasons.append(alarm.reason)
            findings += alarm.findings
        }
        let down = PlantedBug.isPlanted(.overlooksNeighbours) ? [] : down(samples, wentOn, now, watch)
        if !down.isEmpty {
            reasons.append("down: \(GateText.list(down.map(\.subject)))")
            findings += down
        }
        let subjects = findings.map(\.subject)
        guard !subjects.allSatisfy(known.contains) else { return nil }
        for index in findings.indices { findings[index].isBeside = true }
        return Alarm(
            wave: wave.index, gate: Self.gate, action: beside.onFail == .observe ? .observe : .pause,
            subjects: subjects, reason: "beside the wave, which did not touch it: \(reasons.joined(separator: "; "))",
            findings: findings, before: before)
    }

    /// Whether a rule asks how something was before. Restarts and full links speak for themselves.
    private static func compares(_ rule: GateRule) -> Bool { rule.condition != .reboot && rule.condition != .links }

    /// Interfaces that are down now and were up when they were last heard before, however long ago that is, or since; or of
    /// which nothing is known from before.
    private func down(
        _ samples: [WatchedAgent.Subject: [CounterSample]], _ start: Instant, _ now: Instant, _ watch: WatchRule
    ) -> [Verdict.Finding] {
        let recent = now - GateEvaluator.recentSpan(watch)
        func state(_ sample: CounterSample?, _ name: String) -> Int? {
            sample?.interfaces.first { $0.name == name }?.operStatus
        }
        return beside.devices.flatMap { device -> [Verdict.Finding] in
            let heard = (samples[.device(device.name)] ?? []).filter { $0.silence == nil }
            guard let newest = heard.last, newest.at >= recent, newest.at > start else { return [] }
            let earlier = heard.last { $0.at <= start }
            return device.interfaces.compactMap { name in
                guard let now = state(newest, name), now != 1 else { return nil }
                let before = state(earlier, name)
                let cameUp = heard.contains { $0.at > start && state($0, name) == 1 }
                if let before, before != 1, !cameUp { return nil }
                return Verdict.Finding(
                    subject: device.interfaces.count > 1 ? "\(device.name) \(name)" : device.name.rawValue,
                    failed: true, before: before.map(Double.init), after: Double(now), unit: "")
            }
        }
    }
}

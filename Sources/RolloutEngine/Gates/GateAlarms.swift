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
}

extension GateEvaluator {
    /// What can be said before the soak is over, from the last readings alone: enough to stop starting new pushes.
    ///
    /// Only what needs no long average is an alarm: an interface that went down, a restart, errors or discards far over their
    /// limit, a link over its headroom, traffic that vanished, and silence. Silence pauses, whatever the gate does.
    public static func alarms(_ input: GateInput) -> [GateAlarm] {
        var recent = input
        // Three polls, or what an agent's cache needs to show two refreshes.
        let span = max(input.watch.poll * 3, .seconds(7))
        let firstChange = input.changedAt.values.min() ?? input.before.to
        recent.after = Verdict.Window(from: max(input.after.to - span, firstChange), to: input.after.to)
        var alarms: [GateAlarm] = []
        for (rule, verdict) in zip(input.rules, judge(recent)) {
            guard verdict.outcome == .fail, isImmediate(rule.condition) else { continue }
            let failing = verdict.findings.filter { $0.failed && !$0.isControl }
            // Twice the limit at once is no noise; the gate at the end of the soak judges the rest.
            if case .errors(let limit) = rule.condition, !isFarOver(failing, limit) { continue }
            if case .discards(let limit) = rule.condition, !isFarOver(failing, limit) { continue }
            if case .traffic = rule.condition, !verdict.reason.contains("vanished") { continue }
            alarms.append(
                GateAlarm(
                    gate: rule.name, action: rule.onFail, subjects: failing.map(\.subject), reason: verdict.reason))
        }
        if let silence = silence(input) { alarms.append(silence) }
        return alarms
    }

    private static func isImmediate(_ condition: GateCondition) -> Bool {
        switch condition {
        case .interfaces, .reboot, .errors, .discards, .links, .traffic: true
        }
    }

    private static func isFarOver(_ findings: [Verdict.Finding], _ limit: Double) -> Bool {
        findings.contains { ($0.after ?? 0) > 2 * (($0.before ?? 0) + limit) }
    }

    /// Devices and links of which the last two polls brought nothing.
    private static func silence(_ input: GateInput) -> GateAlarm? {
        guard let gate = input.rules.first(where: { $0.onFail != .observe })?.name else { return nil }
        var bySubject: [WatchedAgent.Subject: [CounterSample]] = [:]
        for sample in input.samples.reversed() where sample.at >= input.after.from {
            if bySubject[sample.subject, default: []].count < 2 {
                bySubject[sample.subject, default: []].append(sample)
            }
        }
        let subjects =
            input.treated.map { WatchedAgent.Subject.device($0.name) } + input.links.map { .link($0.link.name) }
        let silent = subjects.filter { subject in
            let last = bySubject[subject] ?? []
            return last.count == 2 && last.allSatisfy { $0.unknown != nil }
        }
        guard !silent.isEmpty else { return nil }
        let why = bySubject[silent[0]]?.first?.unknown?.description ?? ""
        let names = silent.map(\.description)
        return GateAlarm(
            gate: gate, action: .pause, subjects: names,
            reason: "nothing was heard from \(GateConclusion.list(names)) in two polls (\(why))")
    }
}

/// Judges a wave by its gates. Pure: the same samples give the same verdicts, tonight and in the post-mortem.
public enum GateEvaluator {
    /// One verdict for each rule. What is not known is never a pass.
    public static func judge(_ input: GateInput) -> [Verdict] {
        let rates = WatchedRates(input)
        return input.rules.map { rule in
            let conclusion =
                switch rule.condition {
                case .traffic(let maximumDrop, let minimumRate):
                    TrafficGate(rates: rates, maximumDrop: maximumDrop, minimumRate: minimumRate).conclusion
                case .errors(let limit): CountGate(rates: rates, what: .errors, limit: limit).conclusion
                case .discards(let limit): CountGate(rates: rates, what: .discards, limit: limit).conclusion
                case .interfaces: StateGate.interfaces(rates)
                case .reboot: StateGate.reboot(rates)
                case .links: LinkGate.conclusion(rates)
                }
            return Verdict(
                gate: rule.name, outcome: conclusion.outcome, reason: conclusion.reason,
                findings: conclusion.findings.enumerated().sorted { left, right in
                    left.element.rank != right.element.rank
                        ? left.element.rank < right.element.rank : left.offset < right.offset
                }.map(\.element), before: input.before, after: input.after)
        }
    }
}

/// What a gate concluded, before it is given its name.
struct GateConclusion {
    var outcome: Verdict.Outcome
    var reason: String
    var findings: [Verdict.Finding]

    /// Concludes from findings about treated subjects: a failure fails, else what is unknown is unclear, else it passes.
    init(_ findings: [Verdict.Finding], failed: String, passed: String) {
        self.findings = findings
        let treated = findings.filter { !$0.isControl }
        let bad = treated.filter(\.failed)
        let unknown = treated.filter { $0.unknown != nil }
        if !bad.isEmpty {
            outcome = .fail
            reason = "\(failed): \(Self.list(bad.map(\.subject)))"
        } else if treated.isEmpty {
            outcome = .error
            reason = "nothing of this wave is watched"
        } else if !unknown.isEmpty {
            outcome = .inconclusive
            let first = unknown.first?.unknown?.description ?? ""
            reason = "no data for \(Self.list(unknown.map(\.subject))) (\(first))"
        } else {
            outcome = .pass
            reason = passed
        }
    }

    init(_ outcome: Verdict.Outcome, _ reason: String, _ findings: [Verdict.Finding]) {
        self.outcome = outcome
        self.reason = reason
        self.findings = findings
    }

    static func list(_ names: [String]) -> String {
        names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }
}

extension Verdict.Finding {
    /// Failing ones first, then unknown ones, then the treated, then the control group.
    fileprivate var rank: Int { (failed ? 0 : unknown != nil ? 1 : 2) + (isControl ? 3 : 0) }
}

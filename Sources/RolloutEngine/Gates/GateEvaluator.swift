/// Judges a wave by its gates. Pure: the same samples give the same verdicts, tonight and in the post-mortem.
public enum GateEvaluator {
    /// Grows whenever the same readings may lead to another verdict than before.
    public static let version = 7

    /// One verdict for each rule. What is not known is never a pass.
    public static func judge(_ input: GateInput) -> [Verdict] {
        let rates = WatchedRates(input)
        var verdicts = input.rules.map { rule in
            let conclusion =
                switch rule.condition {
                case .traffic(let maximumDrop, let minimumRate):
                    TrafficGate(rates: rates, maximumDrop: maximumDrop, minimumRate: minimumRate).conclusion
                case .errors(let limit): CountGate(rates: rates, what: .errors, limit: limit).conclusion
                case .discards(let limit): CountGate(rates: rates, what: .discards, limit: limit).conclusion
                case .interfaces: StateGate(rates: rates, flaps: rule.flapLimit).interfaces
                case .reboot: StateGate(rates: rates).reboot
                case .links: LinkGate(rates: rates).conclusion
                case .object(let condition): ObjectGate(rates, rule, condition).conclusion
                case .tcDrops(let limit, let every):
                    ObjectGate(dropsIn: rates, rule, maximumPerSecond: limit, every: every).conclusion
                case .utilisation(let maximum): UtilisationGate(rates: rates, maximum: maximum).conclusion
                case .reachability: ReachabilityGate(rates: rates).conclusion
                case .probe(let probe, let limits):
                    ProbeGate(rates: rates, name: rule.name, probe: probe, limits: limits).conclusion
                }
            return Verdict(
                gate: rule.name, outcome: conclusion.outcome, reason: conclusion.reason,
                findings: conclusion.findings.enumerated().sorted { left, right in
                    left.element.rank != right.element.rank
                        ? left.element.rank < right.element.rank : left.offset < right.offset
                }.map(\.element), before: input.before, after: input.after)
        }
        if !verdicts.isEmpty { verdicts[0].basis = Verdict.Basis(of: input) }
        return verdicts
    }
}

/// What a gate concluded, before it is given its name.
struct GateConclusion {
    var outcome: Verdict.Outcome
    var reason: String
    var findings: [Verdict.Finding]

    /// Concludes from findings about treated subjects: a failure fails, else what is unknown is unclear, else it passes.
    ///
    /// - Parameter describe: What is said of a failing subject beside its name.
    init(
        _ findings: [Verdict.Finding], failed: String, describe: ((Verdict.Finding) -> String)? = nil, passed: String
    ) {
        let treated = findings.filter { !$0.isControl }
        let bad = treated.filter(\.failed)
        let unknown = treated.filter { $0.unknown != nil }
        if !bad.isEmpty {
            let texts = bad.map { finding in
                finding.subject + (describe.map { " (\($0(finding)))" } ?? "")
            }
            self.init(.fail, "\(failed) \(GateText.list(texts))", findings)
        } else if treated.isEmpty {
            self.init(.error, "nothing of this wave is watched", findings)
        } else if !unknown.isEmpty && !PlantedBug.isPlanted(.silencePasses) {
            self.init(.inconclusive, Self.reason(unknown: unknown), findings)
        } else {
            self.init(.pass, passed, findings)
        }
    }

    init(_ outcome: Verdict.Outcome, _ reason: String, _ findings: [Verdict.Finding]) {
        self.outcome = outcome
        self.reason = reason
        self.findings = findings
    }

    /// Names what is not known, and why.
    static func reason(unknown: [Verdict.Finding]) -> String {
        let why = unknown.first?.unknown?.description ?? ""
        return "no data for \(GateText.list(unknown.map(\.subject))) (\(why))"
    }
}

extension Verdict.Finding {
    /// Failing ones first, then unknown ones, then the treated, then the control group.
    fileprivate var rank: Int { (failed ? 0 : unknown != nil ? 1 : 2) + (isControl ? 3 : 0) }
}

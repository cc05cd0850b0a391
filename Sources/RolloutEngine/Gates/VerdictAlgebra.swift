/// Combines the verdicts of a wave into what happens next.
public enum VerdictAlgebra {
    /// What a set of verdicts means for a wave.
    public enum Combined: Hashable, Sendable {
        /// Every gate passed, only observes, or was overridden.
        case pass
        /// At least one gate failed. The strongest action of those that did, and why, gate by gate.
        case fail(GateAction, reasons: [String])
        /// No gate failed, but at least one could not tell.
        case unclear(reasons: [String])
        /// Not every gate passed, and every one that did not may come out so once more: after another soak it is judged again.
        case again(reasons: [String])
    }

    /// Combines verdicts. Every rule needs a verdict of its own: one that is missing is unclear.
    ///
    /// - Parameter counts: How often each gate came out how since the wave began to prove itself, these verdicts among them. What a
    ///   gate's limits bear does not count, but neither does it pass.
    public static func combined(
        _ verdicts: [Verdict], rules: [GateRule], overridden: [GateName], counts: [GateName: OutcomeCounts] = [:]
    ) -> Combined {
        var failures: [(GateAction, String)] = []
        var unclear: [String] = []
        var borne: [String] = []
        for rule in rules where rule.onFail != .observe && !overridden.contains(rule.name) {
            if PlantedBug.isPlanted(.overridesAll) && !overridden.isEmpty { continue }
            guard let verdict = verdicts.last(where: { $0.gate == rule.name }) else {
                unclear.append("gate \(rule.name) was not judged")
                continue
            }
            if verdict.outcome == .pass { continue }
            let text = "gate \(rule.name): \(verdict.reason)"
            let count = max(1, counts[rule.name]?[verdict.outcome] ?? 1)
            let limit = rule.patience?.limit(of: verdict.outcome) ?? 0
            if count <= limit {
                borne.append("\(text) (\(verdict.outcome.rawValue) \(count) of \(limit) times that are borne)")
            } else if verdict.outcome == .fail {
                failures.append((rule.onFail, text))
            } else {
                unclear.append(text)
            }
        }
        if !failures.isEmpty {
            let putsBack = failures.contains { $0.0 == .rollBack } && !PlantedBug.isPlanted(.takesWeakestAction)
            let action: GateAction = putsBack ? .rollBack : .pause
            return .fail(action, reasons: failures.map(\.1))
        }
        if !unclear.isEmpty { return .unclear(reasons: unclear) }
        return borne.isEmpty || PlantedBug.isPlanted(.borneCountsAsPass) ? .pass : .again(reasons: borne)
    }
}

/// How often a gate came out how, since its wave began to prove itself.
///
/// They are not counted anew when the outcome changes: a gate that is inconclusive, fails, and is inconclusive again would else
/// be borne for ever.
public struct OutcomeCounts: Hashable, Codable, Sendable {
    private var counts: [Verdict.Outcome: Int] = [:]

    /// Not judged yet.
    public init() {}

    /// How often it came out so.
    public subscript(outcome: Verdict.Outcome) -> Int { counts[outcome] ?? 0 }

    /// Takes in one more outcome.
    public mutating func add(_ outcome: Verdict.Outcome) { counts[outcome, default: 0] += 1 }
}

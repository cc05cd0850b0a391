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
    }

    /// Combines verdicts. Every rule needs a verdict of its own: one that is missing is unclear.
    public static func combined(_ verdicts: [Verdict], rules: [GateRule], overridden: [GateName]) -> Combined {
        var failures: [(GateAction, String)] = []
        var unclear: [String] = []
        for rule in rules where rule.onFail != .observe && !overridden.contains(rule.name) {
            guard let verdict = verdicts.last(where: { $0.gate == rule.name }) else {
                unclear.append("gate \(rule.name) was not judged")
                continue
            }
            let text = "gate \(rule.name): \(verdict.reason)"
            switch verdict.outcome {
            case .pass: break
            case .fail: failures.append((rule.onFail, text))
            case .inconclusive, .error: unclear.append(text)
            }
        }
        if !failures.isEmpty {
            let action: GateAction = failures.contains { $0.0 == .rollBack } ? .rollBack : .pause
            return .fail(action, reasons: failures.map(\.1))
        }
        return unclear.isEmpty ? .pass : .unclear(reasons: unclear)
    }
}

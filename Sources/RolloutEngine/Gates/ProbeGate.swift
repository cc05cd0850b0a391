/// Whether what is asked beside the fleet stayed within its limits. Pure.
struct ProbeGate {
    let rates: WatchedRates
    let name: GateName
    let probe: Probe
    let limits: ValueLimits

    var conclusion: GateConclusion {
        let finding = finding
        if let unknown = finding.unknown, !finding.failed {
            // What answered wrongly, or could not be asked, is an error; what said nothing is only not known.
            let isError = unknown.code == .agentError || unknown.code == .notAsked
            return GateConclusion(
                isError ? .error : .inconclusive, "no value of \(name) (\(unknown))", [finding])
        }
        func text(_ value: Double?) -> String { value.map { GateText.number($0) } ?? "unknown" }
        return GateConclusion(
            [finding], failed: "out of its limits:",
            describe: { "\(text($0.before)) before, \(text($0.after)) now, limit \(text($0.limit))" },
            passed: "\(name) is \(text(finding.after)), it was \(text(finding.before))")
    }

    private var finding: Verdict.Finding {
        let samples = rates.samples(of: .probe(name))
        let series = ObjectReadings(of: name.rawValue, in: samples).levels(of: nil, .highest)
        let before = series.mean(in: rates.input.before, upToEnd: nil)
        let after = series.mean(in: rates.input.after, upToEnd: probe.every ?? rates.input.watch.poll)
        let judged = limits.judge(before: before, after: after)
        let whole = Verdict.Window(from: rates.input.before.from, to: rates.input.after.to)
        return Verdict.Finding(
            subject: name.rawValue, failed: judged.failed, before: try? before.get(), after: try? after.get(),
            limit: judged.limit, unit: "", series: series.picture(in: whole), unknown: judged.unknown)
    }
}

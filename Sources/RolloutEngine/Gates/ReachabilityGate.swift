/// Whether every agent that answered before answers. Pure.
struct ReachabilityGate {
    let rates: WatchedRates

    var conclusion: GateConclusion {
        GateConclusion(findings, failed: "does not answer any more:", passed: "every agent answers")
    }

    /// One finding a device. Here silence is what is looked for, so that it fails and is not unknown.
    var findings: [Verdict.Finding] {
        rates.input.treated.map { finding($0, isControl: false) }
            + rates.input.control.map { finding($0, isControl: true) }
    }

    private func finding(_ device: Device, isControl: Bool) -> Verdict.Finding {
        let window = rates.window(of: device, isControl: isControl)
        let samples = rates.samples(of: device)
        let last = samples.filter { window.contains($0.at) }.suffix(rates.demand == .forAlarm ? 2 : 3)
        var finding = Verdict.Finding(subject: device.name.rawValue, isControl: isControl, unit: "")
        guard last.count >= 2 else {
            finding.unknown = UnknownReason(.tooFewSamples, "it was not asked twice")
            return finding
        }
        let silences = last.compactMap(\.silence)
        guard silences.count == last.count else { return finding }
        if samples.contains(where: { rates.input.before.contains($0.at) && $0.silence == nil }) {
            finding.failed = true
        } else {
            finding.unknown = silences.last
        }
        return finding
    }
}

/// Gates on states: interfaces that went down, devices that restarted. Pure.
struct StateGate {
    let rates: WatchedRates

    /// Whether every interface that was up before is up.
    var interfaces: GateConclusion {
        GateConclusion(
            interfaceFindings + rates.unwatchedFindings(unit: ""), failed: "no longer up:",
            describe: { "ifOperStatus \(GateText.number($0.after ?? 0))" },
            passed: "every watched interface that was up before is up")
    }

    /// Whether no device restarted since before the wave.
    var reboot: GateConclusion {
        GateConclusion(rebootFindings, failed: "restarted:", passed: "no device restarted")
    }

    /// One finding an interface; values are ifOperStatus, 1 is up.
    var interfaceFindings: [Verdict.Finding] {
        rates.watched.map { watched -> Verdict.Finding in
            let before = status(of: watched, in: rates.input.before, mustBeRecent: false)
            let after = status(of: watched, in: watched.window, mustBeRecent: true)
            let isDown = after.map { $0 != 1 } ?? false
            var unknown: UnknownReason?
            if after == nil {
                unknown = reasonForNone(watched, in: watched.window)
            } else if isDown && before == nil {
                unknown = UnknownReason(.tooFewSamples, "it is down, and whether it was up before is not known")
            }
            return Verdict.Finding(
                subject: watched.subject, isControl: watched.isControl, failed: isDown && before == 1,
                before: before.map(Double.init), after: after.map(Double.init), limit: nil, unit: "", unknown: unknown)
        }
    }

    /// One finding a device.
    var rebootFindings: [Verdict.Finding] {
        rates.input.treated.map { rebootFinding($0, control: false) }
            + rates.input.control.map { rebootFinding($0, control: true) }
    }

    private func rebootFinding(_ device: Device, control: Bool) -> Verdict.Finding {
        let window = Verdict.Window(from: rates.input.before.to, to: rates.input.after.to)
        let isKnown = rates.newestAnswer(of: device, in: window, mustBeRecent: true) != nil
        return Verdict.Finding(
            subject: device.name.rawValue, isControl: control, failed: restarted(device, in: window), unit: "",
            unknown: isKnown ? nil : rates.reasonForNoAnswer(of: device, in: window))
    }

    /// Whether an answer in the window shows a start since the answer before it, which may be older than the window.
    private func restarted(_ device: Device, in window: Verdict.Window) -> Bool {
        let answers = rates.samples(of: device).filter { $0.unknown == nil && $0.uptime != nil }
        return zip(answers, answers.dropFirst()).contains { earlier, later in
            window.contains(later.at) && AgentClock.restarted(from: earlier, to: later)
        }
    }

    private func status(of watched: WatchedRates.Watched, in window: Verdict.Window, mustBeRecent: Bool) -> Int? {
        rates.newestAnswer(of: watched.device, in: window, mustBeRecent: mustBeRecent)?.interfaces
            .first { $0.name == watched.interface }?.operStatus
    }

    private func reasonForNone(_ watched: WatchedRates.Watched, in window: Verdict.Window) -> UnknownReason {
        guard let newest = rates.newestAnswer(of: watched.device, in: window, mustBeRecent: true) else {
            return rates.reasonForNoAnswer(of: watched.device, in: window)
        }
        return newest.interfaces.first { $0.name == watched.interface }?.unknown
            ?? UnknownReason(.absent, "the agent gave no state of \(watched.interface)")
    }
}

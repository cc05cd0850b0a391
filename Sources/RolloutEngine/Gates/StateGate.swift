/// Gates on states: interfaces that went down, devices that restarted. Pure.
struct StateGate {
    let rates: WatchedRates
    /// From how many changes between up and down on an interface is flapping; 0 for never.
    var flaps = 0

    /// Whether every interface that was up before is up.
    var interfaces: GateConclusion {
        let findings = interfaceFindings
        return GateConclusion(
            findings + rates.unwatchedFindings(unit: ""), failed: Self.failure(of: findings.filter(\.failed)),
            describe: { finding in
                finding.after == 1
                    ? "up, having been down meanwhile" : "ifOperStatus \(GateText.number(finding.after ?? 0))"
            },
            passed: "every watched interface that was up before is up")
    }

    /// What is said of interfaces that fail.
    static func failure(of findings: [Verdict.Finding]) -> String {
        let down = findings.count { $0.after != 1 }
        return down == findings.count ? "no longer up:" : down == 0 ? "flapping:" : "no longer up, or flapping:"
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
            let enough = flaps + (PlantedBug.isPlanted(.flapsOffByOne) ? 1 : 0)
            let bounced = after != nil && flaps > 0 && changes(of: watched) >= enough
            let isFlapping = bounced && before == 1
            var unknown: UnknownReason?
            if after == nil {
                unknown = reasonForNone(watched, in: watched.window)
            } else if isDown && before == nil {
                unknown = UnknownReason(.tooFewSamples, "it is down, and whether it was up before is not known")
            } else if bounced && before == nil {
                unknown = UnknownReason(
                    .tooFewSamples, "it was down meanwhile, and whether it was up before is not known")
            }
            return Verdict.Finding(
                subject: watched.subject, isControl: watched.isControl, failed: isDown && before == 1 || isFlapping,
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

    /// How often an interface went down or came up in the judged time, also between two readings, by ifLastChange.
    private func changes(of watched: WatchedRates.Watched) -> Int {
        let samples = rates.samples(of: watched.device)
        let answers = samples.indices.compactMap { index -> Answer? in
            let sample = samples[index]
            guard sample.unknown == nil, sample.at <= watched.window.to,
                let reading = sample.interfaces.first(where: { $0.name == watched.interface }),
                let status = reading.operStatus
            else { return nil }
            return Answer(index: index, at: sample.at, status: status, lastChange: reading.lastChange)
        }
        let flags = answers.map { (at: $0.at, isGood: $0.status == 1) }
        let moves = zip(answers, answers.dropFirst()).filter { earlier, later in
            guard earlier.status == later.status, let before = earlier.lastChange, let now = later.lastChange,
                before != now
            else { return false }
            return !AgentClock.restarted(from: samples[earlier.index], to: samples[later.index])
        }.map(\.1.at)
        // There are agents whose ifLastChange moves though nothing happens. Of those it says nothing.
        let isTrusted = !moves.contains { rates.input.before.contains($0) }
        let unseen = isTrusted ? moves.count { watched.window.contains($0) } : 0
        return FlapCount.changes(flags, in: watched.window) + 2 * unseen
    }

    /// What a sample says of the state of one interface.
    private struct Answer {
        /// The sample's place.
        var index: Int
        var at: Instant
        var status: Int
        var lastChange: UInt32?
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

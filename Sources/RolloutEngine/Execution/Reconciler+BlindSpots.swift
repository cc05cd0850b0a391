extension Reconciler {
    /// What keeps the gates from judging what is still to be pushed in this wave: silence, which pauses, or that there is no
    /// "before" yet, which is waited for. Nil when nothing does, or when a person lets it through without them.
    func blindness(
        of wave: Wave, _ state: RolloutState, _ blindSpots: [WatchedAgent.Subject: BlindSpot], _ now: Instant
    ) -> Alarm? {
        guard !blindSpots.isEmpty, let gate = plan.policy.gates.first(where: { $0.onFail != .observe })?.name,
            !state[wave: wave.index].overridden.contains(gate)
        else { return nil }
        let waiting = wave.devices.filter { state[$0].phase == .waiting && !cohorts.isHeld($0, in: state) }
        guard !waiting.isEmpty else { return nil }
        var silent: [Verdict.Finding] = []
        var waitedFor: [Verdict.Finding] = []
        for subject in waiting.map(WatchedAgent.Subject.device) + wave.predicted.map({ .link($0.link) }) {
            let why: UnknownReason
            switch blindSpots[subject] {
            case .silent(let reason, let since):
                why = reason
                if since >= state.goesOnSince ?? since {
                    silent.append(Verdict.Finding(subject: subject.description, unit: "", unknown: why))
                    continue
                }
            // Waiting does not make longer what is over.
            case .scarce where hasBegun(wave, state): continue
            case .scarce(let shortage): why = UnknownReason(.tooFewSamples, shortage)
            case nil: continue
            }
            waitedFor.append(Verdict.Finding(subject: subject.description, unit: "", unknown: why))
        }
        let found = silent.isEmpty ? waitedFor : silent
        guard let why = found.first?.unknown else { return nil }
        let names = found.map(\.subject)
        return Alarm(
            wave: wave.index, gate: gate, action: silent.isEmpty ? .observe : .pause, subjects: names,
            reason: silent.isEmpty
                ? "waiting until enough is known of \(GateText.list(names)) (\(why))"
                : "nothing is heard from \(GateText.list(names)) (\(why)): what is pushed now could not be judged",
            findings: found, before: Verdict.Window(from: now - plan.policy.watch.baseline, to: now))
    }
}

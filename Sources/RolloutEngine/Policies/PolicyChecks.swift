/// Checks that the parts of a policy can work together, and says why when they cannot.
struct PolicyChecks {
    let complaints: ComplaintList

    func run(_ policy: Policy, _ map: YAMLMap) {
        let deadlines = policy.deadlines
        if policy.revertTimer <= deadlines.push + deadlines.confirm {
            complaints.error(
                at: map.place(of: "revert_timer"),
                "revert_timer \(policy.revertTimer) is not longer than deadlines push \(deadlines.push) + confirm "
                    + "\(deadlines.confirm)",
                remedy: "a device would put itself back while it is still being confirmed")
        }
        if deadlines.wave <= deadlines.push + deadlines.confirm {
            complaints.error(
                at: map.place(of: "deadlines"),
                "deadline wave \(deadlines.wave) is not longer than push \(deadlines.push) + confirm \(deadlines.confirm)",
                remedy: "no wave could end in time")
        }
        if policy.watch.poll < .seconds(1) {
            complaints.error(
                at: map.place(of: "watch"), "poll \(policy.watch.poll) is shorter than 1s",
                remedy: "agents refresh their counters every few seconds")
        }
        needsTwoPolls(policy.soak, "soak", policy, map.place(of: "soak"))
        if let soak = policy.canarySoak { needsTwoPolls(soak, "soak of the canary", policy, map.place(of: "canary")) }
        needsTwoPolls(policy.watch.baseline, "baseline", policy, map.place(of: "watch"))
        for rule in policy.gates { fits(rule, policy, map.place(of: "gates")) }
        for gate in policy.gates where gate.name == BesideWatch.gate || gate.name == PeakDebt.gate {
            complaints.error(
                at: map.place(of: "gates"), "no gate may be named \(gate.name)",
                remedy: "overrides of watch.also and of peak go by the names beside and peak")
        }
        if policy.peak != nil && policy.gates.isEmpty {
            complaints.error(
                at: map.place(of: "peak"), "peak needs gates",
                remedy: "without any, nobody watches whether it is carried")
        }
        if let perDatacentre = policy.inFlight.perDatacentre, perDatacentre > policy.inFlight.overall {
            complaints.warn(
                at: map.place(of: "in_flight"),
                "per_datacentre \(perDatacentre) is more than overall \(policy.inFlight.overall) and never binds")
        }
        if !policy.isolate.contains("pair") {
            complaints.warn(
                at: map.place(of: "isolate"), "isolate does not name pair: both of a pair may be touched at once")
        }
        if policy.canary.devices == 0 {
            complaints.warn(at: map.place(of: "canary"), "no canary: the first wave meets the change unproven")
        }
    }

    /// A gate that is read in a rhythm of its own must be read often enough before and after a wave.
    private func fits(_ rule: GateRule, _ policy: Policy, _ place: SourceLocation) {
        let rhythm: (every: Timespan, readings: Int64)
        switch rule.condition {
        // A counter that stands still is told from one that is repeated by its fourth reading.
        case .tcDrops(_, let every): rhythm = (every, 4)
        case .probe(let probe, _): rhythm = (probe.every ?? policy.watch.poll, 3)
        default: return
        }
        if rhythm.every < .seconds(1) {
            complaints.error(at: place, "gate \(rule.name) is read every \(rhythm.every), which is less than 1s")
        }
        for (span, what) in [
            (min(policy.soak, policy.canarySoak ?? policy.soak), "soak"), (policy.watch.baseline, "baseline"),
        ]
        where span < rhythm.every * rhythm.readings {
            complaints.error(
                at: place,
                "gate \(rule.name) is read every \(rhythm.every), and \(what) \(span) is shorter than \(rhythm.readings) of that",
                remedy: "read it more often with every:, or make the \(what) longer")
        }
    }

    private func needsTwoPolls(_ span: Timespan, _ what: String, _ policy: Policy, _ place: SourceLocation) {
        guard span < policy.watch.poll * 2 else { return }
        complaints.error(
            at: place, "\(what) \(span) is shorter than two polls of \(policy.watch.poll)",
            remedy: "a rate needs two readings; without one no gate can pass")
    }
}

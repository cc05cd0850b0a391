internal import RolloutEngine

// What the referee asks whenever agents are read: what fails of the waves is said, whether or not something new begins.
extension RefereeNotes {
    /// What fails of a wave that is under way, or that passed, pauses within a few polls. Whoever went on after it began knew.
    mutating func checkWatching(_ now: Instant) {
        guard violation == nil, journal.pauses.isEmpty, journal.wantedBack.isEmpty,
            !journal.isAborted, !journal.isEnded
        else { return }
        for (name, faults) in faultSince.sorted(by: { $0.key < $1.key }) {
            guard let wave = waveOf[name], journal[name].mayHoldChange, let pushed = pushedAt[name],
                isWatched(wave, pushed, now)
            else { continue }
            let hasPassed = journal[wave: wave.index].hasPassed
            for (fault, began) in faults {  // in any order
                guard isWatched(fault, afterPass: hasPassed), began > pushed,
                    fault == .snmpSilent || silentSince(name) == nil,
                    fault == .interfaceDown || faults[.interfaceDown] == nil,
                    let heard = hearing.heard(fault, on: name, since: max(began, goesOnSince)),
                    began > goesOnSince, began > stoodStillUntil,
                    now - heard > patience(hasPassed ? 8 : 6)
                else { continue }
                let state = hasPassed ? "passed" : "is under way"
                broken(
                    "alarm",
                    "nothing is said although \(name) of wave \(wave.index), which \(state), has had \(fault) since \(began - startedAt)",
                    at: now)
            }
        }
    }

    /// What fails beside the waves is said as soon. Whoever went on after it began knew.
    mutating func checkBeside(_ now: Instant) {
        guard let beside = plan.beside, violation == nil, journal.pauses.isEmpty, journal.wantedBack.isEmpty,
            !journal.isAborted, !journal.isEnded
        else { return }
        var failing = beside.devices.compactMap { device in
            faultSince[device.name]?[.interfaceDown].map { since in
                // Up for less than a poll is up for nobody: to who went on it is the fault that he knew.
                let last = lastDown[device.name].flatMap { since - $0.to < patience(1) ? $0.from : nil }
                return (device.name.rawValue, last ?? since)
            }
        }
        if let since = coreFullSince { failing.append(("link core", since)) }
        for (name, since) in failing where since >= goesOnSince && now - max(since, stoodStillUntil) > patience(6) {
            broken("beside", "nothing is said although \(name) has failed since \(since - startedAt)", at: now)
        }
    }

    /// So many polls. While peaks are waited for, agents are read more seldom.
    private func patience(_ polls: Int64) -> Timespan {
        plan.policy.watch.poll * (plan.policy.peak == nil ? polls : polls * 6)
    }

    /// Whether gates look at a device of a wave: it was changed since the wave was opened, or it passed; and not so long ago that
    /// what was before is forgotten. Also a wave that did not pass takes longer when nobody drove it for a while.
    private func isWatched(_ wave: Wave, _ pushed: Instant, _ now: Instant) -> Bool {
        let notes = journal[wave: wave.index]
        guard notes.overridden.isEmpty, !notes.isGoingBack, let opened = openedAt[wave.index] else { return false }
        let first = wave.devices.compactMap { firstPushedAt[$0] }.min() ?? pushed
        guard now - first < plan.policy.deadlines.wave else { return false }
        return pushed >= (notes.hasPassed ? drivenSince : opened)
    }

    /// Whether some gate asks about a fault, and does something about it.
    func isWatched(_ fault: Fault, afterPass: Bool = false) -> Bool {
        plan.policy.gates.contains { rule in
            switch (fault, rule.condition) {
            case (_, _) where rule.onFail == .observe: false
            case (.interfaceDown, .interfaces), (.peerDown, .object): true
            case (.errors(let count), .errors(let limit)), (.discards(let count), .discards(let limit)):
                count > limit * 2
            case (.snmpSilent, _): !afterPass
            default: false
            }
        }
    }
}

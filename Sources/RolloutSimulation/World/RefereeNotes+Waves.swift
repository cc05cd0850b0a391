internal import RolloutEngine

// What the referee asks when a wave passes, and at the end.
extension RefereeNotes {
    mutating func checkPassed(_ index: Int, _ truth: FleetState, _ now: Instant) {
        guard let wave = wave(index) else {
            return broken("P8", "wave \(index), which is not planned, passed", at: now)
        }
        let notes = journal[wave: index]
        let confirmed = wave.devices.filter { journal[$0].standing == .confirmed }
        for name in wave.devices where isOpen(name) {
            broken("P8", "wave \(index) passed while \(name) is \(journal[name].standing)", at: now)
        }
        if confirmed.isEmpty {
            let isLeft = wave.devices.allSatisfy { journal[$0].failure?.code == .drifted }
            if !isLeft { broken("P8", "wave \(index) passed without a device on its new configuration", at: now) }
            return
        }
        guard let soak = soakSince[index], let verdicts = notes.verdicts else {
            return broken("P8", "wave \(index) passed without a soak", at: now)
        }
        // A fact is dated before it is written.
        if now - soak + .seconds(1) < wave.soak {
            broken("P8", "wave \(index) passed after \(now - soak) of \(wave.soak) of soak", at: now)
        }
        for rule in plan.policy.gates where rule.onFail != .observe && !notes.overridden.contains(rule.name) {
            let outcome = verdicts[rule.name]
            if outcome != .pass {
                broken(
                    "P8", "wave \(index) passed although gate \(rule.name) says \(outcome?.rawValue ?? "nothing")",
                    at: now)
            }
        }
        guard notes.overridden.isEmpty, !plan.policy.gates.isEmpty else { return }
        checkHeard(underTest(wave), of: wave, since: soak, now)
        let holding = confirmed.filter { name in
            !edited.contains(name) && truth.devices.contains { $0.name == name && content(of: $0) == .desired }
        }
        // Only who was watched all along can have shown the harm.
        if isHarmful, !holding.isEmpty, wave.devices.allSatisfy({ !edited.contains($0) && silentSince($0) == nil }) {
            broken("P8", "wave \(index) passed although the change does harm to \(list(holding))", at: now)
        }
    }

    /// The agents of what was changed spoke, and said nothing bad that the gates ask about.
    private mutating func checkHeard(
        _ devices: [DeviceName], of wave: Wave, since soak: Instant, _ now: Instant
    ) {
        for name in devices {
            if let since = silentSince(name), since < soak {
                broken("P8", "wave \(wave.index) passed although nothing was heard of \(name)", at: now)
            }
            if let fault = failing(name, since: soak, now) {
                broken("P8", "wave \(wave.index) passed although \(name) has \(fault)", at: now)
            }
        }
    }

    /// A fault that came with the change and must have been seen by the end of the soak.
    private func failing(_ name: DeviceName, since soak: Instant, _ now: Instant) -> Fault? {
        guard let pushed = pushedAt[name] else { return nil }
        return faultSince[name]?.first { fault, began in
            guard began > pushed, let heard = hearing.heard(fault, on: name, since: began) else { return false }
            switch fault {
            case .interfaceDown, .peerDown:
                return isWatched(fault) && heard < soak && now - heard > plan.policy.watch.poll * 5
            case .errors, .discards: return isWatched(fault) && heard < soak && faultSince[name]?[.interfaceDown] == nil
            default: return false
            }
        }?.key
    }

    private func list(_ names: [DeviceName]) -> String { names.map(\.rawValue).joined(separator: ", ") }

    // MARK: The end

    mutating func checkEnd(_ ending: Ending, _ truth: FleetState, _ now: Instant) {
        let planned = plan.waves.flatMap(\.devices)
        switch ending {
        case .done:
            if let name = planned.first(where: { journal[$0].isMissing }) {
                broken("liveness", "it is done, and \(name) was not changed", at: now)
            }
        case .aborted: if !journal.isAborted { broken("P10", "it was aborted, and nobody asked for it", at: now) }
        case .rolledBack: break
        }
        if !journal.wantedBack.isEmpty {
            broken("back", "it ended (\(ending)) although somebody asked for a rollback", at: now)
        }
        for device in truth.devices where !edited.contains(device.name) {
            checkSettled(device, "ended (\(ending))", "P2", truth, now)
        }
    }

    mutating func end(truth: FleetState, at now: Instant) {
        for device in truth.devices {
            if device.timer != nil { broken("P2", "a timer is left armed on \(device.name)", at: now) }
            if edited.contains(device.name) { continue }
            checkSettled(device, "is mended", "liveness", truth, now)
        }
        if state.ending == nil && edited.isEmpty {
            let reasons = state.pauses.map { "\($0.reason.kind): \($0.reason.detail)" }.joined(separator: "; ")
            broken("liveness", "everything is mended, and it does not come to an end: \(reasons)", at: now)
        }
    }

    /// Nothing is left open on a device, it holds what the facts say, and so do the screens.
    private mutating func checkSettled(
        _ device: SimulatedDevice, _ what: String, _ promise: String, _ truth: FleetState, _ now: Instant
    ) {
        let notes = journal[device.name]
        let known = state[device.name]
        if notes.isOnItsWay || notes.standing == .strange || known.isUnsettled || known.isUnknown {
            broken(promise, "it \(what) with \(device.name) \(known.phase), \(notes.standing)", at: now)
        }
        if device.timer != nil { broken("P2", "it \(what) with a timer armed on \(device.name)", at: now) }
        let isConfirmed = notes.standing == .confirmed
        demand(device.name, holds: isConfirmed ? .desired : .base, "is \(notes.standing) when it \(what)", truth, now)
        if isConfirmed != (known.phase == .confirmed) {
            broken("P2", "\(device.name) is \(notes.standing), and is said to be \(known.phase)", at: now)
        }
    }
}

// What follows from requests, alarms, failures and deadlines: rollbacks and reasons to stand still.
extension Reconciler {
    func decide(_ state: RolloutState, _ farm: FarmView, _ turn: inout Turn) {
        for request in state.openRequests {
            guard case .rollBack(let scope) = request.verb else { continue }
            let because = "\(request.by) asked" + (request.reason.map { ": \($0)" } ?? "")
            turn.record(.rollingBack(scope, devices: devices(in: scope, state), because: because))
            if state.pause(.operator) == nil {
                turn.record(.paused(PauseReason(.operator, "\(request.by) asked for a rollback")))
            }
        }
        // Whether a gate still asks for what somebody asked for shows once that is taken in.
        if turn.hasFacts { return }
        for wave in plan.waves {
            let waveState = state[wave: wave.index]
            if let alarm = waveState.openAlarm { react(to: alarm, in: wave, state, &turn) }
            guard waveState.startedAt != nil, waveState.passedAt == nil else { continue }
            spendBudgets(wave, state, &turn)
            putBackWhatFailed(wave, waveState, state, &turn)
            if let overdue = overdue(wave, waveState, state, turn.now), state.pause(.deadline) == nil {
                turn.record(.paused(PauseReason(.deadline, overdue)))
            }
        }
        holdCohorts(state, &turn)
        let offset = turn.wallClock - turn.now
        for fact in debt?.due(in: state, at: turn.now, offset: offset, heardSince: farm.heardSince) ?? [] {
            turn.record(fact)
        }
        standStillForDoubt(state, &turn)
    }

    /// A device that cannot be asked is a reason to stand still, although it is asked on while its revert timer may run.
    func standStillForDoubt(_ state: RolloutState, _ turn: inout Turn) {
        let stranded = devices.filter { if case .stranded = state[$0].phase { true } else { false } }
        let unheard = devices.filter { state[$0].isSilent }
        let locked = unheard.filter { state[$0].lastError?.code == .locked }
        let silent = unheard.filter { state[$0].lastError?.code != .locked }
        var details: [String] = []
        if !stranded.isEmpty { details.append("\(list(stranded)): a person has to look") }
        if !silent.isEmpty {
            details.append("\(list(silent)): no answer, asked again and again until the revert timer has run out")
        }
        if !locked.isEmpty {
            details.append(
                "\(list(locked)): another session holds the configuration, asked again and again until the revert timer has"
                    + " run out")
        }
        let detail = details.joined(separator: "; ")
        guard !detail.isEmpty, state.pause(.deviceUnknown)?.reason.detail != detail else { return }
        turn.record(.paused(PauseReason(.deviceUnknown, detail)))
    }

    func list(_ names: [DeviceName]) -> String { names.map(\.rawValue).joined(separator: ", ") }

    func react(to alarm: Alarm, in wave: Wave, _ state: RolloutState, _ turn: inout Turn) {
        if alarm.gate == BesideWatch.gate {
            return turn.record(
                .paused(PauseReason(.beside, "while wave \(wave.index) is the next to pass: \(alarm.reason)")))
        }
        let hadPassed = state[wave: wave.index].passedAt != nil
        let occasion = hadPassed ? "on wave \(wave.index), which had passed" : "while wave \(wave.index) was under way"
        let detail = "gate \(alarm.gate) \(occasion): \(alarm.reason)"
        if alarm.action == .rollBack && state[wave: wave.index].rolledBackAt == nil,
            !PlantedBug.isPlanted(.alarmOnlyPauses)
        {
            turn.record(
                .rollingBack(.wave(wave.index), devices: devices(in: .wave(wave.index), state), because: detail))
        }
        // Silence is not a failure: nobody knows.
        let isSilence = !alarm.findings.isEmpty && alarm.findings.allSatisfy { $0.unknown != nil }
        turn.record(.paused(PauseReason(isSilence ? .gateUnclear : .gateFailed, detail)))
    }

    /// A pause that came right after the verdict does not keep a wave that failed on its new configuration.
    private func putBackWhatFailed(
        _ wave: Wave, _ waveState: WaveState, _ state: RolloutState, _ turn: inout Turn
    ) {
        guard state.isPaused, state.abortedAt == nil, waveState.rolledBackAt == nil,
            case .fail(.rollBack, let reasons) = verdict(on: waveState)
        else { return }
        fail(wave, .rollBack, reasons, state, &turn)
    }

    /// What follows from a wave that failed at its gates.
    func fail(
        _ wave: Wave, _ action: GateAction, _ reasons: [String], _ state: RolloutState, _ turn: inout Turn
    ) {
        let detail = "after wave \(wave.index): \(reasons.joined(separator: "; "))"
        if action == .rollBack && state[wave: wave.index].rolledBackAt == nil {
            let members = devices(in: .wave(wave.index), state)
            turn.record(.rollingBack(.wave(wave.index), devices: members, because: detail))
        }
        turn.record(.paused(PauseReason(.gateFailed, detail)))
    }

    /// What the verdicts on a wave come to.
    func verdict(on waveState: WaveState) -> VerdictAlgebra.Combined {
        VerdictAlgebra.combined(
            waveState.verdicts, rules: plan.policy.gates, overridden: waveState.overridden, counts: waveState.outcomes)
    }

    func spendBudgets(_ wave: Wave, _ state: RolloutState, _ turn: inout Turn) {
        guard state.pause(.budget) == nil, !PlantedBug.isPlanted(.ignoresBudget) else { return }
        let budgets = plan.policy.budgets
        var scopes = [("wave \(wave.index)", wave.devices, budgets.wave)]
        if let budget = budgets.datacentre, let place = wave.datacentre {
            let here = wave.devices.first.flatMap { planned[$0]?.device.datacentre }
            scopes.append(("datacentre \(place)", devices.filter { planned[$0]?.device.datacentre == here }, budget))
        }
        if let budget = budgets.rollout { scopes.append(("the rollout", devices, budget)) }
        for (scope, members, budget) in scopes {
            let failed = members.filter { state[$0].failure.map(countsAgainstBudget) ?? false }
            let borne = max(budget.devices, Int(Double(members.count) * (budget.share?.fraction ?? 0)))
            guard failed.count > borne + (PlantedBug.isPlanted(.budgetOffByOne) ? 1 : 0) else { continue }
            let names = failed.map { "\($0) (\(state[$0].failure?.code.words ?? ""))" }.joined(separator: ", ")
            let detail =
                "\(failed.count) of \(members.count) devices failed in \(scope), the budget is \(borne): \(names)"
            switch budget.reaction {
            case .pause: break
            case .rollBackWave:
                turn.record(
                    .rollingBack(.wave(wave.index), devices: devices(in: .wave(wave.index), state), because: detail))
            case .rollBackAll:
                turn.record(.rollingBack(.all, devices: devices(in: .all, state), because: detail))
            }
            turn.record(.paused(PauseReason(.budget, detail)))
            return
        }
    }

    /// A device that was changed by somebody else since it was planned is left out; that is not a failure of the change.
    func countsAgainstBudget(_ error: DriverError) -> Bool { error.code != .drifted }

    func overdue(_ wave: Wave, _ waveState: WaveState, _ state: RolloutState, _ now: Instant) -> String? {
        guard let startedAt = waveState.startedAt, waveState.soakStartedAt == nil, !state.isPaused,
            !PlantedBug.isPlanted(.ignoresDeadline),
            now - startedAt > plan.policy.deadlines.wave
        else { return nil }
        let open = wave.devices.filter { !isSettled($0, state) }.map(\.rawValue).joined(separator: ", ")
        guard !open.isEmpty else { return nil }
        return "wave \(wave.index) is not settled after \(plan.policy.deadlines.wave): \(open)"
    }
}

/// Decides what is to be done next, from the plan, what is known, and the time. Pure: the same arguments give the same actions.
///
/// The rules, in the order in which they are asked:
/// 1. Whoever is in doubt is asked, whoever must go back is put back, whoever is applied is confirmed. Not even a pause
///    stops this: a device is never left half done.
/// 2. What an operator or a gate decided is carried out.
/// 3. Nothing new starts while there is a reason to stand still.
/// 4. Waves go forward as far as their order, caps, isolation and windows allow.
public struct Reconciler: Sendable {
    /// The plan that is being carried out.
    public let plan: Plan
    let waveOf: [DeviceName: Int]
    let planned: [DeviceName: PlannedDevice]
    let cohorts: Cohorts
    /// Nil when the policy asks for no peak.
    let debt: PeakDebt?
    /// All devices, wave by wave.
    let devices: [DeviceName]
    private let sharing: [DeviceName: [DeviceName]]

    /// Prepares to carry out a plan.
    public init(plan: Plan) {
        self.plan = plan
        var waveOf: [DeviceName: Int] = [:]
        for wave in plan.waves { for device in wave.devices { waveOf[device] = wave.index } }
        self.waveOf = waveOf
        planned = Dictionary(plan.devices.map { ($0.device.name, $0) }, uniquingKeysWith: { first, _ in first })
        cohorts = Cohorts(plan)
        debt = PeakDebt(plan, knowing: 30)
        devices = plan.waves.flatMap(\.devices)
        sharing = Self.neighbours(in: plan)
    }

    /// What is to be done now.
    ///
    /// - Parameters:
    ///   - state: The fold of the journal.
    ///   - now: The time.
    ///   - wallClock: What the machine's clock shows, by which windows are meant; nil when that is the time.
    ///   - watchedSince: Since when the runner has readings without a gap; a wave needs a "before" to be compared with.
    ///   - blindSpots: What too little is seen of: nothing is pushed that no gate could judge.
    ///   - farm: What is seen of the farm beside the journal.
    public func next(
        _ state: RolloutState, at now: Instant, wallClock: Instant? = nil, watchedSince: Instant,
        blindSpots: [WatchedAgent.Subject: BlindSpot] = [:], farm: FarmView = FarmView()
    ) -> [Action] {
        if state.ending != nil { return [] }
        var turn = Turn(now: now, wallClock: wallClock ?? now)

        settle(state, &turn)
        decide(state, farm, &turn)
        // What was just decided changes what comes next: take the new facts in first.
        if turn.hasFacts { return turn.actions }
        if finishIfOver(state, &turn) { return turn.actions }
        if state.isPaused && !PlantedBug.isPlanted(.ignoresPause) { return turn.actions }
        if state.abortedAt != nil && !PlantedBug.isPlanted(.ignoresAbort) { return turn.actions }
        if isRollingBack(state) { return turn.actions }
        advance(state, watchedSince: watchedSince, blindSpots, farm, &turn)
        // Another wave may just have found a reason to stand still: nothing new starts before that is written down.
        if turn.hasFacts { turn.withdrawPushes() }
        return turn.actions
    }

    /// Whether there is nothing left that the engine could do or wait for by itself: it ended, or it stands still for a
    /// reason that only a person can take away.
    public func isAtRest(_ state: RolloutState, at now: Instant) -> Bool {
        if state.ending != nil { return true }
        guard state.isPaused else { return false }
        let inFlight = plan.waves.contains { $0.devices.contains { state[$0].stepInFlight != nil } }
        return !inFlight && next(state, at: now, watchedSince: now).isEmpty
    }

    private func needsStep(_ device: DeviceState) -> Bool {
        device.isUnsettled || (device.wanted == .base && device.phase == .confirmed)
    }

    // MARK: Devices that must not be left as they are

    /// When a device that is pushed to now is back by itself at the latest, if it is never heard again; nil without a timer.
    private func isBackBy(_ name: DeviceName, pushedAt now: Instant) -> Instant? {
        let target = planned[name]?.target
        guard target?.hasRevertTimer ?? true else { return nil }
        return now + plan.policy.deadlines.push + (target?.revertTimer ?? plan.policy.revertTimer)
            + (target?.restartTakes ?? .zero)
    }

    /// When a device whose timer is known is back at the latest, where it starts anew for that; else nil: its timer says it.
    private func isBackBy(_ name: DeviceName, _ device: DeviceState) -> Instant? {
        guard let revertsAt = device.revertsAt, let restart = planned[name]?.target?.restartTakes else { return nil }
        return revertsAt + restart
    }

    private func settle(_ state: RolloutState, _ turn: inout Turn) {
        lazy var rollbacksInFlight = devices.count { state[$0].stepInFlight?.kind == .rollBack }
        // The way back is the way there in reverse order.
        let order =
            PlantedBug.isPlanted(.rollsBackForwards) ? plan.waves.flatMap { $0.devices.reversed() } : devices.reversed()
        for name in order {
            let device = state[name]
            @discardableResult func perform(_ kind: DeviceStep.Kind) -> Bool {
                turn.perform(kind, on: name, device, revertsBy: isBackBy(name, device))
            }
            switch (device.phase, device.wanted) {
            case (.applied, .base) where PlantedBug.isPlanted(.confirmsWhatMustGoBack):
                turn.perform(.confirm, on: name, device)
            case (.inDoubt, _):
                perform(.observe)
            case (.mustRevert, _), (.applied, .base), (.confirmed, .base):
                if device.failure != nil && !device.hasEvidence && !PlantedBug.isPlanted(.skipsEvidence) {
                    turn.add(.collectEvidence(name))
                } else if rollbacksInFlight < plan.policy.inFlight.overall, perform(.rollBack) {
                    rollbacksInFlight += 1
                }
            case (.applied, .target):
                perform(.confirm)
            case (.stranded, _):
                if !device.hasEvidence && !PlantedBug.isPlanted(.leavesNoEvidence) {
                    turn.add(.collectEvidence(name))
                }
            case (.waiting, _), (.inFlight, _), (.confirmed, .target), (.failed, _), (.rolledBack, _):
                break
            }
        }
    }

    // MARK: Endings

    private func isRollingBack(_ state: RolloutState) -> Bool {
        devices.contains { state[$0].wanted == .base && needsStep(state[$0]) }
    }

    /// Writes down the end when there is nothing left to do. Returns whether nothing else is to be done in this turn.
    private func finishIfOver(_ state: RolloutState, _ turn: inout Turn) -> Bool {
        guard devices.allSatisfy({ !needsStep(state[$0]) }) || PlantedBug.isPlanted(.endsTooEarly) else { return false }
        let stranded = devices.contains { if case .stranded = state[$0].phase { true } else { false } }
        if stranded { return false }
        if !state.rollbacks.isEmpty && devices.contains(where: { state[$0].phase == .rolledBack })
            && devices.allSatisfy({ !state[$0].mayHoldTarget })
        {
            turn.record(.finished(.rolledBack))
            return true
        }
        if state.abortedAt != nil {
            turn.record(.finished(.aborted))
            return true
        }
        if plan.waves.allSatisfy({ hasPassed($0, state) || isLeftOut($0, state) }) {
            if let debt, !debt.devices(in: state).isEmpty {
                let end = debt.nextEnd(in: state, at: turn.now, offset: turn.wallClock - turn.now)
                if !state.isPaused { turn.wake(at: end ?? turn.now + .minutes(60)) }
            } else if !heldBack(state).isEmpty {
                standStillForCohorts(state, &turn)
            } else {
                turn.record(.finished(.done))
            }
            return true
        }
        return false
    }

    // MARK: Going forward

    func hasPassed(_ wave: Wave, _ state: RolloutState) -> Bool {
        state[wave: wave.index].passedAt != nil
            && wave.devices.allSatisfy {
                state[$0].phase != .waiting || isHeldBack($0, state) || PlantedBug.isPlanted(.passesOverWaiting)
            }
    }

    /// Whether a wave need not wait for a device.
    func isSettled(_ name: DeviceName, _ state: RolloutState) -> Bool {
        let device = state[name]
        return !device.isUnsettled && (device.phase != .waiting || isHeldBack(name, state))
    }

    private func advance(
        _ state: RolloutState, watchedSince: Instant, _ blindSpots: [WatchedAgent.Subject: BlindSpot],
        _ farm: FarmView, _ turn: inout Turn
    ) {
        // A wave is cleared when it passed and all before it did: a retry can open an earlier one again.
        var cleared: Set<Int> = []
        for wave in plan.waves {
            guard wave.after.allSatisfy(cleared.contains) || PlantedBug.isPlanted(.ignoresOrder) else { continue }
            if hasPassed(wave, state) || isLeftOut(wave, state) {
                cleared.insert(wave.index)
                continue
            }
            let waveState = state[wave: wave.index]
            if waveState.startedAt == nil || waveState.passedAt != nil {
                start(wave, state, watchedSince: watchedSince, farm, &turn)
            } else if wave.devices.allSatisfy({
                isSettled($0, state) || PlantedBug.isPlanted(.soaksTooEarly) && state[$0].phase != .waiting
            }) {
                prove(wave, waveState, state, &turn)
            } else if !PlantedBug.isPlanted(.pushesBlindly),
                let alarm = blindness(of: wave, state, blindSpots, turn.now)
            {
                // That it stands still is said each time, that it waits once.
                let isSaid = waveState.alarms.contains { $0.action == .observe && $0.subjects == alarm.subjects }
                if alarm.action != .observe || !isSaid { turn.record(.alarm(alarm)) }
            } else if !hasBegun(wave, state), turn.now < readyToJudge(wave, state, watchedSince) {
                turn.wake(at: readyToJudge(wave, state, watchedSince))
            } else if !hasBegun(wave, state), !awaited(by: wave, state, at: turn.wallClock).isEmpty {
                // It was put back and is taken up again, or has waited so long that an approval expired.
                continue
            } else if PlantedBug.isPlanted(.asksWindowOnce) || !waitsForWindow(wave, state, &turn) {
                push(wave, state, farm, &turn)
                turn.wake(at: (waveState.startedAt ?? turn.now) + plan.policy.deadlines.wave)
            }
        }
    }

    /// When there is a "before" to compare a wave with: watched all along, and not while its devices held the change.
    private func readyToJudge(_ wave: Wave, _ state: RolloutState, _ watchedSince: Instant) -> Instant {
        guard !plan.policy.gates.isEmpty, !PlantedBug.isPlanted(.skipsBaseline) else { return watchedSince }
        let cleanSince = wave.devices.compactMap { state[$0].earlierAttempts.last?.to }.max() ?? watchedSince
        return max(watchedSince, cleanSince) + plan.policy.watch.baseline
    }

    /// When the "before" of a wave ended: with its first push. Where a device was taken up again beside others that stayed
    /// changed, with the first push whose "before" no attempt reaches into.
    public func endOfBefore(of wave: Wave, _ state: RolloutState) -> Instant? {
        let devices = underTest(wave, state).map { state[$0] }
        guard var end = devices.compactMap(\.pushBeganAt).min() else { return nil }
        let attempts = devices.flatMap(\.earlierAttempts)
        func spoils(_ attempt: Verdict.Window) -> Bool {
            attempt.from < end && attempt.to + plan.policy.watch.baseline > end
        }
        while let attempt = attempts.first(where: spoils) { end = attempt.from }
        return end
    }

    /// Whether the "before" of a wave is over: it ends with the first push.
    func hasBegun(_ wave: Wave, _ state: RolloutState) -> Bool { !underTest(wave, state).isEmpty }

    /// The devices that a wave has to prove: those that were changed since it was opened. Where it is opened again for a few
    /// that were left out or failed, the others proved themselves the first time, compared with a time long gone.
    func underTest(_ wave: Wave, _ state: RolloutState) -> [DeviceName] {
        let waveState = state[wave: wave.index]
        return wave.devices.filter { name in
            guard let began = state[name].pushBeganAt else { return false }
            return waveState.passedAt != nil || began >= waveState.openedAt ?? began
        }
    }

    private func start(
        _ wave: Wave, _ state: RolloutState, watchedSince: Instant, _ farm: FarmView, _ turn: inout Turn
    ) {
        let ready = readyToJudge(wave, state, watchedSince)
        guard turn.now >= ready else { return turn.wake(at: ready) }
        // Who approves wakes the runner.
        guard awaited(by: wave, state, at: turn.wallClock).isEmpty else { return }
        if waitsForWindow(wave, state, &turn) { return }
        if waitsForPeak(wave, state, farm, &turn) { return }
        turn.record(.waveStarted(wave: wave.index))
    }

    private func push(_ wave: Wave, _ state: RolloutState, _ farm: FarmView, _ turn: inout Turn) {
        let caps = plan.policy.inFlight
        // What waves beside this one began in this same turn counts as well.
        let unsettled = devices.filter { state[$0].isUnsettled } + turn.pushes
        var overall = unsettled.count
        var local: [DatacentreName: Int] = [:]
        for other in unsettled {
            if let datacentre = planned[other]?.device.datacentre { local[datacentre, default: 0] += 1 }
        }
        var places = farm.freePlaces - placeless(owing(state), state, farm).count
        var held: [String] = []
        var waitsForPeak = 0
        var mayStillStart = overall > 0
        for name in wave.devices where state[name].phase == .waiting && !cohorts.isHeld(name, in: state) {
            guard let device = planned[name]?.device else { continue }
            if let neighbour = unprovenNeighbour(of: name, state, turn) {
                held.append("\(name) waits for \(neighbour), which is not proven healthy")
                continue
            }
            mayStillStart = true
            guard overall < caps.overall || PlantedBug.isPlanted(.capOffByOne) && overall == caps.overall else { break }
            guard
                local[device.datacentre, default: 0] < caps.perDatacentre ?? .max
                    || PlantedBug.isPlanted(.ignoresDatacentreCap)
            else { continue }
            // A wave has its places from its start on; a device that is tried again may have lost its own.
            let needsPlace = !placeless([name], state, farm).isEmpty && !PlantedBug.isPlanted(.ignoresDebtCap)
            guard !needsPlace || places > 0 else { continue }
            // What failed after its peak owes it again, and has no place any more: it is given one of those that wait.
            if places < 0, !PlantedBug.isPlanted(.ignoresDebtCap) {
                places += 1
                waitsForPeak += 1
                continue
            }
            if turn.perform(.push, on: name, state[name], revertsBy: isBackBy(name, pushedAt: turn.now)) {
                if needsPlace { places -= 1 }
                overall += 1
                local[device.datacentre, default: 0] += 1
                turn.pushes.append(name)
            }
        }
        if waitsForPeak > 0 { waitForPeak(wave, waitsForPeak, state, farm, &turn) }
        if !mayStillStart && !held.isEmpty {
            let detail = held.joined(separator: "; ") + ": mend it and `retry --failed`, or `abort`"
            turn.record(.paused(PauseReason(.domainHeld, detail)))
        }
    }

    /// A device of the same failure domain that is in flight, in trouble, or changed and not proven by its gate.
    private func unprovenNeighbour(of name: DeviceName, _ state: RolloutState, _ turn: Turn) -> DeviceName? {
        if PlantedBug.isPlanted(.ignoresPairs) { return nil }
        return sharing[name]?.first { other in
            let device = state[other]
            switch device.phase {
            case .inFlight, .applied, .inDoubt, .mustRevert, .stranded: return true
            // Who holds a lock was answered by: only silence is trouble.
            case .failed: return device.failure?.isOutOfReach ?? false
            case .confirmed: return waveOf[other].map { state[wave: $0].passedAt == nil } ?? false
            case .waiting, .rolledBack: return turn.pushes.contains(other)
            }
        }
    }

    private func prove(_ wave: Wave, _ waveState: WaveState, _ state: RolloutState, _ turn: inout Turn) {
        guard wave.devices.contains(where: { state[$0].phase == .confirmed }) else {
            if waveState.rolledBackAt == nil && wave.devices.allSatisfy({ state[$0].failure?.code == .drifted }) {
                return turn.record(.wavePassed(wave: wave.index))
            }
            let detail = "no device of wave \(wave.index) is on its new configuration: `retry --failed` or `abort`"
            return turn.record(.paused(PauseReason(.gateUnclear, detail)))
        }
        guard let soaking = waveState.soakStartedAt else {
            return turn.record(.soakStarted(wave: wave.index))
        }
        let end = soaking + (PlantedBug.isPlanted(.halvesSoak) ? .milliseconds(wave.soak.milliseconds / 2) : wave.soak)
        guard turn.now >= end else { return turn.wake(at: end) }
        let missing = plan.policy.gates.contains { rule in !waveState.verdicts.contains { $0.gate == rule.name } }
        if missing { return turn.add(.judge(wave: wave.index)) }
        switch verdict(on: waveState) {
        case .pass:
            turn.record(.wavePassed(wave: wave.index))
        case .fail where PlantedBug.isPlanted(.failurePasses), .unclear where PlantedBug.isPlanted(.unclearPasses):
            turn.record(.wavePassed(wave: wave.index))
        case .again:
            turn.record(.soakStarted(wave: wave.index))
        case .fail(let action, let reasons):
            fail(wave, action, reasons, state, &turn)
        case .unclear(let reasons):
            let detail = "after wave \(wave.index): \(reasons.joined(separator: "; "))"
            turn.record(.paused(PauseReason(.gateUnclear, detail)))
        }
    }

    // MARK: Scopes

    /// The devices of a scope that hold, or may hold, the change.
    func devices(in scope: RollbackScope, _ state: RolloutState) -> [DeviceName] {
        let all: [DeviceName]
        switch scope {
        case .devices(let names): all = names.filter { waveOf[$0] != nil }
        case .wave(let index): all = plan.waves.first { $0.index == index }?.devices ?? []
        case .all: all = devices
        }
        let holding = all.filter { state[$0].mayHoldTarget }
        return PlantedBug.isPlanted(.forgetsOneInRollback) ? holding.dropLast() : holding
    }

    private static func neighbours(in plan: Plan) -> [DeviceName: [DeviceName]] {
        var members: [FailureDomain: [DeviceName]] = [:]
        let targets = plan.devices.filter { $0.target != nil }
        for planned in targets {
            for domain in planned.device.domains where plan.policy.isolate.contains(domain.kind) {
                members[domain, default: []].append(planned.device.name)
            }
        }
        var sharing: [DeviceName: [DeviceName]] = [:]
        for planned in targets {
            let name = planned.device.name
            let others = planned.device.domains.flatMap { members[$0] ?? [] }.filter { $0 != name }
            if !others.isEmpty { sharing[name] = others }
        }
        return sharing
    }
}

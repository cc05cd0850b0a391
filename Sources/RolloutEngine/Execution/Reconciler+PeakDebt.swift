// What peak debt means for waves: nothing new starts over the cap, and a rollout is not done before its peaks were carried.
extension Reconciler {
    /// Whether all waves passed and only peaks are waited for.
    func isOnlyWatching(_ state: RolloutState) -> Bool {
        guard let debt, state.ending == nil else { return false }
        return plan.waves.allSatisfy { hasPassed($0, state) || isLeftOut($0, state) }
            && !debt.devices(in: state).isEmpty
    }

    /// Whether nothing is under way and will be before somebody has carried a peak: agents may be read more seldom.
    func isQuiet(_ state: RolloutState) -> Bool {
        guard debt != nil else { return false }
        if isOnlyWatching(state) { return true }
        let open = plan.waves.filter { !hasPassed($0, state) && !isLeftOut($0, state) }
        return open.allSatisfy { state[wave: $0.index].startedAt == nil }
            && open.contains { wave in state[wave: wave.index].alarms.contains { $0.gate == PeakDebt.gate } }
    }

    /// The devices of a wave that would be pushed.
    func pushable(_ wave: Wave, _ state: RolloutState) -> [DeviceName] {
        wave.devices.filter { state[$0].phase == .waiting && !cohorts.isHeld($0, in: state) }
    }

    /// The devices that need a place under the cap and have none.
    func placeless(_ names: [DeviceName], _ state: RolloutState, _ farm: FarmView) -> [DeviceName] {
        guard let debt else { return [] }
        return names.filter { !farm.placed.contains($0) && debt.counts($0, in: state) }
    }

    /// The devices that have not carried their peaks.
    func owing(_ state: RolloutState) -> [DeviceName] { debt?.devices(in: state) ?? [] }

    /// The devices that need a place when a wave starts: its own, and those that are in debt without one, as the rollout had ended
    /// and was opened again, or as they failed after their peak.
    func placeless(at start: Wave, _ state: RolloutState, _ farm: FarmView) -> [DeviceName] {
        placeless(owing(state) + pushable(start, state), state, farm)
    }

    /// Whether a wave has to wait until others have carried their peaks.
    func waitsForPeak(_ wave: Wave, _ state: RolloutState, _ farm: FarmView, _ turn: inout Turn) -> Bool {
        guard !PlantedBug.isPlanted(.ignoresDebtCap) else { return false }
        let wanted = placeless(at: wave, state, farm).count
        guard wanted > farm.freePlaces else { return false }
        waitForPeak(wave, wanted, state, farm, &turn)
        return true
    }

    /// Says once that devices of a wave wait until others have carried their peaks.
    func waitForPeak(_ wave: Wave, _ waiting: Int, _ state: RolloutState, _ farm: FarmView, _ turn: inout Turn) {
        guard let debt else { return }
        let end = debt.nextEnd(in: state, at: turn.now, offset: turn.wallClock - turn.now)
        if !state[wave: wave.index].alarms.contains(where: { $0.gate == PeakDebt.gate }) {
            let until = end.map { "until \($0)" } ?? "until other rollouts are further"
            let reason = """
                \(debt.cap - farm.freePlaces) of at most \(debt.cap) devices are in debt, \(owing(state).count) of them of this \
                rollout: wave \(wave.index) with \(waiting) more waits for their peak, \(until)
                """
            turn.record(
                .alarm(
                    Alarm(
                        wave: wave.index, gate: PeakDebt.gate, action: .observe, subjects: [], reason: reason,
                        before: Verdict.Window(from: turn.now, to: turn.now))))
        }
        turn.wake(at: end ?? turn.now + .minutes(60))
    }
}

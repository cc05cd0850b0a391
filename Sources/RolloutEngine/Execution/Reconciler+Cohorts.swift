// What a held cohort means for waves: they go on without its devices, which come back when a person releases it.
extension Reconciler {
    /// Whether a device would be next to be pushed, and is not because its cohort is held.
    func isHeldBack(_ name: DeviceName, _ state: RolloutState) -> Bool {
        state[name].phase == .waiting && cohorts.isHeld(name, in: state)
    }

    /// The devices that are held back, in the order of their waves.
    func heldBack(_ state: RolloutState) -> [DeviceName] {
        guard !state.cohortHolds.isEmpty else { return [] }
        return devices.filter { isHeldBack($0, state) }
    }

    /// Whether nothing of a wave is left to do before its cohorts are released: nothing of it was changed.
    func isLeftOut(_ wave: Wave, _ state: RolloutState) -> Bool {
        wave.devices.allSatisfy { isHeldBack($0, state) }
    }

    /// Holds cohorts that have failed too often.
    func holdCohorts(_ state: RolloutState, _ turn: inout Turn) {
        guard state.abortedAt == nil else { return }
        for fact in cohorts.due(in: state) {
            turn.record(fact)
            guard case .cohortHeld(let cohort, let failed) = fact, plan.policy.cohorts?.reaction == .pause else {
                continue
            }
            turn.record(.paused(PauseReason(.cohort, detail(of: cohort, failed))))
        }
    }

    /// Stands still when held devices are all that is left.
    func standStillForCohorts(_ state: RolloutState, _ turn: inout Turn) {
        guard state.pause(.cohort) == nil else { return }
        let reasons = state.cohortHolds.map { detail(of: $0.cohort, $0.failed) }
        let text = "all others are done: \(reasons.joined(separator: "; "))"
        turn.record(.paused(PauseReason(.cohort, text)))
    }

    private func detail(of cohort: Cohort, _ failed: [DeviceName]) -> String {
        "\(failed.count) of \(cohorts.devices(of: cohort).count) devices with \(cohort) failed "
            + "(\(GateText.list(failed.map(\.rawValue)))), so nothing more is pushed to the others"
    }
}

/// The cohorts of a plan's devices, and which of them have failed too often. Pure.
///
/// A device of which model or firmware is not known is in none.
struct Cohorts: Sendable {
    private let rule: CohortRule?
    private let members: [Cohort: [DeviceName]]
    private let cohortOf: [DeviceName: Cohort]
    /// Gates that only observe: what fails at them is no failure.
    private let observing: Set<GateName>

    init(_ plan: Plan) {
        rule = plan.policy.cohorts
        observing = Set(plan.policy.gates.filter { $0.onFail == .observe }.map(\.name))
        var members: [Cohort: [DeviceName]] = [:]
        var cohortOf: [DeviceName: Cohort] = [:]
        for planned in plan.devices {
            guard let cohort = planned.cohort else { continue }
            members[cohort, default: []].append(planned.device.name)
            cohortOf[planned.device.name] = cohort
        }
        self.members = members
        self.cohortOf = cohortOf
    }

    /// All devices of a cohort that the plan changes.
    func devices(of cohort: Cohort) -> [DeviceName] { members[cohort] ?? [] }

    /// Whether nothing may be pushed to a device because its cohort is held.
    func isHeld(_ device: DeviceName, in state: RolloutState) -> Bool {
        guard !state.cohortHolds.isEmpty, let cohort = cohortOf[device], !PlantedBug.isPlanted(.ignoresCohort) else {
            return false
        }
        return state.cohortHolds.contains { $0.cohort == cohort }
    }

    /// The holds that are to be written down: of cohorts that have failed too often, and of held ones where another failed.
    func due(in state: RolloutState) -> [Fact] {
        guard let rule else { return [] }
        return members.keys.sorted().compactMap { cohort in
            let failed = devices(of: cohort).filter { counts($0, in: state) }
            let known = state.cohortHolds.first { $0.cohort == cohort }?.failed
            let enough = rule.failures + (PlantedBug.isPlanted(.cohortOffByOne) ? 1 : 0)
            let isNew = known.map { !Set(failed).isSubset(of: $0) } ?? (failed.count >= enough)
            return isNew ? .cohortHeld(cohort, failed: failed) : nil
        }
    }

    private func counts(_ device: DeviceName, in state: RolloutState) -> Bool {
        if state.excused.contains(device) { return false }
        if let failure = state[device].failure, failure.code != .drifted { return true }
        return !(state.gateFailures[device] ?? []).subtracting(observing).isEmpty
    }
}

extension PlannedDevice {
    /// What it is and runs; nil for a device that is only watched, or that did not say both.
    public var cohort: Cohort? {
        guard let target, let model = target.model, !model.isEmpty else { return nil }
        if let firmware = target.firmware, !firmware.isEmpty { return Cohort(model: model, firmware: firmware) }
        return PlantedBug.isPlanted(.countsWithoutFirmware) ? Cohort(model: model, firmware: "") : nil
    }
}

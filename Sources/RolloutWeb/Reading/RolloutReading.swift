import RolloutEngine

/// All that is known of one rollout at a moment.
struct RolloutReading: Sendable {
    let fixed: PlannedRollout
    let state: RolloutState
    let status: RolloutStatus

    var id: RolloutID { fixed.record.id }
    var plan: Plan { fixed.plan }
}

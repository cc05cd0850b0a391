// What it would help to say that a rollout shall go on.
extension Reconciler {
    /// The reasons for which a rollout would stand still again at once if somebody said to go on, as only failed devices are left,
    /// which nobody tries again until that is asked for; empty when there is something to do or to wait for. Pure.
    ///
    /// - Parameters:
    ///   - kind: The only kind of pause that is taken away; nil for all.
    ///   - now: The time; that of the machine's clock, too.
    public func standsStillAgain(_ state: RolloutState, resuming kind: PauseReason.Kind? = nil, at now: Instant)
        -> [PauseReason]
    {
        guard state.ending == nil, state.openRequests.isEmpty, devices.contains(where: { state[$0].phase == .failed })
        else { return [] }
        var resumed = state
        resumed.apply(
            JournalEntry(
                sequence: state.sequence + 1, at: now, fence: 0,
                fact: .requested(OperatorRequest(.resume(kind), by: ""))))
        // As if it had been watched for long enough: waiting for a baseline is no reason to stand still.
        let actions = next(resumed, at: now, watchedSince: now - .minutes(60 * 24 * 30))
        let reasons = actions.compactMap { action -> PauseReason? in
            if case .record(.paused(let reason)) = action { reason } else { nil }
        }
        return reasons.count == actions.count ? reasons : []
    }

    /// Whether a rollout that nobody drives wants somebody to: there is something to do, or to wait for, that needs no person.
    ///
    /// - Parameter lineStop: Who stopped the line, if it is stopped.
    public func wantsDriving(_ state: RolloutState, lineStop: LineCall?, at now: Instant) -> Bool {
        if state.ending != nil { return false }
        if !state.openRequests.isEmpty || !isAtRest(state, at: now) { return true }
        // Standing still for the stopped line alone, it goes on once that is released.
        return lineStop == nil && state.pauses.allSatisfy { $0.reason.kind == .lineStopped }
    }
}

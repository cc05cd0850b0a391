// The hours in which a wave may begin and go on.
extension Reconciler {
    /// Whether a wave has to wait for hours that are long enough to push, to soak, and to put it back. Asked again before every
    /// push, as a wave may stand still, or take its time, until they are nearly over.
    func waitsForWindow(_ wave: Wave, _ state: RolloutState, _ turn: inout Turn) -> Bool {
        let places = places(of: wave)
        if places.isEmpty { return false }
        let needed = timeNeeded(by: wave, state)
        for datacentre in places {
            guard let opening = MaintenanceCalendar.start(in: datacentre, leaving: needed, from: turn.wallClock) else {
                let detail =
                    "the window of \(datacentre.name) is never open for the \(needed) that wave \(wave.index) and its rollback need"
                turn.record(.paused(PauseReason(.window, detail)))
                return true
            }
            guard opening <= turn.wallClock else {
                turn.wake(at: turn.now + (opening - turn.wallClock))
                return true
            }
        }
        return false
    }

    /// The datacentres of a wave in which work may not be done at any time.
    func places(of wave: Wave) -> [Datacentre] {
        plan.datacentres.filter { datacentre in
            (datacentre.window != nil || datacentre.blackouts != nil)
                && wave.devices.contains { planned[$0]?.device.datacentre == datacentre.name }
        }
    }

    /// How long a wave takes until it is proved and, when its gates fail at the very end, put back. A wave that has not begun is
    /// counted whole; of one that has begun, what may go out next and has to come back with what is out already.
    ///
    /// One step of each kind is given all the time that it may take, the others the time that devices have taken so far: as many
    /// go at once as the policy allows.
    func timeNeeded(by wave: Wave, _ state: RolloutState) -> Timespan {
        let deadlines = plan.policy.deadlines
        let waveState = state[wave: wave.index]
        let waiting = wave.devices.count { state[$0].phase == .waiting }
        let out = wave.devices.count { state[$0].mayHoldTarget }
        let hasBegun = waveState.startedAt != nil && waveState.passedAt == nil
        let next = hasBegun ? min(waiting, plan.policy.inFlight.overall) : waiting
        let pace = pace(state)
        let caps = plan.policy.inFlight
        // More than one that goes at once needs no further time. Nothing is put back more slowly for the sake of a datacentre.
        func further(_ count: Int, _ atOnce: Int) -> Timespan { pace * Int64(max(0, count - 1) / max(1, atOnce)) }
        let there = deadlines.push + deadlines.confirm + further(next, min(caps.overall, caps.perDatacentre ?? .max))
        let back = deadlines.rollBack + further(out + next, caps.overall)
        return there + wave.soak + (PlantedBug.isPlanted(.leavesNoTimeForWayBack) ? .zero : back)
    }

    /// How long devices of this rollout took from the push to their confirmation, on average; what is usual before the first.
    func pace(_ state: RolloutState) -> Timespan {
        let spans = devices.compactMap { name -> Int64? in
            let device = state[name]
            guard device.phase == .confirmed, let began = device.pushBeganAt, let since = device.since else {
                return nil
            }
            return (since - began).milliseconds
        }
        guard !spans.isEmpty else { return PlanDuration.perDevice }
        return max(PlanDuration.perDevice, .milliseconds(spans.reduce(0, +) / Int64(spans.count)))
    }
}

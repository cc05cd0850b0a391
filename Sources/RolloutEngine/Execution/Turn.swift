/// The actions of one turn, in the order in which they were decided.
struct Turn {
    let now: Instant
    let wallClock: Instant
    /// From the start of a push until its revert timer has run out, at most.
    let longestTimer: Timespan
    private(set) var actions: [Action] = []
    private var seen: Set<Action> = []
    private(set) var hasFacts = false
    var pushes: [DeviceName] = []

    init(now: Instant, wallClock: Instant, longestTimer: Timespan) {
        self.now = now
        self.wallClock = wallClock
        self.longestTimer = longestTimer
    }

    mutating func add(_ action: Action) { if seen.insert(action).inserted { actions.append(action) } }
    mutating func record(_ fact: Fact) {
        hasFacts = true
        add(.record(fact))
    }
    mutating func withdrawPushes() {
        actions.removeAll { if case .perform(let step) = $0 { step.kind == .push } else { false } }
    }
    mutating func wake(at instant: Instant) { add(.wake(at: instant)) }

    /// Begins a step, or waits until it may be tried again. Returns whether it begins now.
    @discardableResult
    mutating func perform(
        _ kind: DeviceStep.Kind, on name: DeviceName, _ device: DeviceState, hasTimer: Bool = true
    ) -> Bool {
        if let then = [device.retryAt, device.quietFrom].compactMap(\.self).max(), then > now {
            wake(at: then)
            return false
        }
        let attempt = device.attempts[kind] + 1
        let revertsBy = kind == .push && hasTimer ? now + longestTimer : nil
        add(.perform(DeviceStep(device: name, kind: kind, attempt: attempt, revertsBy: revertsBy)))
        return true
    }
}

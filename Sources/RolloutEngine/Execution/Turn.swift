/// The actions of one turn, in the order in which they were decided.
struct Turn {
    let now: Instant
    let wallClock: Instant
    private(set) var actions: [Action] = []
    private var seen: Set<Action> = []
    private(set) var hasFacts = false
    var pushes: [DeviceName] = []

    init(now: Instant, wallClock: Instant) {
        self.now = now
        self.wallClock = wallClock
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
    ///
    /// - Parameter revertsBy: When the device is back by itself at the latest, as far as the step makes that other than known.
    @discardableResult
    mutating func perform(
        _ kind: DeviceStep.Kind, on name: DeviceName, _ device: DeviceState, revertsBy: Instant? = nil
    ) -> Bool {
        if let then = [device.retryAt, device.quietFrom].compactMap(\.self).max(), then > now {
            wake(at: then)
            return false
        }
        let attempt = device.attempts[kind] + 1
        add(.perform(DeviceStep(device: name, kind: kind, attempt: attempt, revertsBy: revertsBy)))
        return true
    }
}

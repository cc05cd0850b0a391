/// What the reconciler wants done now. The runner does it, and does nothing else.
public enum Action: Hashable, Sendable {
    /// Write this fact down.
    case record(Fact)
    /// Begin this step: journal the intent, call the driver, journal the outcome.
    case perform(DeviceStep)
    /// Collect what there is to see on a device in trouble, before it is put back or given up.
    case collectEvidence(DeviceName)
    /// Judge the gates of a wave and write the verdicts down.
    case judge(wave: Int)
    /// Ask again then, whatever happens in between.
    case wake(at: Instant)
}

extension Action {
    /// Whether something begins by it that nobody waits for yet.
    var isNewWork: Bool {
        switch self {
        case .perform(let step): step.kind == .push
        case .record(.waveStarted): true
        case .record, .collectEvidence, .judge, .wake: false
        }
    }
}

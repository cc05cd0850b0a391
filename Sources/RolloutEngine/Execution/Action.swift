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

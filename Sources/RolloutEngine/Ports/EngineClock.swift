/// The engine's only way to learn the time and to wait. Simulations bring their own.
public protocol EngineClock: Sendable {
    /// The time now.
    func now() -> Instant
    /// What has passed since some beginning, sleep of the machine included: nobody can set it.
    func uptime() -> Timespan
    /// Waits until then, or until the task is cancelled.
    func sleep(until instant: Instant) async
}

/// The engine's only way to learn the time and to wait. Simulations bring their own.
public protocol EngineClock: Sendable {
    /// The time now.
    func now() -> Instant
    /// Waits until then, or until the task is cancelled.
    func sleep(until instant: Instant) async
}

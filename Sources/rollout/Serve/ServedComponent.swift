/// What `rollout serve` runs beside its schedules and rollouts.
protocol ServedComponent: Sendable {
    /// Its name in the log.
    var name: String { get }
    /// Runs until the task is cancelled. What it throws ends the service, so that nobody takes half a service for a whole one.
    func run() async throws
}

/// An alert that came from outside, and what followed from it.
public struct AlertRecord: Hashable, Codable, Sendable {
    /// By what its sender tells it from others.
    public var fingerprint: String
    /// Its name.
    public var name: String
    /// Whether it fires; else it is over.
    public var isFiring: Bool
    /// Its labels.
    public var labels: [String: String]
    /// Since when it fires, by its sender's clock.
    public var startsAt: Instant?
    /// The rollouts that it paused.
    public var paused: [RolloutID]

    /// An alert that came.
    public init(
        fingerprint: String, name: String, isFiring: Bool, labels: [String: String], startsAt: Instant? = nil,
        paused: [RolloutID] = []
    ) {
        self.fingerprint = fingerprint
        self.name = name
        self.isFiring = isFiring
        self.labels = labels
        self.startsAt = startsAt
        self.paused = paused
    }
}

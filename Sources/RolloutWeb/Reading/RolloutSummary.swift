import RolloutEngine

/// A rollout in a line.
struct RolloutSummary: Hashable, Codable, Sendable {
    /// Its number.
    var id: RolloutID
    /// The change's name.
    var title: String
    /// Where it stands.
    var phase: RolloutStatus.Phase
    /// When it was created.
    var createdAt: Instant
    /// By whom.
    var createdBy: String
    /// When its first wave started.
    var startedAt: Instant?
    /// When it ended.
    var endedAt: Instant?
    /// Who drives it; nil when nobody does.
    var driver: String?
    /// How many devices stand in each phase, by its name; phases without any are left out.
    var devices: [String: Int]
    /// How many devices it changes.
    var total: Int
    /// How many waves have passed.
    var wavesPassed: Int
    /// How many waves there are.
    var waves: Int
    /// Where its devices are.
    var datacentres: [DatacentreName]
    /// Which product ranges they are of.
    var ranges: [RangeName]
    /// Why it stands still, in words.
    var pauses: [String]

    init(_ reading: RolloutReading) {
        let status = reading.status
        id = status.id
        title = status.title
        phase = status.phase
        createdAt = status.createdAt
        createdBy = status.createdBy
        startedAt = status.startedAt
        endedAt = status.endedAt
        driver = status.driver
        devices = Dictionary(uniqueKeysWithValues: status.counts.map { ($0.key.rawValue, $0.value) })
        total = status.total
        wavesPassed = status.waves.count { $0.phase == .passed }
        waves = status.waves.count
        datacentres = reading.fixed.extent.datacentres
        ranges = reading.fixed.extent.ranges
        pauses = status.pauses.map(\.detail)
    }

    /// How many devices stand in a phase.
    func count(_ phase: RolloutStatus.DevicePhase) -> Int { devices[phase.rawValue] ?? 0 }
}

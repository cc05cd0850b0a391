internal import Foundation
import RolloutEngine

/// Draws what gates saw, each once, one after the other: a picture may need all readings of an hour.
actor VerdictPictures {
    private let store: any JournalStore
    private var kept: [RolloutID: (mark: String, picture: Data)] = [:]
    private var queue: Task<Data, any Error>?

    /// Of more devices than that the readings are not all read for one picture: it is drawn from what the verdicts kept.
    private static let mostDevices = 2000
    private static let mostKept = 16

    init(store: any JournalStore) { self.store = store }

    /// The picture of a rollout's last verdicts and alarms.
    func picture(of reading: RolloutReading) async throws -> Data {
        let wave = reading.status.waves.last { !$0.verdicts.isEmpty || !$0.alarms.isEmpty }
        let judgedAt = wave.flatMap { reading.state[wave: $0.index].judgedAt }?.milliseconds ?? 0
        let mark = "\(wave?.index ?? -1) \(judgedAt) \(wave?.alarms.count ?? 0)"
        if let known = kept[reading.id], known.mark == mark { return known.picture }
        let before = queue
        let store = store
        let task = Task<Data, any Error> {
            _ = try? await before?.value
            return try await Self.draw(reading, wave, store)
        }
        queue = task
        let picture = try await task.value
        if kept.count >= Self.mostKept { kept = [:] }
        kept[reading.id] = (mark, picture)
        return picture
    }

    private static func draw(
        _ reading: RolloutReading, _ wave: RolloutStatus.WaveStatus?, _ store: any JournalStore
    ) async throws -> Data {
        let entries = try await store.entries(of: reading.id, after: 0)
        let starts = (wave?.verdicts.map(\.before.from) ?? []) + (wave?.alarms.map(\.before.from) ?? [])
        var samples: [CounterSample] = []
        if let start = starts.min(), reading.plan.devices.count <= mostDevices {
            samples = try await store.samples(of: reading.id, since: start - reading.plan.policy.watch.poll * 2)
        }
        let heading =
            "\(reading.status.title) \(reading.id), \(reading.status.createdAt.description.prefix(10))"
        let pictures = VerdictPicture.pictures(of: reading.status, entries, reading.plan, samples)
        return Data(VerdictSVG(heading: heading, pictures: pictures).text.utf8)
    }
}

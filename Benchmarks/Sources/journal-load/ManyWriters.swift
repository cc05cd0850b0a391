import Foundation
import ProcessUsage
import RolloutEngine
import RolloutStore

/// Several rollouts at once, each driven over a store of its own, as by processes on several machines: what commits share.
enum ManyWriters {
    /// Writes intents, so many in each commit, for so long.
    static func measure(_ url: String, together: Int, seconds: Double, writers: Int) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let commits = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for writer in 0..<writers {
                group.addTask { try await write(url, writer, together, until: start + .seconds(seconds)) }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted()
        }
        let wall = start.duration(to: clock.now) / .seconds(1)
        let count = Double(commits.count * together)
        let usage = ProcessUsage()
        print(
            "rollout   \(writers) writers, \(together) together  \(ProcessUsage.shown(count / wall, 0)) intents/s  "
                + "cpu=\(ProcessUsage.shown(usage.cpuSeconds / count * 10_000, 3)) s for 10,000  "
                + "commit p50 \(ProcessUsage.milliseconds(commits, 0.5)) ms, p99 \(ProcessUsage.milliseconds(commits, 0.99)) ms"
        )
    }

    private static func write(_ url: String, _ writer: Int, _ together: Int, until end: ContinuousClock.Instant)
        async throws -> [Duration]
    {
        let store = try StoreLocation.open(url)
        let now = Instant(milliseconds: 1_770_000_000_000)
        let id = try await store.create(
            plan: Data("-".utf8), digest: Digest(of: Data("-".utf8)), title: "load", by: "benchmark", at: now)
        let lease = try await store.acquireLease(
            of: id, holder: "benchmark \(writer)", lasting: .minutes(60), steal: false, at: now)
        let steps = (0..<together).map { number in
            Fact.intent(
                DeviceStep(
                    device: DeviceName(rawValue: "srv-\(number)"), kind: .push, attempt: 1,
                    revertsBy: now + .minutes(2)))
        }
        let clock = ContinuousClock()
        var commits: [Duration] = []
        while clock.now < end {
            let began = clock.now
            _ = try await store.append(steps, to: id, under: lease, claiming: [], releasing: [], at: now)
            commits.append(began.duration(to: clock.now))
        }
        return commits
    }
}

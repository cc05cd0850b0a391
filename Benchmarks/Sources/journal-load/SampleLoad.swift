import Foundation
import ProcessUsage
import RolloutEngine
import RolloutStore

/// Samples of a fleet whose agents are read every ten seconds, each with four interfaces and three other objects: 27 values.
enum SampleLoad {
    /// Adds them as a runner does, a second's worth at a time, as quickly as they are taken.
    ///
    /// - Parameters:
    ///   - agents: How many agents answer in a second.
    ///   - seconds: How many seconds' worth is added.
    static func measure(_ url: String, agents: Int, seconds: Int) async throws {
        let store = try StoreLocation.open(url)
        let start = Instant(milliseconds: 1_770_000_000_000)
        let id = try await store.create(
            plan: Data("-".utf8), digest: Digest(of: Data("-".utf8)), title: "load", by: "benchmark", at: start)
        let batches = (0..<seconds).map { second in
            (0..<agents).map { sample(of: $0 + second % 10 * agents, at: start + .seconds(Int64(second))) }
        }
        let values = Double(seconds * agents * valuesPerSample)
        let before = ProcessUsage().cpuSeconds
        let clock = ContinuousClock()
        let began = clock.now
        var appends: [Duration] = []
        for batch in batches {
            let start = clock.now
            try await store.append(samples: batch, to: id)
            appends.append(start.duration(to: clock.now))
        }
        let wall = began.duration(to: clock.now) / .seconds(1)
        let cpu = ProcessUsage().cpuSeconds - before
        appends.sort()
        print(
            "samples   \(ProcessUsage.shown(values / wall, 0)) values/s  cpu=\(ProcessUsage.shown(cpu / values * 1_000_000, 2)) s for "
                + "1,000,000 values here  \(agents) agents p50 \(ProcessUsage.milliseconds(appends, 0.5)) ms, "
                + "p99 \(ProcessUsage.milliseconds(appends, 0.99)) ms")
    }

    private static let valuesPerSample = 4 * 6 + 3

    private static func sample(of agent: Int, at now: Instant) -> CounterSample {
        let octets = UInt64(now.milliseconds) * 1_000 + UInt64(agent)
        return CounterSample(
            subject: .device(DeviceName(rawValue: "srv-\(agent)")), at: now + .milliseconds(Int64(agent % 1000)),
            uptime: UInt32(truncatingIfNeeded: now.milliseconds / 10), engineBoots: 3, engineTime: 4,
            interfaces: (0..<4).map { number in
                InterfaceReading(
                    name: "eth\(number)", index: UInt32(number), inOctets: .bits64(octets),
                    outOctets: .bits64(octets * 2),
                    inErrors: .bits32(0), outErrors: .bits32(0), inDiscards: .bits32(7), outDiscards: .bits32(7),
                    operStatus: 1, lastChange: 4, highSpeed: 10_000, discontinuity: 0)
            },
            objects: [
                ObjectReading(name: "cpu", instance: "1", value: .level(12.5)),
                ObjectReading(name: "bgp", instance: "192.0.2.1", value: .state(6)),
                ObjectReading(name: "queue_drops", instance: "2.1", value: .counter(.bits64(octets))),
            ])
    }
}

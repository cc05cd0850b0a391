import DeviceDrivers
import Foundation
import ProcessUsage
import RolloutEngine
import Synchronization

/// `snmp-poll [AGENTS] [PORT] [SECONDS]`: readings of three interfaces each, from agents at 127.1.x.y, as the product takes
/// them: one GET of 35 objects, answers checked and turned into samples.
@main struct SNMPPoll {
    static func main() async {
        let words = CommandLine.arguments.dropFirst().compactMap(Double.init)
        let agents = Int(words.first ?? 200)
        let port = Int(words.dropFirst().first ?? 1161)
        let seconds = words.dropFirst(2).first ?? 3
        let source = SNMPCounterSource(secrets: Public()) { Instant(milliseconds: 0) }
        let watched = (0..<agents).map { number in
            WatchedAgent(
                subject: .device(DeviceName(rawValue: "agent-\(number)")),
                address: "127.1.\(number / 250).\(number % 250 + 1)", interfaces: ["eth0", "eth1", "eth2"],
                snmp: SNMPSettings(port: port, community: .environment("COMMUNITY")))
        }
        // The first readings look for the interfaces; they are not what happens every ten seconds.
        _ = await poll(watched, source, until: .now)

        let clock = ContinuousClock()
        let before = ProcessUsage()
        let start = clock.now
        let (polls, failures) = await poll(watched, source, until: start.advanced(by: .seconds(seconds)))
        let wall = start.duration(to: clock.now) / .seconds(1)
        let after = ProcessUsage()
        print(
            "rollout       \(agents) agents  35 objects  \(polls) polls  \(Int(Double(polls) / wall)) polls/s  "
                + "\(ProcessUsage.shown((after.cpuSeconds - before.cpuSeconds) * 10_000 / Double(max(polls, 1)), 3)) CPU s/10k polls  "
                + "\(after.peakKilobytes / 1024) MiB  \(failures) failed")
    }

    /// Polls every agent again and again until then, and at least once; how many readings were whole, and how many not.
    private static func poll(
        _ watched: [WatchedAgent], _ source: SNMPCounterSource, until end: ContinuousClock.Instant
    ) async -> (polls: Int, failures: Int) {
        let count = Count()
        repeat {
            await source.samples(of: watched) { count.add($0) }
        } while ContinuousClock.now < end
        return (count.polls, count.failures)
    }

    /// Readings, counted as they come.
    private final class Count: Sendable {
        private let numbers = Mutex((polls: 0, failures: 0))
        var polls: Int { numbers.withLock { $0.polls } }
        var failures: Int { numbers.withLock { $0.failures } }

        func add(_ sample: CounterSample) {
            let isWhole = sample.unknown == nil && sample.interfaces.allSatisfy { $0.unknown == nil }
            numbers.withLock { if isWhole { $0.polls += 1 } else { $0.failures += 1 } }
        }
    }

    private struct Public: SecretSource {
        func resolve(_ reference: SecretReference) throws(DriverError) -> Secret { Secret("public") }
    }
}

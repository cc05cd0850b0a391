import DeviceDrivers
import Foundation
import ProcessUsage
import RolloutEngine
import Synchronization

/// `snmp-poll [AGENTS] [PORT] [SECONDS] [v3]`: readings of three interfaces each, from agents at 127.1.x.y, as the product takes
/// them: one GET of 35 objects, answers checked and turned into samples. With `v3` as user bench, signed with SHA-1 and hidden
/// with AES-128.
@main struct SNMPPoll {
    static func main() async {
        let words = CommandLine.arguments.dropFirst().compactMap(Double.init)
        let agents = Int(words.first ?? 200)
        let port = Int(words.dropFirst().first ?? 1161)
        let seconds = words.dropFirst(2).first ?? 3
        let isUser = CommandLine.arguments.last == "v3"
        let secret = SecretReference.environment("BENCH")
        let settings =
            isUser
            ? SNMPSettings(
                port: port, user: "bench", auth: .sha1, authKey: secret, priv: .aes128, privKey: secret)
            : SNMPSettings(port: port, community: secret)
        let source = SNMPCounterSource(secrets: Known(word: isUser ? "benchpass1" : "public")) { Instant(milliseconds: 0) }
        let watched = (0..<agents).map { number in
            WatchedAgent(
                subject: .device(DeviceName(rawValue: "agent-\(number)")),
                address: "127.1.\(number / 250).\(number % 250 + 1)", interfaces: ["eth0", "eth1", "eth2"],
                snmp: settings)
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
            "rollout\(isUser ? " v3" : "   ")    \(agents) agents  35 objects  \(polls) polls  \(Int(Double(polls) / wall)) polls/s  "
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

    private struct Known: SecretSource {
        let word: String
        func resolve(_ reference: SecretReference) throws(DriverError) -> Secret { Secret(word) }
    }
}

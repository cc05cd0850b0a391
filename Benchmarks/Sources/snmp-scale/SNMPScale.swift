import DeviceDrivers
import Foundation
import ProcessUsage
import RolloutEngine
import Synchronization

/// `snmp-scale [AGENTS] [PORT] [SECONDS] [POLL]`: readings of one interface of each of 10,000 agents at 127.1.x.y, every ten
/// seconds, paced as a rollout paces them. Says how late answers were, the way there and back included.
@main struct SNMPScale {
    static func main() async {
        let words = CommandLine.arguments.dropFirst().compactMap(Double.init)
        let count = Int(words.first ?? 10_000)
        let port = Int(words.dropFirst().first ?? 1161)
        let seconds = words.dropFirst(2).first ?? 60
        let poll = Timespan.milliseconds(Int64((words.dropFirst(3).first ?? 10) * 1000))
        let clock = Clock()
        let source = SNMPCounterSource(secrets: Public()) { clock.now() }
        let agents = (0..<count).map { number in
            WatchedAgent(
                subject: .device(DeviceName(rawValue: "\(number)")),
                address: "127.1.\(number / 250).\(number % 250 + 1)", interfaces: ["eth0", "eth1", "eth2"],
                snmp: SNMPSettings(port: port, community: .environment("COMMUNITY")))
        }
        let log = Log(count: count, poll: poll)
        let readings = PacedReadings(of: agents, every: poll, from: source, by: clock)
        let task = Task { await readings.run { log.add($0, at: clock.now()) } }
        // The first round looks for interfaces, the second sets each agent's beat.
        try? await Task.sleep(for: .seconds(poll.seconds * 2.2))
        let before = ProcessUsage()
        let start = clock.now()
        log.begin()
        try? await Task.sleep(for: .seconds(seconds))
        let after = ProcessUsage()
        let wall = (clock.now() - start).seconds
        task.cancel()
        let result = log.result()
        let share = (after.cpuSeconds - before.cpuSeconds) / wall * 100
        print(
            "rollout       \(count) agents every \(poll)  35 objects  \(result.polls) polls  \(result.failures) failed  "
                + "\(ProcessUsage.shown(share, 2)) % of a core  \(after.peakKilobytes / 1024) MiB  late by p50 "
                + "\(result.late(0.5)) ms, p99 \(result.late(0.99)) ms, at most \(result.late(1)) ms")
        await source.stop()
    }

    /// When each agent was read, and when it should have been: a poll after the reading before.
    private final class Log: Sendable {
        struct Result {
            var polls = 0
            var failures = 0
            var lateness: [Int64] = []

            func late(_ share: Double) -> Int64 {
                let sorted = lateness.sorted()
                return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
            }
        }

        private struct State {
            var first: [Instant?]
            var turns: [Int64]
            var result = Result()
        }

        private let state: Mutex<State>
        private let poll: Timespan

        init(count: Int, poll: Timespan) {
            self.poll = poll
            state = Mutex(State(first: Array(repeating: nil, count: count), turns: Array(repeating: 0, count: count)))
        }

        func begin() {
            state.withLock { state in
                state.first = state.first.map { _ in nil }
                state.result = Result()
            }
        }

        func result() -> Result { state.withLock { $0.result } }

        func add(_ sample: CounterSample, at now: Instant) {
            guard case .device(let name) = sample.subject, let number = Int(name.rawValue) else { return }
            let isWhole = sample.unknown == nil && sample.interfaces.allSatisfy { $0.unknown == nil }
            state.withLock { state in
                if isWhole { state.result.polls += 1 } else { state.result.failures += 1 }
                guard let first = state.first[number] else {
                    state.first[number] = now
                    state.turns[number] = 0
                    return
                }
                // Against the beat of its first reading, so that lateness adds up.
                state.turns[number] += 1
                let due = first + .milliseconds(poll.milliseconds * state.turns[number])
                state.result.lateness.append((now - due).milliseconds)
            }
        }
    }

    private struct Clock: EngineClock {
        private let start = ContinuousClock.now
        func now() -> Instant {
            let passed = start.duration(to: .now)
            return Instant(milliseconds: 1_700_000_000_000 + Int64(passed / .milliseconds(1)))
        }
        func uptime() -> Timespan { .milliseconds(Int64(start.duration(to: .now) / .milliseconds(1))) }
        func sleep(until instant: Instant) async {
            try? await Task.sleep(for: .milliseconds(max(0, (instant - now()).milliseconds)))
        }
    }

    private struct Public: SecretSource {
        func resolve(_ reference: SecretReference) throws(DriverError) -> Secret { Secret("public") }
    }
}

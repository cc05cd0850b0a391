import Synchronization
import Testing

@testable import RolloutEngine

@Suite("Rhythm of readings")
struct PacedReadingsTests {
    /// Time that stands still until it is told to go on to the next moment that somebody waits for.
    private final class HeldClock: EngineClock {
        private struct Sleeper {
            var until: Instant
            var done: CheckedContinuation<Void, Never>
        }

        private struct State {
            var now = Samples.start
            var sleepers: [Int: Sleeper] = [:]
            var next = 0
        }

        private let state = Mutex(State())

        func now() -> Instant { state.withLock { $0.now } }
        func uptime() -> Timespan { now() - Samples.start }
        var sleepers: Int { state.withLock { $0.sleepers.count } }

        func sleep(until instant: Instant) async {
            let number = state.withLock { state in
                state.next += 1
                return state.next
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { done in
                    let isOver = state.withLock { state in
                        if instant <= state.now || Task.isCancelled { return true }
                        state.sleepers[number] = Sleeper(until: instant, done: done)
                        return false
                    }
                    if isOver { done.resume() }
                }
            } onCancel: {
                state.withLock { $0.sleepers.removeValue(forKey: number) }?.done.resume()
            }
        }

        func goOn() {
            let due = state.withLock { state -> [Sleeper] in
                state.now = state.sleepers.values.map(\.until).min() ?? state.now
                let due = state.sleepers.filter { $0.value.until <= state.now }
                for number in due.keys { state.sleepers[number] = nil }
                return Array(due.values)
            }
            for sleeper in due { sleeper.done.resume() }
        }
    }

    /// Answers at once, but for those that are held until they are let go.
    private final class Source: CounterSource {
        private let clock: HeldClock
        private let asked = Mutex<[String: [Int64]]>([:])
        private let held: Mutex<Set<String>>
        private let letGo = Mutex<[CheckedContinuation<Void, Never>]>([])

        init(by clock: HeldClock, holding held: Set<String>) {
            self.clock = clock
            self.held = Mutex(held)
        }

        /// When each was asked, in seconds.
        var times: [String: [Int64]] { asked.withLock { $0 } }
        var count: Int { times.values.reduce(0) { $0 + $1.count } }

        func sample(_ agent: WatchedAgent) async -> CounterSample {
            let second = clock.uptime().milliseconds / 1000
            if held.withLock({ $0.contains(agent.subject.name) }) {
                await withCheckedContinuation { done in
                    letGo.withLock { $0.append(done) }
                    asked.withLock { $0[agent.subject.name, default: []].append(second) }
                }
            } else {
                asked.withLock { $0[agent.subject.name, default: []].append(second) }
            }
            return CounterSample(subject: agent.subject, at: clock.now())
        }

        func release() {
            held.withLock { $0 = [] }
            let waiting = letGo.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
            for done in waiting { done.resume() }
        }
    }

    /// When agents are read.
    ///
    /// - Parameters:
    ///   - steps: How many readings were begun in all before time goes on to its next step.
    ///   - slowness: What is said at each pause between two readings, the first being 1.
    ///   - releaseAt: After which step those that are held answer.
    private func times(
        of agents: [(name: String, every: Timespan?)], holding held: Set<String> = [], steps: [Int],
        slowness: @escaping @Sendable (Int) -> Int64 = { _ in 1 }, releaseAt: Int? = nil
    ) async -> [String: [Int64]] {
        let clock = HeldClock()
        let source = Source(by: clock, holding: held)
        let watched = agents.map {
            WatchedAgent(
                subject: .device(DeviceName(rawValue: $0.name)), address: "192.0.2.1", interfaces: [],
                snmp: SNMPSettings(), every: $0.every)
        }
        let rhythms = Set(agents.map(\.every)).count
        let taken = Mutex(0)
        let pauses = Mutex(0)
        let readings = PacedReadings(of: watched, every: .seconds(10), from: source, by: clock) {
            slowness(
                pauses.withLock { pauses in
                    pauses += 1
                    return pauses
                })
        }
        let task = Task { await readings.run { _ in taken.withLock { $0 += 1 } } }
        func has(_ isTrue: () -> Bool) async -> Bool {
            for _ in 0..<10_000 where !isTrue() { try? await Task.sleep(for: .milliseconds(1)) }
            return isTrue()
        }
        var isHeld = held.count
        for (step, count) in steps.enumerated() {
            if step > 0 { clock.goOn() }
            guard await has({ source.count >= count && clock.sleepers == rhythms }) else { break }
            if step == releaseAt {
                source.release()
                isHeld = 0
            }
            guard await has({ taken.withLock { $0 } >= count - isHeld }) else { break }
        }
        source.release()
        task.cancel()
        await task.value
        return source.times
    }

    @Test("who is still being read is not asked again, and delays nobody")
    func busy() async {
        let times = await times(
            of: [("a", nil), ("b", nil)], holding: ["a"], steps: [2, 3, 4, 6], releaseAt: 2)
        #expect(times == ["a": [0, 30], "b": [0, 10, 20, 30]])
    }

    @Test("an agent with a rhythm of its own keeps it")
    func rhythm() async {
        let times = await times(of: [("a", .seconds(25)), ("b", nil)], steps: [2, 3, 4, 5, 6, 7])
        #expect(times == ["a": [0, 25], "b": [0, 10, 20, 30, 40]])
    }

    @Test("readings are as many times slower as is said, and fast again")
    func slowness() async {
        let times = await times(of: [("a", nil)], steps: [1, 2, 3, 4]) { $0 == 2 ? 6 : 1 }
        #expect(times == ["a": [0, 10, 70, 80]])
    }
}

import RolloutEngine
import RolloutSimulation
import Synchronization

/// Time that goes on by itself, from one wake to the next, but only while nothing is being done.
final class VirtualNight: Sendable {
    let clock = ManualClock()
    private let busy = Atomic<Int>(0)

    /// Runs work while time passes.
    func run<Result: Sendable>(_ work: @Sendable () async throws -> Result) async rethrows -> Result {
        let time = Task {
            while !Task.isCancelled {
                // Whoever was woken gets to act before the next one is.
                for _ in 0..<30 { await Task.yield() }
                guard busy.load(ordering: .relaxed) == 0, let next = clock.nextWake else {
                    try? await Task.sleep(for: .microseconds(200))
                    continue
                }
                clock.advance(to: next)
            }
        }
        defer { time.cancel() }
        return try await work()
    }

    fileprivate func doing<Result>(_ work: () async -> Result) async -> Result {
        busy.add(1, ordering: .relaxed)
        defer { busy.subtract(1, ordering: .relaxed) }
        return await work()
    }
}

/// A counter source during whose readings no time passes, unless the agent is silent: then its timeout has to.
struct TimedCounters: CounterSource {
    let night: VirtualNight
    let fleet: SimulatedFleet

    func sample(_ agent: WatchedAgent) async -> CounterSample {
        let source = SimulatedCounterSource(fleet)
        return isSilent(agent) ? await source.sample(agent) : await night.doing { await source.sample(agent) }
    }

    private func isSilent(_ agent: WatchedAgent) -> Bool {
        guard case .device(let name) = agent.subject, let device = try? fleet.device(name) else { return false }
        return device.faults.contains { $0.fault == .snmpSilent }
    }
}

import Synchronization

/// Reads agents again and again, each once a poll, in the strokes of `PollPacing`. One that does not answer delays no other: while
/// it is still being read, its turn is skipped. Agents with a rhythm of their own keep it.
public struct PacedReadings: Sendable {
    private let agents: [WatchedAgent]
    private let poll: Timespan
    private let counters: any CounterSource
    private let clock: any EngineClock
    private let slowness: @Sendable () async -> Int64

    /// Readings of agents, `poll` apart, or times `slowness` while it says so.
    public init(
        of agents: [WatchedAgent], every poll: Timespan, from counters: any CounterSource, by clock: any EngineClock,
        slowness: @escaping @Sendable () async -> Int64 = { 1 }
    ) {
        self.agents = agents
        self.poll = poll
        self.counters = counters
        self.clock = clock
        self.slowness = slowness
    }

    /// Reads until the task is cancelled.
    ///
    /// - Parameter take: Is handed each sample as it comes, from any thread.
    public func run(_ take: @escaping @Sendable (CounterSample) -> Void) async {
        var rhythms: [Timespan: [WatchedAgent]] = [:]
        for agent in agents { rhythms[agent.every ?? poll, default: []].append(agent) }
        await withDiscardingTaskGroup { group in
            for (every, agents) in rhythms.sorted(by: { $0.key < $1.key }) {
                group.addTask { await read(agents, every: every, take) }
            }
        }
    }

    private func read(
        _ agents: [WatchedAgent], every poll: Timespan, _ take: @escaping @Sendable (CounterSample) -> Void
    ) async {
        let pacing = PollPacing(count: agents.count, every: poll)
        let busy = Busy()
        await withDiscardingTaskGroup { group in
            var next = clock.now()
            while !Task.isCancelled {
                for stroke in pacing.strokes where !Task.isCancelled {
                    let due = busy.begin(agents[stroke])
                    if !due.isEmpty {
                        group.addTask {
                            await counters.samples(of: due) { sample in
                                busy.end(sample.subject)
                                take(sample)
                            }
                        }
                    }
                    // A stroke that is late does not hurry the next ones.
                    next = max(next + pacing.gap * (await slowness()), clock.now())
                    await clock.sleep(until: next)
                }
            }
        }
    }

    /// The agents that are being read.
    private final class Busy: Sendable {
        private let subjects = Mutex<Set<WatchedAgent.Subject>>([])

        /// Those of the agents that are not, and now are.
        func begin(_ agents: ArraySlice<WatchedAgent>) -> [WatchedAgent] {
            subjects.withLock { subjects in agents.filter { subjects.insert($0.subject).inserted } }
        }

        func end(_ subject: WatchedAgent.Subject) { subjects.withLock { _ = $0.remove(subject) } }
    }
}

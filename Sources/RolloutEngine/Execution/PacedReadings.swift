import Synchronization

/// Reads agents again and again, each once a poll, in the strokes of `PollPacing`. One that does not answer delays no other: while
/// it is still being read, its turn is skipped.
public struct PacedReadings: Sendable {
    private let agents: [WatchedAgent]
    private let poll: Timespan
    private let counters: any CounterSource
    private let clock: any EngineClock

    /// Readings of agents, `poll` apart.
    public init(
        of agents: [WatchedAgent], every poll: Timespan, from counters: any CounterSource, by clock: any EngineClock
    ) {
        self.agents = agents
        self.poll = poll
        self.counters = counters
        self.clock = clock
    }

    /// Reads until the task is cancelled.
    ///
    /// - Parameter take: Is handed each sample as it comes, from any thread.
    public func run(_ take: @escaping @Sendable (CounterSample) -> Void) async {
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
                    next = max(next + pacing.gap, clock.now())
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

public import Logging
public import RolloutEngine

/// Says to a log which agents are read, and which do not answer.
public struct LoggedCounterSource: CounterSource {
    private let source: any CounterSource
    private let log: Logger

    /// Wraps a source.
    public init(_ source: any CounterSource, log: Logger) {
        self.source = source
        self.log = log
    }

    /// One reading of an agent.
    public func sample(_ agent: WatchedAgent) async -> CounterSample {
        let sample = await source.sample(agent)
        say(sample, at: agent.address)
        return sample
    }

    /// A reading of each agent.
    public func samples(of agents: [WatchedAgent], _ take: @escaping @Sendable (CounterSample) -> Void) async {
        let addresses = Dictionary(agents.map { ($0.subject, $0.address) }, uniquingKeysWith: { first, _ in first })
        await source.samples(of: agents) { sample in
            say(sample, at: addresses[sample.subject] ?? "")
            take(sample)
        }
    }

    private func say(_ sample: CounterSample, at address: String) {
        let subject = sample.subject
        if let unknown = sample.unknown {
            log.info("\(subject) not read: \(unknown)")
            return
        }
        for interface in sample.interfaces where interface.unknown != nil {
            log.info("\(subject) \(interface.name) not read: \(interface.unknown?.description ?? "")")
        }
        for object in sample.objects where object.unknown != nil {
            log.info("\(subject) \(object.name) \(object.instance) not read: \(object.unknown?.description ?? "")")
        }
        log.debug("\(subject) read at \(address)")
    }
}

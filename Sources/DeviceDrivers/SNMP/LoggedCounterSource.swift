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
        if let unknown = sample.unknown {
            log.info("\(agent.subject) not read: \(unknown)")
        } else {
            for interface in sample.interfaces where interface.unknown != nil {
                log.info("\(agent.subject) \(interface.name) not read: \(interface.unknown?.description ?? "")")
            }
            log.debug("\(agent.subject) read at \(agent.address)")
        }
        return sample
    }
}

public import RolloutEngine

/// Reads counters of agents over SNMP v1, v2c or v3.
///
/// A reading is one request (more where an agent has many interfaces or says tooBig), so that its counters share one time
/// base. What an agent does not say stays absent; what it says twice, late, or from elsewhere is dropped.
public final class SNMPCounterSource: CounterSource {
    private let poller: SNMPPoller

    /// A source that resolves communities and keys with `secrets`, tells the time by `now`, and marks its packets with `dscp`
    /// (0 to 63, RFC 2474; 16 is CS2, network management).
    public init(secrets: any SecretSource, now: @escaping @Sendable () -> Instant, dscp: Int = 16) {
        poller = SNMPPoller(secrets: secrets, now: now, dscp: dscp)
    }

    /// One reading. Takes no longer than the agent's timeout times its tries for each request; the first reading of an
    /// agent, and one after its interfaces moved, also looks for them, for at most 15 seconds.
    public func sample(_ agent: WatchedAgent) async -> CounterSample { await poller.sample(agent) }

    /// A reading of each agent, handed over as it comes. Asking many at once costs less than asking each by itself.
    public func samples(of agents: [WatchedAgent], _ take: @escaping @Sendable (CounterSample) -> Void) async {
        await poller.samples(of: agents, take)
    }

    /// Gives up what is under way, closes the sockets, and answers everything from now on with `.notAsked`.
    public func stop() async { await poller.stop() }
}

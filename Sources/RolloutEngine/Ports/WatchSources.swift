/// Everything that can be watched, read by whoever can read it.
public struct WatchSources: CounterSource {
    private let agents: any CounterSource
    private let queues: any DeviceCounters
    private let probes: any ProbeSource
    private let devices: [DeviceName: Device]
    private let now: @Sendable () -> Instant

    /// Reads agents over SNMP, queues over the sessions of these devices, and probes.
    public init(
        agents: any CounterSource, queues: any DeviceCounters, probes: any ProbeSource, devices: [Device],
        now: @escaping @Sendable () -> Instant
    ) {
        self.agents = agents
        self.queues = queues
        self.probes = probes
        self.devices = Dictionary(devices.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.now = now
    }

    /// One reading of whatever the agent stands for.
    public func sample(_ agent: WatchedAgent) async -> CounterSample {
        switch agent.subject {
        case .device, .link:
            return await agents.sample(agent)
        case .queues(let name):
            guard let device = devices[name] else { return nobody(agent, "there is no device \(name)") }
            return await queues.queueDrops(of: device, on: agent.interfaces)
        case .probe(let gate):
            guard let probe = agent.probe else { return nobody(agent, "gate \(gate) says nothing to ask") }
            switch await probes.ask(probe) {
            case .value(let value):
                let reading = ObjectReading(name: gate.rawValue, value: .level(value))
                return CounterSample(subject: agent.subject, at: now(), objects: [reading])
            case .unknown(let reason):
                return CounterSample(subject: agent.subject, at: now(), unknown: reason)
            }
        }
    }

    /// Agents are asked together; what is read in other ways is read beside them.
    public func samples(of agents: [WatchedAgent], _ take: @escaping @Sendable (CounterSample) -> Void) async {
        var overSNMP: [WatchedAgent] = []
        var others: [WatchedAgent] = []
        for agent in agents {
            switch agent.subject {
            case .device, .link: overSNMP.append(agent)
            case .queues, .probe: others.append(agent)
            }
        }
        await withDiscardingTaskGroup { group in
            for agent in others { group.addTask { take(await sample(agent)) } }
            if !overSNMP.isEmpty { await self.agents.samples(of: overSNMP, take) }
        }
    }

    private func nobody(_ agent: WatchedAgent, _ detail: String) -> CounterSample {
        CounterSample(subject: agent.subject, at: now(), unknown: UnknownReason(.notAsked, detail))
    }
}

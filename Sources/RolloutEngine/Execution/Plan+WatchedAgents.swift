extension Plan {
    /// Everything that is read while the plan is carried out, as its gates need it.
    public var watchedAgents: [WatchedAgent] {
        guard !policy.gates.isEmpty else { return [] }
        let objects = policy.watchedObjects
        let seesFlaps = policy.gates.contains { $0.condition == .interfaces && $0.flaps != 0 } ? true : nil
        let agents = devices.compactMap { planned -> WatchedAgent? in
            var agent = planned.device.watchedAgent
            agent?.objects = objects
            agent?.seesFlaps = seesFlaps
            return agent
        }
        return agents + links.map(\.link.watchedAgent) + watchedQueues + watchedProbes
    }

    /// The queues of devices that change: looking at them is a session each time, so that nobody else's are.
    private var watchedQueues: [WatchedAgent] {
        guard let every = policy.watchedQueuesEvery else { return [] }
        return devices.filter { $0.target != nil }.map { planned in
            WatchedAgent(
                subject: .queues(planned.device.name), address: planned.device.address,
                interfaces: planned.device.interfaces, snmp: planned.device.snmp, every: every)
        }
    }

    private var watchedProbes: [WatchedAgent] {
        policy.gates.compactMap { rule in
            guard case .probe(let probe, _) = rule.condition else { return nil }
            return WatchedAgent(
                subject: .probe(rule.name), address: "", interfaces: [], snmp: SNMPSettings(), every: probe.every,
                probe: probe)
        }
    }
}

extension Plan {
    /// For how long a wave may be soaked again at most because its gates' limits bear other outcomes than a pass.
    var longestRepetition: Timespan {
        let times = policy.gates.compactMap(\.patience).reduce(0) { $0 + $1.inconclusive + $1.error + $1.fail }
        let soak = waves.map(\.soak).max() ?? .zero
        return soak * Int64(times)
    }
}

extension Policy {
    /// The objects of every device's agent that its gates look at.
    public var watchedObjects: [WatchedObject] {
        gates.flatMap { rule -> [WatchedObject] in
            guard case .object(let condition) = rule.condition else { return [] }
            return condition.watchedObjects(of: rule.name)
        }
    }

    /// How often the queues of devices are looked at over their sessions; nil when no gate asks for that.
    var watchedQueuesEvery: Timespan? {
        gates.compactMap { rule -> Timespan? in
            if case .tcDrops(_, let every) = rule.condition { every } else { nil }
        }.min()
    }
}

extension PlannedDevice {
    /// The rates to which whole interfaces are shaped once the change is made, by interface.
    var shapedRates: [String: BitsPerSecond] {
        var rates: [String: BitsPerSecond] = [:]
        for intent in target?.intents ?? [] {
            if case .shape(let interface, let rate, _, nil) = intent { rates[interface] = rate }
        }
        return rates
    }
}

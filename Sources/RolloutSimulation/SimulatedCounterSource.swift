public import RolloutEngine

/// Reads the counters of simulated devices and links, as an SNMP agent would give them.
public struct SimulatedCounterSource: CounterSource {
    private let fleet: SimulatedFleet

    /// A source for the agents of a fleet.
    public init(_ fleet: SimulatedFleet) { self.fleet = fleet }

    /// One reading of an agent; a silent one is unknown after its timeout and its retries.
    public func sample(_ agent: WatchedAgent) async -> CounterSample {
        switch agent.subject {
        case .device: await sampleDevice(agent)
        case .link(let name): await sampleLink(name, agent)
        case .queues: sampleQueues(agent)
        case .probe(let gate): SimulatedObjects.answer(of: agent, gate, at: fleet.clock.now())
        }
    }

    /// What the queues of a device dropped, as its own tools would count it.
    private func sampleQueues(_ agent: WatchedAgent) -> CounterSample {
        guard let (state, device) = find(agent, { state in state.index(at: agent.address).map { state.devices[$0] } })
        else { return unknown(agent, .notAsked, "no simulated device answers at \(agent.address)") }
        if device.isDown || device.activeFaults.contains(.unreachable) {
            return unknown(agent, .timeout, "\(agent.address) is not reached")
        }
        var sample = answer(agent, state.settledAt, bootedAt: device.bootedAt, boots: device.boots, [])
        sample.objects = zip(device.interfaces, device.counters).map { interface, counters in
            ObjectReading(
                name: WatchedObject.queueDrops, instance: interface,
                value: .counter(.bits64(UInt64(counters.outDiscards))))
        }
        return sample
    }

    private func sampleDevice(_ agent: WatchedAgent) async -> CounterSample {
        guard let (state, device) = find(agent, { state in state.index(at: agent.address).map { state.devices[$0] } })
        else { return unknown(agent, .notAsked, "no simulated device answers at \(agent.address)") }
        let faults = device.activeFaults
        if device.isDown || faults.contains(.snmpSilent) { return await silence(agent) }
        let isUp = !faults.contains(.interfaceDown)
        let readings = agent.interfaces.map { name in
            guard let index = device.interfaces.firstIndex(of: name) else { return missing(name, agent) }
            var reading = reading(
                name, UInt32(index) + 2, device.counters[index], isUp: isUp, highSpeed: 10_000, reversed: false)
            if agent.seesFlaps == true { reading.lastChange = device.lastLinkChange }
            return reading
        }
        var sample = answer(agent, state.settledAt, bootedAt: device.bootedAt, boots: device.boots, readings)
        sample.objects = agent.objects.flatMap { SimulatedObjects.readings(of: $0, on: device) }
        return sample
    }

    private func sampleLink(_ name: LinkName, _ agent: WatchedAgent) async -> CounterSample {
        guard let (state, link) = find(agent, { state in state.links.first { $0.name == name } }) else {
            return unknown(agent, .notAsked, "there is no simulated link \(name)")
        }
        if link.isSilent { return await silence(agent) }
        let readings = agent.interfaces.map { interface in
            guard interface == link.interface else { return missing(interface, agent) }
            let megabits = UInt32(clamping: link.capacity.value / 1_000_000)
            return reading(
                interface, 1, link.counters, isUp: true, highSpeed: megabits, reversed: link.direction == .in)
        }
        return answer(agent, state.settledAt, bootedAt: link.bootedAt, boots: 1, readings)
    }

    private func find<Value>(_ agent: WatchedAgent, _ body: (FleetState) -> Value?) -> (FleetState, Value)? {
        guard let state = try? fleet.state(), let value = body(state) else { return nil }
        return (state, value)
    }

    private func answer(
        _ agent: WatchedAgent, _ now: Instant, bootedAt: Instant, boots: UInt32, _ readings: [InterfaceReading]
    ) -> CounterSample {
        let uptime = max(0, (now - bootedAt).milliseconds)
        return CounterSample(
            subject: agent.subject, at: now, uptime: UInt32(truncatingIfNeeded: uptime / 10), engineBoots: boots,
            engineTime: UInt32(truncatingIfNeeded: uptime / 1000), interfaces: readings)
    }

    private func reading(
        _ name: String, _ index: UInt32, _ counters: TrafficCounters, isUp: Bool, highSpeed: UInt32, reversed: Bool
    ) -> InterfaceReading {
        let (sent, received) = (Counter.bits64(UInt64(counters.outOctets)), Counter.bits64(UInt64(counters.inOctets)))
        let errors = Counter.bits32(UInt32(truncatingIfNeeded: UInt64(counters.outErrors)))
        let discards = Counter.bits32(UInt32(truncatingIfNeeded: UInt64(counters.outDiscards)))
        let none = Counter.bits32(0)
        return InterfaceReading(
            name: name, index: index, inOctets: reversed ? sent : received, outOctets: reversed ? received : sent,
            inErrors: reversed ? errors : none, outErrors: reversed ? none : errors,
            inDiscards: reversed ? discards : none, outDiscards: reversed ? none : discards, operStatus: isUp ? 1 : 2,
            highSpeed: highSpeed, discontinuity: 0)
    }

    private func missing(_ name: String, _ agent: WatchedAgent) -> InterfaceReading {
        InterfaceReading(name: name, unknown: UnknownReason(.absent, "\(agent.subject) has no interface \(name)"))
    }

    private func silence(_ agent: WatchedAgent) async -> CounterSample {
        let tries = Int64(agent.snmp.retries) + 1
        await fleet.clock.sleep(until: fleet.clock.now() + agent.snmp.timeout * tries)
        let times = tries == 1 ? "once" : "\(tries) times"
        return unknown(agent, .timeout, "no answer from \(agent.address) within \(agent.snmp.timeout), asked \(times)")
    }

    private func unknown(_ agent: WatchedAgent, _ code: UnknownReason.Code, _ detail: String) -> CounterSample {
        CounterSample(subject: agent.subject, at: fleet.clock.now(), unknown: UnknownReason(code, detail))
    }
}

extension SimulatedDevice {
    /// sysUpTime when its interfaces last went down or came up (ifLastChange, RFC 2863), in hundredths of a second.
    fileprivate var lastLinkChange: UInt32 {
        UInt32(truncatingIfNeeded: max(0, ((linkChangedAt ?? bootedAt) - bootedAt).milliseconds) / 10)
    }
}

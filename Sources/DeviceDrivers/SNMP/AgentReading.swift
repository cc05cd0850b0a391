import RolloutEngine

/// What an agent answered to the requests of one reading, object by object. Pure: turns answers into a sample.
struct AgentReading {
    private(set) var uptime: UInt32?
    private(set) var tableLastChange: UInt32?
    private var engineBoots: UInt32?
    private var engineTime: UInt32?
    private var ipOutDiscards: UInt64?
    private(set) var interfaces: [InterfaceAnswer]
    private var objects: [ObjectAnswer]
    /// Whether the agent restarted between two requests of this reading.
    private(set) var restarted = false
    private let plan: ReadingPlan

    init(_ plan: ReadingPlan) {
        self.plan = plan
        interfaces = Array(repeating: InterfaceAnswer(), count: plan.keys.count)
        objects = Array(repeating: .missing, count: plan.objects.instances.count)
    }

    /// Takes one value. A value of the wrong type is as good as none.
    mutating func take(_ object: PolledObject, _ value: SNMPValue, _ store: OctetStore) {
        switch object {
        case .uptime:
            guard let ticks = value.timeTicks else { return }
            if let uptime, ticks < uptime { restarted = true }
            // The first request's: the others follow within the same moment.
            uptime = uptime ?? ticks
        case .engineBoots: engineBoots = value.nonNegative
        case .engineTime: engineTime = value.nonNegative
        case .ipOutDiscards: ipOutDiscards = value.counter32.map(UInt64.init)
        case .tableLastChange: tableLastChange = value.timeTicks
        case .interface(let slot, .name):
            guard case .octets(let place) = value else { return }
            interfaces[slot].name(isRight: plan.keys[slot].isSaid(by: place, in: store))
        case .interface(let slot, let object): interfaces[slot].take(object, value)
        case .watched(let position):
            let kind = plan.watched[plan.objects.instances[position].object].kind
            objects[position] = ObjectAnswer(value, as: kind, store)
        }
    }

    /// Notes that the agent answers with an error when asked for these.
    mutating func fail(_ objects: [PolledObject], status: Int) {
        for object in objects {
            switch object {
            case .interface(let slot, _): interfaces[slot].errorStatus = status
            case .watched(let position): self.objects[position] = .failed(status: status)
            default: break
            }
        }
    }

    /// Whether the places of interfaces have to be found anew before these answers mean anything.
    var contradictsInterfaces: Bool {
        zip(interfaces, plan.interfaces.interfaces).contains { answered, place in
            guard let place, answered.errorStatus == nil else { return false }
            return answered.isNamedRight != true
                || place.width == .bits64 && (answered.inOctets64 == nil || answered.outOctets64 == nil)
        }
    }

    /// Whether an instance that was there is there no longer.
    var contradictsInstances: Bool {
        zip(objects, plan.objects.instances).contains { answered, instance in
            guard !instance.isGone, !instance.suffix.isEmpty, case .missing = answered else { return false }
            return true
        }
    }

    /// What these answers say about the width of counters; nil when nothing new.
    var refined: InterfaceMap? {
        guard plan.interfaces.interfaces.contains(where: { $0?.width == .undecided }) else { return nil }
        var map = plan.interfaces
        for slot in map.interfaces.indices where map.interfaces[slot]?.width == .undecided {
            map.interfaces[slot]?.width = interfaces[slot].width
        }
        return map.interfaces == plan.interfaces.interfaces ? nil : map
    }

    /// The sample.
    func sample(of agent: WatchedAgent, at now: Instant) -> CounterSample {
        if restarted {
            let reason = UnknownReason(.restart, "\(agent.address) restarted while it was being read")
            return CounterSample(subject: agent.subject, at: now, unknown: reason)
        }
        let readings = interfaces.indices.map { slot in
            interfaces[slot].reading(
                of: plan.keys[slot], at: plan.interfaces.interfaces[slot], of: agent.address,
                trouble: plan.interfaces.troubles[slot])
        }
        return CounterSample(
            subject: agent.subject, at: now, uptime: uptime, engineBoots: engineBoots, engineTime: engineTime,
            ipOutDiscards: ipOutDiscards, interfaces: readings, objects: objectReadings(agent.address))
    }

    private func objectReadings(_ address: String) -> [ObjectReading] {
        guard !plan.watched.isEmpty else { return [] }
        var readings: [ObjectReading] = []
        var position = 0
        for (place, object) in plan.watched.enumerated() {
            let before = readings.count
            while position < plan.objects.instances.count, plan.objects.instances[position].object == place {
                readings.append(
                    objects[position].reading(
                        of: object, instance: plan.objects.instances[position].suffix, at: address))
                position += 1
            }
            let number = object.number.map(String.init).joined(separator: ".")
            if let trouble = plan.objects.troubles[place] {
                let reason = UnknownReason(.agentError, "not all of \(number) at \(address) is watched: \(trouble)")
                readings.append(ObjectReading(name: object.name, unknown: reason))
            } else if readings.count == before {
                let reason = UnknownReason(.absent, "\(address) has nothing below \(number)")
                readings.append(ObjectReading(name: object.name, unknown: reason))
            }
        }
        return readings
    }
}

/// What a reading asks for, and where the agent has it.
struct ReadingPlan: Sendable {
    let keys: [InterfaceKey]
    let watched: [WatchedObject]
    private let seesFlaps: Bool
    var interfaces: InterfaceMap
    var objects: ObjectMap

    init(_ agent: WatchedAgent) {
        keys = agent.interfaces.map(InterfaceKey.init)
        watched = agent.objects
        seesFlaps = agent.seesFlaps ?? false
        interfaces = InterfaceMap(count: keys.count)
        objects = ObjectMap(watched)
    }

    /// The objects of a reading, in as few requests as `maximum` objects each allow. Every request starts with the uptime.
    func requests(maximum: Int) -> [[PolledObject]] {
        var packer = RequestPacker(maximum: maximum)
        interfaces.add(to: &packer, seesFlaps: seesFlaps)
        objects.add(to: &packer)
        return packer.requests
    }

    /// The number of an object.
    func identifier(of object: PolledObject) -> ObjectID? {
        switch object {
        case .uptime: MIB.sysUpTime
        case .engineBoots: MIB.snmpEngineBoots
        case .engineTime: MIB.snmpEngineTime
        case .ipOutDiscards: MIB.ipSystemStatsOutDiscards
        case .tableLastChange: MIB.ifTableLastChange
        case .interface(let slot, let object): interfaces.identifier(of: object, slot)
        case .watched(let position): objects.identifier(of: position, watched)
        }
    }
}

extension SNMPValue {
    fileprivate var nonNegative: UInt32? {
        if case .integer(let value) = self, value >= 0 { UInt32(exactly: value) } else { nil }
    }
    var counter32: UInt32? { if case .counter32(let value) = self { value } else { nil } }
    var counter64: UInt64? { if case .counter64(let value) = self { value } else { nil } }
    var timeTicks: UInt32? { if case .timeTicks(let value) = self { value } else { nil } }
}

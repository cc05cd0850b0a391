import RolloutEngine

/// What an agent answered to the requests of one reading, object by object. Pure: turns answers into a sample.
struct AgentReading {
    private(set) var uptime: UInt32?
    private(set) var tableLastChange: UInt32?
    private var engineBoots: UInt32?
    private var engineTime: UInt32?
    private var ipOutDiscards: UInt64?
    private(set) var interfaces: [InterfaceAnswer]
    /// Whether the agent restarted between two requests of this reading.
    private(set) var restarted = false

    init(interfaces: Int) { self.interfaces = Array(repeating: InterfaceAnswer(), count: interfaces) }

    /// Takes one value. A value of the wrong type is as good as none.
    mutating func take(_ object: PolledObject, _ value: SNMPValue) {
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
        case .interface(let slot, let object): interfaces[slot].take(object, value)
        }
    }

    /// Notes that the agent answers with an error when asked for these.
    mutating func fail(_ objects: [PolledObject], status: Int) {
        for case .interface(let slot, _) in objects { interfaces[slot].errorStatus = status }
    }

    /// Whether the places of interfaces have to be found anew before these answers mean anything.
    func contradicts(_ map: InterfaceMap, watched: [String]) -> Bool {
        zip(zip(interfaces, watched), map.interfaces).contains { answered, place in
            guard let place, answered.0.errorStatus == nil else { return false }
            return answered.0.name != answered.1
                || place.width == .bits64 && (answered.0.inOctets64 == nil || answered.0.outOctets64 == nil)
        }
    }

    /// The map with what these answers say about the width of counters.
    func refining(_ map: InterfaceMap) -> InterfaceMap {
        var map = map
        for slot in map.interfaces.indices where map.interfaces[slot]?.width == .undecided {
            map.interfaces[slot]?.width = interfaces[slot].width
        }
        return map
    }

    /// The sample.
    func sample(of agent: WatchedAgent, through map: InterfaceMap, at now: Instant) -> CounterSample {
        if restarted {
            let reason = UnknownReason(.restart, "\(agent.address) restarted while it was being read")
            return CounterSample(subject: agent.subject, at: now, unknown: reason)
        }
        let readings = agent.interfaces.indices.map { slot in
            interfaces[slot].reading(
                of: agent.interfaces[slot], at: map.interfaces[slot], of: agent.address, brokenOff: map.brokenOff)
        }
        return CounterSample(
            subject: agent.subject, at: now, uptime: uptime, engineBoots: engineBoots, engineTime: engineTime,
            ipOutDiscards: ipOutDiscards, interfaces: readings)
    }
}

/// What an agent answered about one interface.
struct InterfaceAnswer {
    /// The name that its row has now.
    private(set) var name: String?
    private(set) var inOctets64: UInt64?
    private(set) var outOctets64: UInt64?
    private var inOctets32: UInt32?
    private var outOctets32: UInt32?
    private var inErrors: UInt32?
    private var outErrors: UInt32?
    private var inDiscards: UInt32?
    private var outDiscards: UInt32?
    private var operStatus: Int?
    private var highSpeed: UInt32?
    private var discontinuity: UInt32?
    /// The error that the agent gives instead of some of these.
    var errorStatus: Int?

    /// Takes one value.
    mutating func take(_ object: InterfaceObject, _ value: SNMPValue) {
        switch object {
        case .name: if case .text(let text) = value { name = text }
        case .inOctets64: inOctets64 = value.counter64
        case .outOctets64: outOctets64 = value.counter64
        case .inOctets32: inOctets32 = value.counter32
        case .outOctets32: outOctets32 = value.counter32
        case .inErrors: inErrors = value.counter32
        case .outErrors: outErrors = value.counter32
        case .inDiscards: inDiscards = value.counter32
        case .outDiscards: outDiscards = value.counter32
        case .operStatus: if case .integer(let status) = value, (1...7).contains(status) { operStatus = status }
        case .highSpeed: if case .gauge32(let speed) = value { highSpeed = speed }
        case .discontinuity: discontinuity = value.timeTicks
        }
    }

    /// Which octet counters can be trusted, when both were asked for.
    ///
    /// Some agents have 64-bit counters that stand still or lag behind: an honest one is never less than its 32-bit twin,
    /// but for what passed between reading the two. As long as both are zero nothing can be said.
    var width: InterfaceMap.Width {
        guard let in64 = inOctets64, let out64 = outOctets64 else {
            return inOctets32 == nil && outOctets32 == nil ? .undecided : .bits32
        }
        let pairs = [(in64, UInt64(inOctets32 ?? 0)), (out64, UInt64(outOctets32 ?? 0))]
        if pairs.contains(where: { $0.0 < $0.1 / 2 || $0.0 == 0 && $0.1 > 0 }) { return .bits32 }
        return pairs.allSatisfy { $0.0 == 0 } ? .undecided : .bits64
    }

    /// The reading of the interface `watched`.
    func reading(
        of watched: String, at place: InterfaceMap.Place?, of address: String, brokenOff: String?
    ) -> InterfaceReading {
        func unknown(_ code: UnknownReason.Code, _ detail: String) -> InterfaceReading {
            InterfaceReading(name: watched, index: place?.index, unknown: UnknownReason(code, detail))
        }
        guard let place else {
            guard let brokenOff else { return unknown(.absent, "\(address) has no interface '\(watched)'") }
            return unknown(.agentError, "'\(watched)' was not found at \(address): \(brokenOff)")
        }
        guard let name else {
            guard let errorStatus else { return unknown(.absent, "\(address) no longer has interface '\(watched)'") }
            return unknown(
                .agentError, "\(address) answers error \(errorStatus) when asked for interface '\(watched)'")
        }
        guard name == watched else {
            return unknown(.renumbered, "row \(place.index) of \(address) is no longer '\(watched)'")
        }
        let narrow = place.width == .bits32 || place.width == .undecided && width == .bits32
        return InterfaceReading(
            name: watched, index: place.index,
            inOctets: narrow ? inOctets32.map(Counter.bits32) : inOctets64.map(Counter.bits64),
            outOctets: narrow ? outOctets32.map(Counter.bits32) : outOctets64.map(Counter.bits64),
            inErrors: inErrors.map(Counter.bits32), outErrors: outErrors.map(Counter.bits32),
            inDiscards: inDiscards.map(Counter.bits32), outDiscards: outDiscards.map(Counter.bits32),
            operStatus: operStatus, highSpeed: highSpeed, discontinuity: discontinuity)
    }
}

extension SNMPValue {
    fileprivate var counter32: UInt32? { if case .counter32(let value) = self { value } else { nil } }
    fileprivate var counter64: UInt64? { if case .counter64(let value) = self { value } else { nil } }
    fileprivate var timeTicks: UInt32? { if case .timeTicks(let value) = self { value } else { nil } }
    fileprivate var nonNegative: UInt32? {
        if case .integer(let value) = self, value >= 0 { UInt32(exactly: value) } else { nil }
    }
}

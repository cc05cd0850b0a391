/// Reads counters of agents. It never throws: an agent that does not answer is an unknown reading with a reason.
public protocol CounterSource: Sendable {
    /// One reading of every watched object of an agent, all from one request where the agent allows it.
    func sample(_ agent: WatchedAgent) async -> CounterSample
    /// A reading of each agent, handed over as it comes, from any thread.
    func samples(of agents: [WatchedAgent], _ take: @escaping @Sendable (CounterSample) -> Void) async
}

extension CounterSource {
    /// A reading of each agent, all asked at once.
    public func samples(of agents: [WatchedAgent], _ take: @escaping @Sendable (CounterSample) -> Void) async {
        await withDiscardingTaskGroup { group in
            for agent in agents { group.addTask { take(await self.sample(agent)) } }
        }
    }
}

/// An agent whose counters are watched: a device, or the place where a link's counters are read.
public struct WatchedAgent: Hashable, Codable, Sendable {
    /// Whose readings these are.
    public var subject: Subject
    /// The agent's address.
    public var address: String
    /// The interfaces: by ifName, by ifDescr where that is what they are called by, or by ifAlias as `alias:TEXT`.
    public var interfaces: [String]
    /// What else of it is watched.
    public var objects: [WatchedObject]
    /// Whether changes of its interfaces' state between two readings are looked for too; nil for no.
    public var seesFlaps: Bool?
    /// How it is asked.
    public var snmp: SNMPSettings
    /// How often; nil for the policy's poll.
    public var every: Timespan?
    /// Of a probe: what is asked.
    public var probe: Probe?

    /// An agent whose counters are watched.
    public init(
        subject: Subject, address: String, interfaces: [String], objects: [WatchedObject] = [], snmp: SNMPSettings,
        every: Timespan? = nil, probe: Probe? = nil
    ) {
        self.subject = subject
        self.address = address
        self.interfaces = interfaces
        self.objects = objects
        self.snmp = snmp
        self.every = every
        self.probe = probe
    }

    /// What is watched: a device or a shared link.
    public enum Subject: Hashable, Codable, Sendable, CustomStringConvertible {
        /// A device's interfaces.
        case device(DeviceName)
        /// A shared link.
        case link(LinkName)
        /// Something beside the fleet's own agents that a gate asks: a monitoring system, a service. By the gate's name.
        case probe(GateName)
        /// The queues of a device, as the device's own tools count them over its session.
        case queues(DeviceName)

        /// The bare name.
        public var name: String {
            switch self {
            case .device(let name), .queues(let name): name.rawValue
            case .link(let name): name.rawValue
            case .probe(let name): name.rawValue
            }
        }

        /// The name, as people speak of it.
        public var description: String {
            switch self {
            case .device, .link: name
            case .probe: "probe \(name)"
            case .queues: "queues of \(name)"
            }
        }
    }
}

/// One reading of an agent.
public struct CounterSample: Hashable, Codable, Sendable {
    /// Whose reading it is.
    public var subject: WatchedAgent.Subject
    /// When the answer, or the lack of one, was noted.
    public var at: Instant
    /// The agent's own time: sysUpTime in hundredths of a second (RFC 3418), from the same answer. Nil when unknown.
    public var uptime: UInt32?
    /// snmpEngineBoots (RFC 3411), to tell a restart from the 497-day wrap of sysUpTime. Nil when the agent has none.
    public var engineBoots: UInt32?
    /// snmpEngineTime in seconds (RFC 3411), likewise.
    public var engineTime: UInt32?
    /// Packets that the agent's IP layer dropped on the way out: ipSystemStatsOutDiscards (RFC 4293). On Linux, what `tc`
    /// drops of local traffic shows here and not in ifOutDiscards. Nil when the agent has none.
    public var ipOutDiscards: UInt64?
    /// One reading an interface, in the order asked.
    public var interfaces: [InterfaceReading]
    /// One reading an instance of what else is watched, in the order asked.
    public var objects: [ObjectReading]
    /// Why there is no reading; nil when there is one. Then `interfaces` is empty.
    public var unknown: UnknownReason?

    /// One reading of an agent.
    public init(
        subject: WatchedAgent.Subject, at: Instant, uptime: UInt32? = nil, engineBoots: UInt32? = nil,
        engineTime: UInt32? = nil, ipOutDiscards: UInt64? = nil, interfaces: [InterfaceReading] = [],
        objects: [ObjectReading] = [], unknown: UnknownReason? = nil
    ) {
        self.subject = subject
        self.at = at
        self.uptime = uptime
        self.engineBoots = engineBoots
        self.engineTime = engineTime
        self.ipOutDiscards = ipOutDiscards
        self.interfaces = interfaces
        self.objects = objects
        self.unknown = unknown
    }
}

extension CounterSample {
    /// Why nothing at all was heard: no answer, or one without a single interface. Nil when something was.
    var silence: UnknownReason? {
        if let unknown { return unknown }
        return interfaces.allSatisfy { $0.unknown != nil } ? interfaces.first?.unknown : nil
    }
}

/// One reading of one interface. Every counter is optional: absent is not zero.
public struct InterfaceReading: Hashable, Codable, Sendable {
    /// The ifName that was asked for and verified in the same reading.
    public var name: String
    /// The ifIndex it had.
    public var index: UInt32?
    /// ifHCInOctets, or ifInOctets where that is all there is.
    public var inOctets: Counter?
    /// ifHCOutOctets, or ifOutOctets.
    public var outOctets: Counter?
    /// ifInErrors (Counter32).
    public var inErrors: Counter?
    /// ifOutErrors (Counter32).
    public var outErrors: Counter?
    /// ifInDiscards (Counter32).
    public var inDiscards: Counter?
    /// ifOutDiscards (Counter32).
    public var outDiscards: Counter?
    /// ifOperStatus: 1 is up (RFC 2863).
    public var operStatus: Int?
    /// ifLastChange (RFC 2863): the agent's time, in hundredths of a second, at which operStatus last changed.
    public var lastChange: UInt32?
    /// ifHighSpeed in Mbit/s; how fast the interface says it is. Bounds what a wrap may mean.
    public var highSpeed: UInt32?
    /// ifCounterDiscontinuityTime: any change voids the difference to earlier readings.
    public var discontinuity: UInt32?
    /// Why this interface has no reading; nil when it has one.
    public var unknown: UnknownReason?

    /// One reading of one interface.
    public init(
        name: String, index: UInt32? = nil, inOctets: Counter? = nil, outOctets: Counter? = nil,
        inErrors: Counter? = nil,
        outErrors: Counter? = nil, inDiscards: Counter? = nil, outDiscards: Counter? = nil, operStatus: Int? = nil,
        lastChange: UInt32? = nil, highSpeed: UInt32? = nil, discontinuity: UInt32? = nil, unknown: UnknownReason? = nil
    ) {
        self.name = name
        self.index = index
        self.inOctets = inOctets
        self.outOctets = outOctets
        self.inErrors = inErrors
        self.outErrors = outErrors
        self.inDiscards = inDiscards
        self.outDiscards = outDiscards
        self.operStatus = operStatus
        self.lastChange = lastChange
        self.highSpeed = highSpeed
        self.discontinuity = discontinuity
        self.unknown = unknown
    }
}

/// A counter's value with its width, which decides what going backwards may mean.
public enum Counter: Hashable, Codable, Sendable {
    /// Counter32: wraps at 2^32.
    case bits32(UInt32)
    /// Counter64: never wraps in practice; going backwards is a reset.
    case bits64(UInt64)

    /// The value alone.
    public var value: UInt64 {
        switch self {
        case .bits32(let value): UInt64(value)
        case .bits64(let value): value
        }
    }
}

/// Why something is unknown. Unknown is never a number, and never zero.
public struct UnknownReason: Hashable, Codable, Sendable, CustomStringConvertible {
    /// What kind of not knowing it is.
    public var code: Code
    /// In words, with what would help.
    public var detail: String

    /// A reason for not knowing.
    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// The kinds of not knowing.
    public enum Code: String, Codable, Sendable {
        /// The agent did not answer.
        case timeout
        /// The agent could not be asked: bad address, missing community or key.
        case notAsked = "not_asked"
        /// The agent has no such object or interface.
        case absent
        /// The agent answered with an error.
        case agentError = "agent_error"
        /// The counter went backwards, and not by a wrap.
        case reset
        /// The agent restarted in between.
        case restart
        /// The agent says that the counter is not comparable with earlier readings.
        case discontinuity
        /// The interface has another index than before.
        case renumbered
        /// The agent repeats a cached answer.
        case cached
        /// The clocks of agent and controller disagree about how much time passed.
        case clock
        /// There are too few readings.
        case tooFewSamples = "too_few_samples"
    }

    /// `timeout: no answer from 198.51.100.7 within 1s, asked twice`.
    public var description: String { "\(code.rawValue.replacing("_", with: " ")): \(detail)" }
}

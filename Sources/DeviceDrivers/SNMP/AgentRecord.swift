import RolloutEngine

/// What is remembered of an agent between readings.
final class AgentRecord {
    /// Tells agents apart: what is asked of whom, and how it is reached.
    struct Key: Hashable {
        let address: String
        let snmp: SNMPSettings
        let interfaces: [String]
        let objects: [WatchedObject]
        let seesFlaps: Bool?

        init(_ agent: WatchedAgent) {
            address = agent.address
            snmp = agent.snmp
            interfaces = agent.interfaces
            objects = agent.objects
            seesFlaps = agent.seesFlaps
        }

        /// Few agents share an address and port, and hashing the rest would take longer than comparing it.
        func hash(into hasher: inout Hasher) {
            hasher.combine(address)
            hasher.combine(snmp.port)
        }
    }

    /// Its way and credentials; found out anew after it did not answer.
    var contact: Contact?
    /// How often it did not answer in a row: then its next address is tried.
    var silences = 0
    /// Whether it ever answered.
    var hasAnswered = false
    /// Where everything is; nil when it has to be found out.
    private(set) var plan: ReadingPlan?
    /// When interfaces and instances were looked for, on the monotonic scale.
    private(set) var interfacesFoundAt: UInt64 = 0
    private(set) var instancesFoundAt: UInt64 = 0
    /// The requests of a reading.
    var requests: [PreparedRequest]?
    /// As many objects as it can answer in one message.
    var size = RequestSize()
    /// As many rows as it is asked for at once.
    var repetitions = 25
    /// Whether rows are asked for one by one: always in v1, and of agents that do not answer otherwise.
    var usesNext = false
    /// What it said in the last reading.
    private var lastUptime: UInt32?
    private var lastTableChange: UInt32?

    private var isBusy = false
    private var queue = Fifo<UnsafeContinuation<Void, Never>>()

    /// An agent's address and socket, and how it is talked to.
    struct Contact {
        let endpoint: Endpoint
        let socket: DatagramSocket
        /// The community of v1 and v2c.
        let envelope: SNMPCodec.Envelope
        let isVersion1: Bool
        /// The user and engine of v3.
        let security: UserSecurity?
    }

    /// A request and what its values mean.
    struct PreparedRequest {
        var objects: [PolledObject]
        var encoded: EncodedRequest
    }

    /// Sets where everything is, after some of it was looked for.
    func place(_ plan: ReadingPlan, after search: SNMPPoller.Search) {
        let now = Deadline.now().nanoseconds
        self.plan = plan
        if search.contains(.interfaces) { interfacesFoundAt = now }
        if search.contains(.instances) { instancesFoundAt = now }
        requests = nil
    }

    /// Whether the agent restarted since the last reading, so that rows may have moved.
    func hasRestarted(before reading: AgentReading) -> Bool {
        if let last = lastUptime, let uptime = reading.uptime { uptime < last } else { false }
    }

    /// Whether the agent says that its table of interfaces changed since the last reading.
    func hasOtherTable(before reading: AgentReading) -> Bool {
        if let last = lastTableChange, let change = reading.tableLastChange { change != last } else { false }
    }

    /// Remembers a reading.
    func remember(_ reading: AgentReading) {
        lastUptime = reading.uptime ?? lastUptime
        lastTableChange = reading.tableLastChange ?? lastTableChange
        if size.readingSucceeded() { requests = nil }
        guard let refined = reading.refined else { return }
        plan?.interfaces = refined
        requests = nil
    }

    /// Waits until no other reading of this agent is under way: agents answer one question at a time.
    func enter(isolation: isolated (any Actor)? = #isolation) async {
        guard isBusy else {
            isBusy = true
            return
        }
        // Whoever leaves hands over, so it stays busy.
        await withUnsafeContinuation { queue.append($0) }
    }

    /// Lets the next reading of this agent begin.
    func leave() {
        guard let next = queue.popFirst() else {
            isBusy = false
            return
        }
        next.resume()
    }

    /// Whether nobody reads this agent just now.
    var isIdle: Bool { !isBusy }
}

import RolloutEngine

/// What is remembered of an agent between readings.
final class AgentRecord {
    /// Tells agents apart: what is asked of whom, and how it is reached.
    struct Key: Hashable {
        let address: String
        let port: Int
        let community: SecretReference?
        let namespace: String?
        let interfaces: [String]

        init(_ agent: WatchedAgent) {
            address = agent.address
            port = agent.snmp.port
            community = agent.snmp.community
            namespace = agent.snmp.namespace
            interfaces = agent.interfaces
        }
    }

    /// Its way and community; found out anew after it did not answer.
    var contact: Contact?
    /// How often it did not answer in a row: then its next address is tried.
    var silences = 0
    /// Where its interfaces are.
    private(set) var map: InterfaceMap?
    /// When that was found out, on the monotonic scale.
    private(set) var mappedAt: UInt64 = 0
    /// The requests of a reading.
    var requests: [PreparedRequest]?
    /// As many objects as it can answer in one message. At first as many as surely fit an Ethernet frame of 1500 octets.
    var maximumObjects = 60
    /// As many rows as it is asked for at once.
    var repetitions = 25
    /// What it said in the last reading.
    private var lastUptime: UInt32?
    private var lastTableChange: UInt32?

    private var isBusy = false
    private var queue = Fifo<CheckedContinuation<Void, Never>>()

    /// An agent's address, socket and community.
    struct Contact {
        let endpoint: Endpoint
        let socket: DatagramSocket
        let community: Secret
    }

    /// A request and what its values mean.
    struct PreparedRequest {
        var objects: [PolledObject]
        var encoded: EncodedRequest
    }

    /// Sets where the interfaces are.
    func place(_ map: InterfaceMap?, at now: UInt64) {
        self.map = map
        mappedAt = now
        requests = nil
    }

    /// Whether the agent restarted or changed its table since the last reading, so that rows may have moved.
    func hasMoved(since reading: AgentReading) -> Bool {
        if let last = lastUptime, let uptime = reading.uptime, uptime < last { return true }
        if let last = lastTableChange, let change = reading.tableLastChange, change != last { return true }
        return false
    }

    /// Remembers a reading.
    func remember(_ reading: AgentReading, at now: UInt64) {
        lastUptime = reading.uptime
        lastTableChange = reading.tableLastChange
        guard let map else { return }
        let refined = reading.refining(map)
        guard refined.interfaces != map.interfaces else { return }
        self.map = refined
        requests = nil
    }

    /// Waits until no other reading of this agent is under way: agents answer one question at a time.
    func enter(isolation: isolated (any Actor)? = #isolation) async {
        guard isBusy else {
            isBusy = true
            return
        }
        // Whoever leaves hands over, so it stays busy.
        await withCheckedContinuation { queue.append($0) }
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

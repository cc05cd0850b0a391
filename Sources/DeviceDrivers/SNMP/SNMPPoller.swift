import Glibc
import RolloutEngine

/// Reads agents, one request under way an agent and a window over all.
actor SNMPPoller {
    /// The one thread on which everything of libsnmp happens, which has no locks and keeps state in global variables: one
    /// for the whole process, however many counter sources there are.
    static let reactor = Reactor(name: "rollout-snmp")

    nonisolated var unownedExecutor: UnownedSerialExecutor { Self.reactor.asUnownedSerialExecutor() }

    private let secrets: any SecretSource
    private let now: @Sendable () -> Instant
    private let dscp: Int
    private lazy var codec = SNMPCodec()
    private lazy var exchange = SNMPExchange(codec: codec)
    private var agents: [AgentRecord.Key: AgentRecord] = [:]
    private var sockets: [SocketKey: OpenSocket] = [:]
    /// The wait for answers, while there is one.
    private var listening: UInt64?
    private var isListening = false

    private struct SocketKey: Hashable {
        var namespace: NetworkNamespace?
        var isIPv6: Bool
    }

    private struct OpenSocket {
        var socket: DatagramSocket
        var namespaceIdentity: UInt64?
    }

    /// More agents than any one controller watches; beyond, the idle ones are forgotten and get to know us again.
    private static let maximumAgents = 50_000
    /// How long a walk through an agent's table of interfaces may take, in nanoseconds.
    private static let walkLimit: UInt64 = 15_000_000_000
    /// How long an interface that was not found is not looked for again, in nanoseconds.
    private static let patience: UInt64 = 30_000_000_000

    init(secrets: any SecretSource, now: @escaping @Sendable () -> Instant, dscp: Int) {
        self.secrets = secrets
        self.now = now
        self.dscp = dscp
    }

    isolated deinit { for open in sockets.values { Self.reactor.forget(open.socket.descriptor) } }

    /// One reading of an agent.
    func sample(_ agent: WatchedAgent) async -> CounterSample {
        let record = record(of: agent)
        await record.enter()
        defer { record.leave() }
        do throws(SNMPTrouble) {
            return try await read(agent, record)
        } catch {
            return CounterSample(subject: agent.subject, at: now(), unknown: error.reason)
        }
    }

    /// Ends everything.
    func stop() {
        exchange.stop()
        agents = [:]
        for open in sockets.values { Self.reactor.forget(open.socket.descriptor) }
        sockets = [:]
        lookUp()
    }

    private func record(of agent: WatchedAgent) -> AgentRecord {
        let key = AgentRecord.Key(agent)
        if let known = agents[key] { return known }
        if agents.count >= Self.maximumAgents { agents = agents.filter { !$0.value.isIdle } }
        let record = AgentRecord()
        agents[key] = record
        return record
    }

    // MARK: Reading

    private func read(_ agent: WatchedAgent, _ record: AgentRecord) async throws(SNMPTrouble) -> CounterSample {
        guard !exchange.isStopped else { throw Self.stopped }
        if record.contact == nil {
            record.contact = try await contact(agent, record)
            // They carry the community.
            record.requests = nil
        }
        var mappedNow = false
        while true {
            let map: InterfaceMap
            if let known = record.map, !isWorthLookingAgain(known, record) {
                map = known
            } else {
                map = try await findInterfaces(of: agent, record)
                record.place(map, at: Deadline.now().nanoseconds)
                mappedNow = true
            }
            let reading = try await poll(agent, record, map)
            if !mappedNow, reading.contradicts(map, watched: agent.interfaces) || record.hasMoved(since: reading) {
                record.place(nil, at: 0)
                continue
            }
            record.remember(reading, at: Deadline.now().nanoseconds)
            return reading.sample(of: agent, through: map, at: now())
        }
    }

    private func isWorthLookingAgain(_ map: InterfaceMap, _ record: AgentRecord) -> Bool {
        map.interfaces.contains(nil) && Deadline.now().nanoseconds >= record.mappedAt + Self.patience
    }

    /// Asks for every object of a reading.
    private func poll(
        _ agent: WatchedAgent, _ record: AgentRecord, _ map: InterfaceMap
    ) async throws(SNMPTrouble) -> AgentReading {
        var reading = AgentReading(interfaces: agent.interfaces.count)
        var requests = try prepared(record, map)
        var position = 0
        var askedAgain = false
        while position < requests.count {
            let request = requests[position]
            switch try await ask(agent, record, request.encoded) {
            case .values(let values):
                for (object, value) in zip(request.objects, values) { reading.take(object, value) }
            case .failed(status: 1):
                guard request.objects.count > RequestPacker.leastMaximum else {
                    throw SNMPTrouble(
                        .agentError, "\(agent.address) says that even \(request.objects.count) objects are too big")
                }
                // From the start, so that all objects are from the same moment.
                record.maximumObjects = max(request.objects.count / 2, RequestPacker.leastMaximum)
                record.requests = nil
                requests = try prepared(record, map)
                reading = AgentReading(interfaces: agent.interfaces.count)
                position = 0
                continue
            case .failed(let status):
                // It may be a passing fault; if not, half the objects may do. The halves are kept for the next reading,
                // so that reading by reading less is lost.
                if !askedAgain {
                    askedAgain = true
                    continue
                }
                guard let halves = RequestPacker.halves(of: request.objects) else {
                    reading.fail(request.objects, status: status)
                    break
                }
                let parts = try halves.map { half throws(SNMPTrouble) in try prepare(half, record, map) }
                for part in parts {
                    switch try await ask(agent, record, part.encoded) {
                    case .values(let values):
                        for (object, value) in zip(part.objects, values) { reading.take(object, value) }
                    case .failed(let status): reading.fail(part.objects, status: status)
                    case .rows, .unexpected: throw Self.unexpected(agent)
                    }
                }
                requests.replaceSubrange(position...position, with: parts)
                position += 1
                record.requests = requests
            case .rows, .unexpected: throw Self.unexpected(agent)
            }
            position += 1
        }
        return reading
    }

    private func prepared(
        _ record: AgentRecord, _ map: InterfaceMap
    ) throws(SNMPTrouble) -> [AgentRecord.PreparedRequest] {
        if let requests = record.requests { return requests }
        let requests = try map.requests(maximum: record.maximumObjects).map { objects throws(SNMPTrouble) in
            try prepare(objects, record, map)
        }
        record.requests = requests
        return requests
    }

    private func prepare(
        _ objects: [PolledObject], _ record: AgentRecord, _ map: InterfaceMap
    ) throws(SNMPTrouble) -> AgentRecord.PreparedRequest {
        AgentRecord.PreparedRequest(
            objects: objects, encoded: try encode(.get(objects.compactMap(map.identifier)), record))
    }

    // MARK: Interfaces

    /// Walks through the agent's names until all watched ones are found: ifName, or ifDescr where there is none.
    private func findInterfaces(
        of agent: WatchedAgent, _ record: AgentRecord
    ) async throws(SNMPTrouble) -> InterfaceMap {
        var map = InterfaceMap(names: .name, interfaces: agent.interfaces.map { _ in nil }, brokenOff: nil)
        guard !agent.interfaces.isEmpty else { return map }
        for column in [NameColumn.name, .description] {
            var walk = NameWalk(column.object, wanted: Set(agent.interfaces))
            map.names = column
            map.brokenOff = try await finish(&walk, agent, record)
            map.interfaces = agent.interfaces.map { name in walk.rows[name].map { InterfaceMap.Place(index: $0) } }
            if walk.count > 0 || map.brokenOff != nil { break }
        }
        return map
    }

    /// Walks to the end; says why when it had to be broken off.
    private func finish(
        _ walk: inout NameWalk, _ agent: WatchedAgent, _ record: AgentRecord
    ) async throws(SNMPTrouble) -> String? {
        let limit = Deadline.now().nanoseconds + Self.walkLimit
        while true {
            let request = SNMPRequest.bulk(after: walk.position, repetitions: record.repetitions)
            switch try await ask(agent, record, encode(request, record)) {
            case .rows(let rows):
                switch walk.take(rows) {
                case .finished: return nil
                case .brokenOff(let why): return why
                case .goOn: break
                }
            case .failed(let status):
                guard record.repetitions > 1 else {
                    return "the agent answers error \(status) when asked for its interfaces"
                }
                record.repetitions /= 2
            case .values, .unexpected: throw Self.unexpected(agent)
            }
            guard Deadline.now().nanoseconds < limit else {
                return "the agent's interface table could not be read within \(Self.walkLimit / 1_000_000_000)s"
            }
        }
    }

    // MARK: Asking

    private func encode(_ request: SNMPRequest, _ record: AgentRecord) throws(SNMPTrouble) -> EncodedRequest {
        guard let contact = record.contact else { throw Self.stopped }
        guard let encoded = codec.encode(request, community: contact.community) else {
            throw SNMPTrouble(.notAsked, "the request cannot be written: is the SNMP community empty or very long?")
        }
        return encoded
    }

    private func ask(
        _ agent: WatchedAgent, _ record: AgentRecord, _ request: EncodedRequest
    ) async throws(SNMPTrouble) -> SNMPAnswer {
        guard let contact = record.contact else { throw Self.stopped }
        let timeout = min(max(agent.snmp.timeout, .milliseconds(1)), .minutes(1))
        let tries = min(max(agent.snmp.retries, 0), 10) + 1
        let sending = SNMPExchange.Sending(
            request: request, endpoint: contact.endpoint, socket: contact.socket,
            timeout: UInt64(timeout.milliseconds) * 1_000_000, tries: tries)
        switch await exchange.perform(sending, scheduled: lookUp) {
        case .answered(let answer):
            record.silences = 0
            return answer
        case .silent:
            // A name may have moved, a community changed, a namespace been made anew: look all of it up next time.
            record.contact = nil
            record.silences += 1
            let often = tries == 1 ? "asked once" : tries == 2 ? "asked twice" : "asked \(tries) times"
            throw SNMPTrouble(.timeout, "no answer from \(Self.place(agent)) within \(timeout), \(often)")
        case .refused(let error):
            record.contact = nil
            record.silences += 1
            throw SNMPTrouble(
                .notAsked, "cannot send to \(Self.place(agent)): \(String(cString: strerror(error)))")
        case .stopped: throw Self.stopped
        }
    }

    // MARK: Listening

    /// Sees to it that answers and deadlines are waited for, and for none later than the earliest.
    private func lookUp() {
        if let listening { Self.reactor.wake(listening) }
        guard !isListening else { return }
        isListening = true
        Task { await listen() }
    }

    /// Takes answers and minds deadlines for as long as anything is under way. What comes when nothing is, is late, and
    /// dropped when there is something to listen for again.
    private func listen() async {
        while exchange.isBusy {
            let registration = Self.reactor.makeRegistration()
            let sources = sockets.values.map { Reactor.Source($0.socket.descriptor, .read) }
            let deadline = Deadline(nanoseconds: exchange.nextDeadline)
            listening = registration
            _ = await withUnsafeContinuation {
                Self.reactor.park($0, as: registration, sources: sources, until: deadline)
            }
            listening = nil
            for open in sockets.values { exchange.receive(from: open.socket) }
            let now = Deadline.now().nanoseconds
            if exchange.nextDeadline <= now { exchange.expire(at: now) }
        }
        isListening = false
    }

    private func contact(_ agent: WatchedAgent, _ record: AgentRecord) async throws(SNMPTrouble) -> AgentRecord.Contact
    {
        let found = try await AgentLookup.find(agent, secrets: secrets).get()
        guard !exchange.isStopped else { throw Self.stopped }
        let endpoint = found.endpoints[record.silences % found.endpoints.count]
        let namespace: NetworkNamespace?
        do throws(NetworkNamespace.Failure) {
            namespace = try agent.snmp.namespace.map { name throws(NetworkNamespace.Failure) in
                try NetworkNamespace(name)
            }
        } catch {
            throw SNMPTrouble(.notAsked, "\(error.reason); correct snmp.namespace")
        }
        return AgentRecord.Contact(
            endpoint: endpoint, socket: try socket(in: namespace, isIPv6: endpoint.isIPv6), community: found.community)
    }

    private func socket(in namespace: NetworkNamespace?, isIPv6: Bool) throws(SNMPTrouble) -> DatagramSocket {
        let key = SocketKey(namespace: namespace, isIPv6: isIPv6)
        let identity = namespace?.identity
        if let known = sockets[key], known.namespaceIdentity == identity { return known.socket }
        // A namespace was made anew: what still waits for an answer through the old one waits in vain.
        if let old = sockets.removeValue(forKey: key) { Self.reactor.forget(old.socket.descriptor) }
        let socket = try DatagramSocket(isIPv6: isIPv6, namespace: namespace, dscp: dscp)
        sockets[key] = OpenSocket(socket: socket, namespaceIdentity: identity)
        // It has to be listened to as well.
        if let listening { Self.reactor.wake(listening) }
        return socket
    }

    private static func place(_ agent: WatchedAgent) -> String {
        agent.snmp.port == 161 ? agent.address : "\(agent.address) port \(agent.snmp.port)"
    }

    private static func unexpected(_ agent: WatchedAgent) -> SNMPTrouble {
        SNMPTrouble(.agentError, "\(agent.address) answers other objects than it was asked for")
    }

    private static let stopped = SNMPTrouble(.notAsked, "reading of counters was stopped")
}

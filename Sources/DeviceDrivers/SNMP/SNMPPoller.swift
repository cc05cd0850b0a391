import Glibc
import RolloutEngine

/// Reads agents, one request under way an agent and a window over all.
actor SNMPPoller {
    /// The one thread on which everything of libsnmp happens, which has no locks and keeps state in global variables: one
    /// for the whole process, however many counter sources there are.
    static let reactor = Reactor(name: "rollout-snmp")

    nonisolated var unownedExecutor: UnownedSerialExecutor { Self.reactor.asUnownedSerialExecutor() }

    private let secrets: any SecretSource
    let now: @Sendable () -> Instant
    private let dscp: Int
    private(set) lazy var codec = SNMPCodec()
    private(set) lazy var exchange = SNMPExchange(codec: codec)
    private let keyRing = KeyRing()
    private var numbers = RandomNumbers()
    private var agents: [AgentRecord.Key: AgentRecord] = [:]
    private var sockets: [SocketKey: OpenSocket] = [:]
    /// The wait for answers, while there is one.
    private var listening: UInt64?
    private var isListening = false
    private var isFlushing = false

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

    /// A reading of each agent, handed over as it comes. Everything happens on the reactor's thread, so that their requests
    /// leave together and nothing has to be woken in between.
    func samples(of agents: [WatchedAgent], _ take: @escaping @Sendable (CounterSample) -> Void) async {
        await withTaskExecutorPreference(Self.reactor.tasks) {
            await withDiscardingTaskGroup { group in
                for agent in agents { group.addTask { take(await self.sample(agent)) } }
            }
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

    // MARK: Listening

    /// Does what a request that was begun makes due.
    func see(to duties: SNMPExchange.Duties) {
        if duties.contains(.flush), !isFlushing {
            isFlushing = true
            // Whoever else is ready runs before this task, so that all their requests leave in one call.
            Task { flush() }
        }
        if duties.contains(.schedule) { lookUp() }
    }

    private func flush() {
        isFlushing = false
        exchange.flush()
    }

    /// Sees to it that answers and deadlines are waited for, and for none later than the earliest.
    private func lookUp() {
        if let listening { Self.reactor.wake(listening) }
        guard !isListening else { return }
        isListening = true
        // Without the preference each wait would end on a thread of the global pool, only to be sent back to this one.
        Task(executorPreference: Self.reactor.tasks) { await self.listen() }
    }

    /// Takes answers and minds deadlines for as long as anything is under way. What comes when nothing is, is late, and
    /// dropped when there is something to listen for again.
    private func listen() async {
        var comesInDrops = false
        while exchange.isBusy {
            let registration = Self.reactor.makeRegistration()
            let sources = sockets.values.map { Reactor.Source($0.socket.descriptor, .read) }
            let deadline = Deadline(nanoseconds: exchange.nextDeadline)
            listening = registration
            let outcome = await withUnsafeContinuation {
                Self.reactor.park($0, as: registration, sources: sources, until: deadline)
            }
            listening = nil
            if outcome == .ready, comesInDrops, exchange.underWay >= Self.manyAnswers { await gather() }
            var count = 0
            for open in sockets.values { count += exchange.receive(from: open.socket) }
            if outcome == .ready { comesInDrops = count < Self.manyAnswers }
            let now = Deadline.now().nanoseconds
            if exchange.nextDeadline <= now { exchange.expire(at: now) }
        }
        isListening = false
    }

    /// Lets answers gather. Agents that were asked in one moment answer a little apart: to be woken for each costs more than
    /// what it says.
    private func gather() async {
        let registration = Self.reactor.makeRegistration()
        let end = Deadline(nanoseconds: Deadline.now().nanoseconds + Self.gatheringTime)
        _ = await withUnsafeContinuation { Self.reactor.park($0, as: registration, sources: [], until: end) }
    }

    /// So many answers at once are worth a wake.
    private static let manyAnswers = 8
    /// In nanoseconds: nothing beside the time between two readings.
    private static let gatheringTime: UInt64 = 1_000_000

    // MARK: Ways to agents

    /// Finds out how an agent is reached.
    func contact(_ agent: WatchedAgent, _ record: AgentRecord) async throws(SNMPTrouble) -> AgentRecord.Contact {
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
        let socket = try socket(in: namespace, isIPv6: endpoint.isIPv6)
        let isVersion1 = agent.snmp.spoken == .v1
        switch found.credential {
        case .community(let community):
            return AgentRecord.Contact(
                endpoint: endpoint, socket: socket, envelope: .community(community, isVersion1: isVersion1),
                isVersion1: isVersion1, security: nil)
        case .user(let name, let auth, let priv):
            let credential = try credential(of: agent, name, auth, priv)
            let salt = UInt64(UInt32(bitPattern: numbers.next())) << 32 | UInt64(UInt32(bitPattern: numbers.next()))
            return AgentRecord.Contact(
                endpoint: endpoint, socket: socket, envelope: .none, isVersion1: false,
                security: UserSecurity(credential, salt: salt))
        }
    }

    private func credential(
        of agent: WatchedAgent, _ name: String, _ auth: AgentLookup.Key<SNMPSettings.Authentication>?,
        _ priv: AgentLookup.Key<SNMPSettings.Privacy>?
    ) throws(SNMPTrouble) -> UserCredential {
        func unable(_ what: String) -> SNMPTrouble {
            SNMPTrouble(
                .notAsked, "this machine's libsnmp or OpenSSL cannot do \(what), which \(agent.subject) asks for")
        }
        let context = Array((agent.snmp.context ?? "").utf8)
        guard let auth else {
            return UserCredential(name: Array(name.utf8), context: context, authentication: nil, privacy: nil)
        }
        let authentication = keyRing.signing(by: auth.by)
        guard let key = keyRing.key(auth.password, authentication) else {
            throw unable("snmp.auth \(auth.by.rawValue)")
        }
        guard let priv else {
            return UserCredential(
                name: Array(name.utf8), context: context, authentication: (authentication, key), privacy: nil)
        }
        let privacy = keyRing.hiding(by: priv.by)
        guard let privKey = keyRing.key(priv.password, authentication), privacy.isAvailable else {
            throw unable("snmp.priv \(priv.by.rawValue)")
        }
        return UserCredential(
            name: Array(name.utf8), context: context, authentication: (authentication, key),
            privacy: (privacy, privKey))
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

    static let stopped = SNMPTrouble(.notAsked, "reading of counters was stopped")
}

import Glibc
import RolloutEngine
import Synchronization

@testable import DeviceDrivers

/// An agent on a loopback address that answers as a test wants: honestly, wrongly, late, twice, from elsewhere.
final class ScriptedAgent: Sendable {
    /// What is sent for one request, in order.
    enum Reaction: Sendable {
        case answer(WireMessage)
        case octets([UInt8])
        /// From another socket.
        case fromElsewhere(WireMessage)
        case wait(milliseconds: UInt32)
    }

    typealias Script = @Sendable (_ request: WireMessage, _ table: AgentTable) -> [Reaction]

    private struct State: Sendable {
        var table: AgentTable
        var script: Script
        var engine: ScriptedEngine?
        var requests: [WireMessage] = []
        var isStopped = false
    }

    let port: Int
    private let address: String
    private let descriptor: Int32
    private let elsewhere: Int32
    private let state: Mutex<State>

    /// Answers honestly until a script says otherwise. Inside a network namespace if one is named.
    init(_ table: AgentTable = AgentTable(), isIPv6: Bool = false, namespace: String? = nil) throws {
        let open = { socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue), 0) }
        descriptor = try namespace.map { try NetworkNamespace($0).open(open) } ?? open()
        elsewhere = open()
        address = isIPv6 ? "::1" : "127.0.0.1"
        port = try Self.bind(descriptor, isIPv6: isIPv6)
        state = Mutex(State(table: table, script: Self.honest))
        var patience = timeval(tv_sec: 0, tv_usec: 50_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        // Room for a whole window of requests at once, which leave in one call.
        var room: Int32 = 4 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &room, socklen_t(MemoryLayout<Int32>.size))
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<ScriptedAgent>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    deinit {
        close(descriptor)
        close(elsewhere)
    }

    static let honest: Script = { request, table in [.answer(table.answer(to: request))] }
    static let silent: Script = { _, _ in [] }

    /// Every request so far.
    var requests: [WireMessage] { state.withLock { $0.requests } }
    /// Every request for values so far.
    var gets: [WireMessage] { requests.filter { $0.kind == .get } }
    /// Every request for following rows so far.
    var bulks: [WireMessage] { requests.filter { $0.kind == .bulk } }

    /// Makes it an agent of v3, or changes its engine.
    func changeEngine(_ change: (inout ScriptedEngine?) -> Void) { state.withLock { change(&$0.engine) } }

    func change(_ change: (inout AgentTable) -> Void) { state.withLock { change(&$0.table) } }
    func follow(_ script: @escaping Script) { state.withLock { $0.script = script } }
    func stop() { state.withLock { $0.isStopped = true } }

    /// How this agent is watched.
    func watched(
        _ interfaces: [String] = ["eth0", "eth1"], objects: [WatchedObject] = [],
        timeout: Timespan = .milliseconds(300), retries: Int = 1, namespace: String? = nil
    ) -> WatchedAgent {
        WatchedAgent(
            subject: .device("sw-1"), address: address, interfaces: interfaces, objects: objects,
            snmp: SNMPSettings(
                port: port, community: .environment("TEST"), timeout: timeout, retries: retries, namespace: namespace))
    }

    /// How this agent is watched by a user of v3.
    func watchedByUser(_ name: String = "rollout", auth: SNMPSettings.Authentication? = .sha256) -> WatchedAgent {
        var agent = watched()
        agent.snmp.community = nil
        agent.snmp.user = name
        agent.snmp.auth = auth
        agent.snmp.authKey = auth == nil ? nil : .environment("AUTH")
        return agent
    }

    private func run() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !state.withLock({ $0.isStopped }) {
            var source = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &source) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
                }
            }
            guard count > 0, let endpoint = Endpoint(&source) else { continue }
            let octets = Array(buffer.prefix(count))
            var seal: ScriptedEngine.Seal = { $0.encoded }
            let request: WireMessage
            if let engine = state.withLock({ $0.engine }) {
                switch engine.receive(octets) {
                case .request(let inside, let answering): (request, seal) = (inside, answering)
                case .report(let report):
                    send(report, from: descriptor, to: endpoint)
                    continue
                case nil: continue
                }
            } else {
                guard let plain = WireMessage(request: octets) else { continue }
                request = plain
            }
            let (script, table) = state.withLock { state in
                state.requests.append(request)
                return (state.script, state.table)
            }
            for reaction in script(request, table) {
                switch reaction {
                case .answer(let message): send(seal(message), from: descriptor, to: endpoint)
                case .octets(let octets): send(octets, from: descriptor, to: endpoint)
                case .fromElsewhere(let message): send(seal(message), from: elsewhere, to: endpoint)
                case .wait(let milliseconds): usleep(milliseconds * 1000)
                }
            }
        }
    }

    private func send(_ octets: [UInt8], from descriptor: Int32, to endpoint: Endpoint) {
        _ = endpoint.withSocketAddress { sendto(descriptor, octets, octets.count, 0, $0, $1) }
    }

    /// Binds to a free port of the loopback address and says which.
    private static func bind(_ descriptor: Int32, isIPv6: Bool) throws -> Int {
        var storage = sockaddr_storage()
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_addr = in6addr_loopback
            memcpy(&storage, &address, MemoryLayout<sockaddr_in6>.size)
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            memcpy(&storage, &address, MemoryLayout<sockaddr_in>.size)
        }
        guard let endpoint = Endpoint(&storage) else { throw SocketTrouble(number: EINVAL) }
        guard endpoint.withSocketAddress({ Glibc.bind(descriptor, $0, $1) }) == 0 else {
            throw SocketTrouble(number: errno)
        }
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        _ = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return Endpoint(&storage).map { Int($0.port) } ?? 0
    }

    struct SocketTrouble: Error { var number: Int32 }
}

/// Secrets that are known beforehand.
struct FixedSecrets: SecretSource {
    var values = ["TEST": "test-community", "AUTH": "a long password", "PRIV": "another password"]

    func resolve(_ reference: SecretReference) throws(DriverError) -> Secret {
        guard case .environment(let name) = reference, let value = values[name] else {
            throw DriverError(.localSetup, "\(reference) is not set", effect: .none)
        }
        return Secret(value)
    }
}

extension SNMPCounterSource {
    /// A source for tests: its time stands still.
    static func forTests(_ secrets: FixedSecrets = FixedSecrets()) -> SNMPCounterSource {
        SNMPCounterSource(secrets: secrets) { Instant(milliseconds: 1_700_000_000_000) }
    }
}

import CLinux
import Glibc
import RolloutEngine

/// What has to be found out before an agent can be asked, and may block: its addresses and its secrets.
struct AgentLookup: Sendable {
    /// Its addresses, the preferred one first. Never empty.
    let endpoints: [Endpoint]
    /// What proves that we may ask.
    let credential: Credential

    /// What is shown to an agent.
    enum Credential: Sendable {
        case community(Secret)
        case user(name: String, auth: Key<SNMPSettings.Authentication>?, priv: Key<SNMPSettings.Privacy>?)
    }

    /// A protocol of v3 and its password.
    struct Key<Protocol: Sendable>: Sendable {
        let by: Protocol
        let password: Secret
    }

    /// Looks all of it up, away from the caller's thread: a name server may take its time, and so may a file on a network disk.
    static func find(_ agent: WatchedAgent, secrets: any SecretSource) async -> Result<AgentLookup, SNMPTrouble> {
        await withCheckedContinuation { continuation in
            HelperThreads.shared.run {
                continuation.resume(returning: Result { () throws(SNMPTrouble) in try look(agent, secrets) })
            }
        }
    }

    private static func look(_ agent: WatchedAgent, _ secrets: any SecretSource) throws(SNMPTrouble) -> AgentLookup {
        let credential = try credential(of: agent, secrets)
        return AgentLookup(endpoints: try endpoints(of: agent), credential: credential)
    }

    private static func credential(
        of agent: WatchedAgent, _ secrets: any SecretSource
    ) throws(SNMPTrouble) -> Credential {
        let snmp = agent.snmp
        guard snmp.spoken == .v3 else {
            guard let reference = snmp.community else {
                throw SNMPTrouble(
                    .notAsked,
                    "\(agent.subject) has no SNMP community, so its counters cannot be read; set snmp.community in the inventory"
                )
            }
            return .community(try resolve(reference, "the SNMP community of \(agent.subject)", secrets))
        }
        guard let user = snmp.user else {
            throw SNMPTrouble(
                .notAsked, "\(agent.subject) has no SNMP user, which version 3 needs; set snmp.user in the inventory")
        }
        guard let auth = snmp.auth else {
            guard snmp.priv == nil else {
                throw SNMPTrouble(.notAsked, "snmp.priv of \(agent.subject) needs snmp.auth")
            }
            return .user(name: user, auth: nil, priv: nil)
        }
        let authKey = try password(snmp.authKey, "snmp.auth_key of \(agent.subject)", secrets)
        let priv = try snmp.priv.map { priv throws(SNMPTrouble) in
            Key(
                by: priv,
                password: snmp.privKey == nil
                    ? authKey : try password(snmp.privKey, "snmp.priv_key of \(agent.subject)", secrets))
        }
        return .user(name: user, auth: Key(by: auth, password: authKey), priv: priv)
    }

    /// A password of v3, of which agents demand a length.
    private static func password(
        _ reference: SecretReference?, _ what: String, _ secrets: any SecretSource
    ) throws(SNMPTrouble) -> Secret {
        guard let reference else { throw SNMPTrouble(.notAsked, "\(what) is not set") }
        let password = try resolve(reference, what, secrets)
        let count = password.reveal { $0.utf8.count }
        guard count >= 8 else {
            throw SNMPTrouble(
                .notAsked, "\(what) (\(reference)) has \(count) characters, and SNMP v3 demands at least 8 (RFC 3414)")
        }
        return password
    }

    private static func resolve(
        _ reference: SecretReference, _ what: String, _ secrets: any SecretSource
    ) throws(SNMPTrouble) -> Secret {
        do throws(DriverError) {
            return try secrets.resolve(reference)
        } catch {
            throw SNMPTrouble(.notAsked, "\(what) is missing: \(error.message)")
        }
    }

    private static func endpoints(of agent: WatchedAgent) throws(SNMPTrouble) -> [Endpoint] {
        guard (1...65535).contains(agent.snmp.port) else {
            throw SNMPTrouble(.notAsked, "\(agent.snmp.port) is no UDP port; correct snmp.port of \(agent.subject)")
        }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = clinux_datagram_socket & 0xf
        hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(agent.address, String(agent.snmp.port), &hints, &found)
        defer { if let found { freeaddrinfo(found) } }
        var endpoints: [Endpoint] = []
        var next = found
        while status == 0, let entry = next {
            var storage = sockaddr_storage()
            if let address = entry.pointee.ai_addr, Int(entry.pointee.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size
            {
                memcpy(&storage, address, Int(entry.pointee.ai_addrlen))
                if let endpoint = Endpoint(&storage) { endpoints.append(endpoint) }
            }
            next = entry.pointee.ai_next
        }
        guard endpoints.isEmpty else { return endpoints }
        let why = status == 0 ? "it has no IP address" : String(cString: gai_strerror(status))
        throw SNMPTrouble(.notAsked, "cannot find the address of '\(agent.address)' for \(agent.subject): \(why)")
    }
}

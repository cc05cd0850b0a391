import Glibc
import RolloutEngine

/// What has to be found out before an agent can be asked, and may block: its addresses and its community.
struct AgentLookup: Sendable {
    /// Its addresses, the preferred one first. Never empty.
    let endpoints: [Endpoint]
    /// Its community.
    let community: Secret

    /// Looks both up, away from the caller's thread: a name server may take its time, and so may a file on a network disk.
    static func find(_ agent: WatchedAgent, secrets: any SecretSource) async -> Result<AgentLookup, SNMPTrouble> {
        await withCheckedContinuation { continuation in
            HelperThreads.shared.run {
                continuation.resume(returning: Result { () throws(SNMPTrouble) in try look(agent, secrets) })
            }
        }
    }

    private static func look(_ agent: WatchedAgent, _ secrets: any SecretSource) throws(SNMPTrouble) -> AgentLookup {
        guard let reference = agent.snmp.community else {
            throw SNMPTrouble(
                .notAsked,
                "\(agent.subject) has no SNMP community, so its counters cannot be read; set snmp.community in the inventory"
            )
        }
        let community: Secret
        do throws(DriverError) {
            community = try secrets.resolve(reference)
        } catch {
            throw SNMPTrouble(.notAsked, "the SNMP community of \(agent.subject) is missing: \(error.message)")
        }
        return AgentLookup(endpoints: try endpoints(of: agent), community: community)
    }

    private static func endpoints(of agent: WatchedAgent) throws(SNMPTrouble) -> [Endpoint] {
        guard (1...65535).contains(agent.snmp.port) else {
            throw SNMPTrouble(.notAsked, "\(agent.snmp.port) is no UDP port; correct snmp.port of \(agent.subject)")
        }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
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

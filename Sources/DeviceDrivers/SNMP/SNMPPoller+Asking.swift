import RolloutEngine

/// One question to an agent, with all that v3 needs around it.
extension SNMPPoller {
    /// Encodes a request for an agent.
    func encode(_ request: SNMPRequest, _ record: AgentRecord) throws(SNMPTrouble) -> EncodedRequest {
        guard let contact = record.contact else { throw Self.stopped }
        guard let encoded = codec.encode(request, contact.envelope) else {
            throw SNMPTrouble(.notAsked, "the request cannot be written: is the SNMP community empty or very long?")
        }
        return encoded
    }

    /// Asks, and asks again where v3 has to find out who answers or what time it is there.
    ///
    /// - Parameter once: Whether to give up after one datagram.
    func ask(
        _ agent: WatchedAgent, _ record: AgentRecord, _ request: EncodedRequest, once: Bool = false
    ) async throws(SNMPTrouble) -> SNMPAnswer {
        var amends = 0
        while true {
            if let security = record.contact?.security, security.engine == nil {
                try await discover(security, agent, record)
            }
            let answer = try await send(agent, record, request, once: once)
            guard case .reported(let report, let isAuthentic) = answer, let security = record.contact?.security else {
                record.size.answered(request.valueCount ?? 1)
                return answer
            }
            amends += 1
            switch report {
            // The Report itself told the right time.
            case .notInTimeWindow where isAuthentic && amends == 1: continue
            // The device restarted without counting, or is another one.
            case .notInTimeWindow where amends <= 2, .unknownEngine where amends <= 2: security.forgetEngine()
            default:
                // A key may be corrected meanwhile.
                record.contact = nil
                throw SNMPTrouble(.agentError, report.words(agent.address, agent.snmp.user ?? ""))
            }
        }
    }

    /// Asks who is there: the id and clock of the agent's engine.
    private func discover(
        _ security: UserSecurity, _ agent: WatchedAgent, _ record: AgentRecord
    ) async throws(SNMPTrouble) {
        let answer = try await send(agent, record, encode(.get([]), record))
        guard security.engine == nil else { return }
        var words = "\(agent.address) answers, but does not say who it is: does it speak SNMP v3?"
        if case .reported(let report, _) = answer, report != .unknownEngine {
            words = report.words(agent.address, agent.snmp.user ?? "")
        }
        throw SNMPTrouble(.agentError, words)
    }

    private func send(
        _ agent: WatchedAgent, _ record: AgentRecord, _ request: EncodedRequest, once: Bool = false
    ) async throws(SNMPTrouble) -> SNMPAnswer {
        guard let contact = record.contact else { throw Self.stopped }
        let timeout = min(max(agent.snmp.timeout, .milliseconds(1)), .minutes(1))
        let tries = once ? 1 : min(max(agent.snmp.retries, 0), 10) + 1
        let sending = SNMPExchange.Sending(
            request: request, contact: contact, timeout: UInt64(timeout.milliseconds) * 1_000_000, tries: tries,
            anySource: agent.snmp.anySource == true)
        switch await exchange.perform(sending, due: see) {
        case .answered(let answer):
            record.silences = 0
            record.hasAnswered = true
            return answer
        case .silent:
            // A name may have moved, a secret changed, a namespace been made anew: look all of it up next time.
            record.contact = nil
            record.silences += 1
            if let count = request.valueCount, record.size.wasSilent(count) { record.requests = nil }
            let often = tries == 1 ? "asked once" : tries == 2 ? "asked twice" : "asked \(tries) times"
            throw SNMPTrouble(.timeout, "no answer from \(Self.place(agent)) within \(timeout), \(often)")
        case .refused(let error):
            record.contact = nil
            record.silences += 1
            throw SNMPTrouble(.notAsked, "cannot send to \(Self.place(agent)): \(Errno.text(error))")
        case .unwritable:
            record.contact = nil
            throw SNMPTrouble(
                .notAsked, "the request to \(Self.place(agent)) cannot be signed or hidden on this machine")
        case .stopped: throw Self.stopped
        }
    }

    private static func place(_ agent: WatchedAgent) -> String {
        agent.snmp.port == 161 ? agent.address : "\(agent.address) port \(agent.snmp.port)"
    }

    static func unexpected(_ agent: WatchedAgent) -> SNMPTrouble {
        SNMPTrouble(.agentError, "\(agent.address) answers other objects than it was asked for")
    }
}

import RolloutEngine

/// One reading of an agent: looking for what is watched where that is not known, and asking for all of it.
extension SNMPPoller {
    /// How long what was not found is not looked for again, in nanoseconds.
    private static let patience: UInt64 = 30_000_000_000
    /// How often it is looked whether a column has new instances, in nanoseconds.
    private static let instancePatience: UInt64 = 300_000_000_000
    /// More questions than any honest agent needs for one reading.
    private static let maximumQuestions = 400

    /// What is looked for.
    struct Search: OptionSet {
        let rawValue: Int
        static let interfaces = Search(rawValue: 1)
        static let instances = Search(rawValue: 2)
        static let all: Search = [.interfaces, .instances]
    }

    /// A reading, whole or with reasons for what is missing of it.
    func read(_ agent: WatchedAgent, _ record: AgentRecord) async throws(SNMPTrouble) -> CounterSample {
        guard !exchange.isStopped else { throw Self.stopped }
        if record.contact == nil {
            record.contact = try await contact(agent, record)
            // They carry the community.
            record.requests = nil
        }
        var searched = Self.due(record)
        if !searched.isEmpty { try await search(for: searched, agent, record) }
        while true {
            let plan = record.plan ?? ReadingPlan(agent)
            let reading = try await poll(agent, record, plan)
            let missing = Self.due(record, after: reading).subtracting(searched)
            guard !missing.isEmpty else {
                record.remember(reading)
                return reading.sample(of: agent, at: now())
            }
            try await search(for: missing, agent, record, afterRestart: record.hasRestarted(before: reading))
            searched.formUnion(missing)
        }
    }

    /// What has to be looked for before anything is asked.
    private static func due(_ record: AgentRecord) -> Search {
        guard let plan = record.plan else { return .all }
        let now = Deadline.now().nanoseconds
        var search: Search = []
        if plan.interfaces.interfaces.contains(nil), now >= record.interfacesFoundAt + patience {
            search.insert(.interfaces)
        }
        if plan.watched.contains(where: \.isColumn), now >= record.instancesFoundAt + instancePatience {
            search.insert(.instances)
        }
        return search
    }

    /// What has to be looked for again before answers mean anything.
    private static func due(_ record: AgentRecord, after reading: AgentReading) -> Search {
        if record.hasRestarted(before: reading) || record.hasOtherTable(before: reading) { return .all }
        var search: Search = []
        if reading.contradictsInterfaces { search.insert(.interfaces) }
        if reading.contradictsInstances, Deadline.now().nanoseconds >= record.instancesFoundAt + patience {
            search.insert(.instances)
        }
        return search
    }

    /// Asks for every object of a reading.
    private func poll(
        _ agent: WatchedAgent, _ record: AgentRecord, _ plan: ReadingPlan
    ) async throws(SNMPTrouble) -> AgentReading {
        var reading = AgentReading(plan)
        var requests = try prepared(record, plan)
        var position = 0
        var questions = 0
        var isSecondTry = false
        while position < requests.count {
            questions += 1
            guard questions <= Self.maximumQuestions + requests.count else {
                throw SNMPTrouble(.agentError, "\(agent.address) answers with one error after the other")
            }
            let request = requests[position]
            let answer = try await ask(agent, record, request.encoded)
            switch answer {
            case .values(let values, let store):
                for (object, value) in zip(request.objects, values) { reading.take(object, value, store) }
                position += 1
                isSecondTry = false
            case .failed(status: 1, _):
                guard record.size.wasTooBig(request.objects.count) else {
                    throw SNMPTrouble(
                        .agentError, "\(agent.address) says that even \(request.objects.count) objects are too big")
                }
                // From the start, so that all objects are from the same moment.
                record.requests = nil
                requests = try prepared(record, plan)
                reading = AgentReading(plan)
                position = 0
            case .failed(status: 2, let index) where request.objects.indices.contains(index - 1):
                // noSuchName: how v1 says that there is no such object, and nothing of the others.
                var rest = request.objects
                rest.remove(at: index - 1)
                requests.replaceSubrange(
                    position...position, with: rest.isEmpty ? [] : [try prepare(rest, record, plan)])
                record.requests = requests
            case .failed where !isSecondTry:
                // It may be a passing fault.
                isSecondTry = true
            case .failed(let status, let index):
                // If not, the object that it blames is asked for by itself, or else the request in halves. That is kept for
                // the next reading, so that reading by reading less is lost, and nothing is lost once the fault has passed.
                isSecondTry = false
                if let parts = RequestPacker.isolating(index - 1, in: request.objects)
                    ?? RequestPacker.halves(of: request.objects)
                {
                    requests.replaceSubrange(
                        position...position,
                        with: try parts.map { part throws(SNMPTrouble) in try prepare(part, record, plan) })
                    record.requests = requests
                } else {
                    reading.fail(request.objects, status: status)
                    position += 1
                }
            case .rows, .unexpected, .reported: throw Self.unexpected(agent)
            }
        }
        return reading
    }

    private func prepared(
        _ record: AgentRecord, _ plan: ReadingPlan
    ) throws(SNMPTrouble) -> [AgentRecord.PreparedRequest] {
        if let requests = record.requests { return requests }
        let requests = try plan.requests(maximum: record.size.maximum).map { objects throws(SNMPTrouble) in
            try prepare(objects, record, plan)
        }
        record.requests = requests
        return requests
    }

    private func prepare(
        _ objects: [PolledObject], _ record: AgentRecord, _ plan: ReadingPlan
    ) throws(SNMPTrouble) -> AgentRecord.PreparedRequest {
        // A copy is without the room that appending left, which counts where agents are many.
        AgentRecord.PreparedRequest(
            objects: objects.map(\.self), encoded: try encode(.get(objects.compactMap(plan.identifier)), record))
    }
}

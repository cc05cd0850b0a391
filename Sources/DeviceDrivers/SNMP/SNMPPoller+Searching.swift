import RolloutEngine

/// Finding the rows of interfaces and the instances of columns.
extension SNMPPoller {
    /// How long a walk through one column of an agent may take, in nanoseconds.
    private static let walkLimit: UInt64 = 15_000_000_000

    /// Looks for rows and instances, and remembers them.
    ///
    /// - Parameter afterRestart: Whether the numbers that were known may mean something else now.
    func search(
        for what: Search, _ agent: WatchedAgent, _ record: AgentRecord, afterRestart: Bool = false
    ) async throws(SNMPTrouble) {
        var plan = record.plan ?? ReadingPlan(agent)
        if what.contains(.interfaces) {
            plan.interfaces = try await findInterfaces(plan.keys, agent, record)
        }
        if what.contains(.instances) {
            plan.objects = try await findInstances(afterRestart ? nil : plan.objects, agent, record)
        }
        record.place(plan, after: what)
    }

    /// Looks for interfaces by ifName, by ifDescr those that have no such ifName, and by ifAlias those that are told by it.
    private func findInterfaces(
        _ keys: [InterfaceKey], _ agent: WatchedAgent, _ record: AgentRecord
    ) async throws(SNMPTrouble) -> InterfaceMap {
        var map = InterfaceMap(count: keys.count)
        for column in [NameColumn.name, .description, .alias] {
            let wanted = keys.indices.filter {
                keys[$0].isAlias == (column == .alias) && map.interfaces[$0] == nil && map.troubles[$0] == nil
            }
            guard !wanted.isEmpty else { continue }
            // An ifName is meant to be unique; the others are what somebody wrote.
            var walk = NameWalk(column.object, wanted: wanted.map { keys[$0] }, mustBeUnique: column != .name)
            let brokenOff = try await finish(walk: { walk.walk.position }, agent, record) { rows, store in
                walk.take(rows, store)
            }
            for slot in wanted {
                let name = keys[slot].written
                if walk.ambiguous.contains(name) {
                    map.troubles[slot] = "several interfaces have this \(column.word)"
                } else if let index = walk.rows[name] {
                    map.interfaces[slot] = InterfaceMap.Place(
                        index: index, names: column, width: agent.snmp.spoken == .v1 ? .bits32 : .undecided)
                } else {
                    map.troubles[slot] = brokenOff
                }
            }
        }
        return map
    }

    /// Looks for the instances of watched columns.
    private func findInstances(
        _ before: ObjectMap?, _ agent: WatchedAgent, _ record: AgentRecord
    ) async throws(SNMPTrouble) -> ObjectMap {
        var map = ObjectMap(agent.objects)
        for (place, object) in agent.objects.enumerated() where object.isColumn {
            var walk = InstanceWalk(ObjectID(object.number.map(UInt.init)))
            let brokenOff = try await finish(walk: { walk.walk.position }, agent, record) { rows, _ in walk.take(rows) }
            map.set(walk.instances, of: place, trouble: brokenOff, keeping: before)
        }
        return map
    }

    /// Walks to the end; says why when it had to be broken off.
    private func finish(
        walk position: () -> ObjectID, _ agent: WatchedAgent, _ record: AgentRecord,
        take: ([SNMPAnswer.Row], OctetStore) -> ColumnWalk.Step
    ) async throws(SNMPTrouble) -> String? {
        let limit = Deadline.now().nanoseconds + Self.walkLimit
        while true {
            switch try await askForRows(after: position(), agent, record) {
            case .rows(let rows, let store):
                switch take(rows, store) {
                case .finished: return nil
                case .brokenOff(let why): return why
                case .goOn: break
                }
            // How v1 says that nothing follows.
            case .failed(status: 2, _): return nil
            case .failed(let status, _):
                guard !record.usesNext else { return "the agent answers error \(status) when asked for its table" }
                // Some cannot answer so many rows at once, and some no such question at all.
                if record.repetitions > 1, status == 1 { record.repetitions /= 2 } else { record.usesNext = true }
            case .values, .unexpected, .reported: throw Self.unexpected(agent)
            }
            guard Deadline.now().nanoseconds < limit else {
                return "the agent's table could not be read within \(Self.walkLimit / 1_000_000_000)s"
            }
        }
    }

    private func askForRows(
        after position: ObjectID, _ agent: WatchedAgent, _ record: AgentRecord
    ) async throws(SNMPTrouble) -> SNMPAnswer {
        let next = SNMPRequest.next(after: position)
        guard !record.usesNext, agent.snmp.spoken != .v1 else {
            record.usesNext = true
            return try await ask(agent, record, encode(next, record))
        }
        let contact = record.contact
        do throws(SNMPTrouble) {
            let bulk = SNMPRequest.bulk(after: position, repetitions: record.repetitions)
            return try await ask(agent, record, encode(bulk, record))
        } catch  where error.reason.code == .timeout && (record.hasAnswered || record.silences > 1) {
            // Some agents never answer a bulk; most that are silent are just silent.
            record.contact = contact
            let silences = record.silences
            do throws(SNMPTrouble) {
                let answer = try await ask(agent, record, encode(next, record), once: true)
                record.usesNext = true
                return answer
            } catch _ where record.silences > silences {
                record.silences = silences
            }
            throw error
        }
    }
}

import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("SNMP interfaces", .timeLimit(.minutes(10)))
struct SNMPInterfaceTests {
    @Test("an interface that moved to another row is found again before its counters are read")
    func renumbered() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        _ = await source.sample(agent.watched())
        agent.change { table in
            table.removeInterface(at: 1)
            table.removeInterface(at: 2)
            table.addInterface("eth1", at: 1)
            table.addInterface("eth0", at: 9)
        }
        let sample = await source.sample(agent.watched())
        #expect(sample.interfaces.map(\.index) == [9, 1])
        #expect(sample.interfaces.map(\.inErrors) == [.bits32(9014), .bits32(1014)])
    }

    @Test("an interface that keeps moving is unknown, never another's counters")
    func restless() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in
            var answer = table.answer(to: request)
            guard request.kind == .get else { return [.answer(answer)] }
            for index in answer.bindings.indices where answer.bindings[index].object == AgentTable.ifXTable(1, 1) {
                answer.bindings[index].value = .text("somebody-else")
            }
            return [.answer(answer)]
        }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched())
        #expect(sample.interfaces.first?.unknown?.code == .renumbered)
        #expect(sample.interfaces.first?.inOctets == nil)
        #expect(sample.interfaces.last?.inOctets == .bits64(1 << 60 + 2006))
    }

    @Test("an interface that the agent does not have is absent; the others are read")
    func absent() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(["eth0", "eth7"]))
        #expect(sample.unknown == nil)
        #expect(sample.interfaces.first?.unknown == nil)
        #expect(sample.interfaces.last?.unknown == UnknownReason(.absent, "127.0.0.1 has no interface 'eth7'"))
        #expect(sample.interfaces.last?.inOctets == nil)
    }

    @Test("an interface that vanishes is absent from then on")
    func vanished() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        _ = await source.sample(agent.watched())
        agent.change { $0.removeInterface(at: 2) }
        let sample = await source.sample(agent.watched())
        #expect(sample.interfaces.last?.unknown?.code == .absent)
        #expect(sample.interfaces.first?.inErrors == .bits32(1014))
    }

    @Test("rows beyond 2^31 are rows like any other", arguments: [1 << 31, 4_194_316_032, UInt32.max])
    func largeRow(_ index: UInt32) async throws {
        var table = AgentTable(interfaces: [])
        table.addInterface("eth0", at: index)
        let agent = try ScriptedAgent(table)
        defer { agent.stop() }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(["eth0"]))
        #expect(sample.interfaces.first?.index == index)
        #expect(sample.interfaces.first?.inOctets == .bits64(1 << 60 + UInt64(index) * 1000 + 6))
    }

    @Test("the width of counters is decided for each interface")
    func mixedWidth() async throws {
        var table = AgentTable(interfaces: ["wide"])
        table.addInterface("narrow", at: 2, has64Bits: false)
        let agent = try ScriptedAgent(table)
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        for _ in 0..<2 {
            let sample = await source.sample(agent.watched(["narrow", "wide"]))
            #expect(sample.interfaces.first?.inOctets == .bits32(2006))
            #expect(sample.interfaces.first?.outOctets == .bits32(2010))
            #expect(sample.interfaces.last?.inOctets == .bits64(1 << 60 + 1006))
        }
    }

    @Test("64-bit counters that stand still while their 32-bit twins count are not believed")
    func deadWideCounters() async throws {
        let agent = try ScriptedAgent(AgentTable(interfaces: ["eth0"]))
        defer { agent.stop() }
        agent.change { $0.objects[AgentTable.ifXTable(6, 1)] = .counter64(0) }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(["eth0"]))
        #expect(sample.interfaces.first?.inOctets == .bits32(1006))
        #expect(sample.interfaces.first?.outOctets == .bits32(1010))
    }

    @Test("an idle interface is undecided until it counts")
    func idle() async throws {
        let agent = try ScriptedAgent(AgentTable(interfaces: ["eth0"]))
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        agent.change { table in
            for column: UInt32 in [6, 10] { table.objects[AgentTable.ifXTable(column, 1)] = .counter64(0) }
            for column: UInt32 in [10, 16] { table.objects[AgentTable.ifTable(column, 1)] = .counter32(0) }
        }
        #expect(await source.sample(agent.watched(["eth0"])).interfaces.first?.inOctets == .bits64(0))
        agent.change { $0.objects[AgentTable.ifTable(10, 1)] = .counter32(77) }
        #expect(await source.sample(agent.watched(["eth0"])).interfaces.first?.inOctets == .bits32(77))
    }

    @Test("after a restart or a change of the table, interfaces are looked for again")
    func looksAgain() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        _ = await source.sample(agent.watched())
        #expect(agent.bulks.count == 1)
        agent.change { $0.objects[AgentTable.uptime] = .timeTicks(100) }
        #expect(await source.sample(agent.watched()).uptime == 100)
        #expect(agent.bulks.count == 2)
        agent.change { $0.objects[AgentTable.tableLastChange] = .timeTicks(99) }
        _ = await source.sample(agent.watched())
        #expect(agent.bulks.count == 3)
        _ = await source.sample(agent.watched())
        #expect(agent.bulks.count == 3)
    }

    @Test("an agent without ifName is asked by ifDescr")
    func byDescription() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.change { table in for index: UInt32 in [1, 2] { table.objects[AgentTable.ifXTable(1, index)] = nil } }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(["descr-eth1"]))
        #expect(sample.interfaces.first?.index == 2)
        #expect(sample.interfaces.first?.inErrors == .bits32(2014))
    }

    @Test("a table that goes in circles ends the search, and what was not found may exist")
    func circles() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in
            guard request.kind == .bulk else { return ScriptedAgent.honest(request, table) }
            var answer = WireMessage(requestID: request.requestID)
            answer.bindings = [1, 2, 3].map {
                .init(object: AgentTable.nameColumn + [$0], value: .text("eth\($0 - 1)"))
            }
            return [.answer(answer)]
        }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(["eth0", "eth9"]))
        #expect(sample.interfaces.first?.inErrors == .bits32(1014))
        #expect(sample.interfaces.last?.unknown?.code == .agentError)
        #expect(agent.bulks.count == 2)
    }

    @Test("a table without end ends the search")
    func endless() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in
            guard request.kind == .bulk, let last = request.bindings.first?.object.last else {
                return ScriptedAgent.honest(request, table)
            }
            let start = request.bindings.first?.object.count == AgentTable.nameColumn.count ? 0 : last
            var answer = WireMessage(requestID: request.requestID)
            answer.bindings = (1...250).map { .init(object: AgentTable.nameColumn + [start + $0], value: .text("x")) }
            return [.answer(answer)]
        }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(["eth0"]))
        #expect(sample.interfaces.first?.unknown?.code == .agentError)
        #expect(agent.bulks.count <= NameWalk.maximumRows / 250 + 1)
    }

    @Test("an agent that refuses many rows at once is asked for fewer")
    func fewRows() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in
            guard request.kind == .bulk, request.errorIndex > 2 else { return ScriptedAgent.honest(request, table) }
            return [.answer(WireMessage(requestID: request.requestID, errorStatus: 1))]
        }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched())
        #expect(sample.interfaces.map(\.index) == [1, 2])
    }
}

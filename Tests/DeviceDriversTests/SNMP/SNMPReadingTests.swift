import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("SNMP readings", .timeLimit(.minutes(10)))
struct SNMPReadingTests {
    @Test("a reading carries every counter exactly, with the agent's own time")
    func everything() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(["eth1", "eth0"]))
        var expected = CounterSample(
            subject: .device("sw-1"), at: Instant(milliseconds: 1_700_000_000_000), uptime: 4_000_000, engineBoots: 7,
            engineTime: 40_000, ipOutDiscards: 7800)
        expected.interfaces = [
            InterfaceReading(
                name: "eth1", index: 2, inOctets: .bits64(1 << 60 + 2006), outOctets: .bits64(1 << 60 + 2010),
                inErrors: .bits32(2014), outErrors: .bits32(2020), inDiscards: .bits32(2013),
                outDiscards: .bits32(2019), operStatus: 1, highSpeed: 10_000, discontinuity: 5),
            InterfaceReading(
                name: "eth0", index: 1, inOctets: .bits64(1 << 60 + 1006), outOctets: .bits64(1 << 60 + 1010),
                inErrors: .bits32(1014), outErrors: .bits32(1020), inDiscards: .bits32(1013),
                outDiscards: .bits32(1019), operStatus: 1, highSpeed: 10_000, discontinuity: 5),
        ]
        #expect(sample == expected)
    }

    @Test("ifLastChange is asked for where changes between two readings matter, and only there")
    func lastChange() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.change { $0.objects[AgentTable.ifTable(9, 1)] = .timeTicks(3_999_000) }
        let source = SNMPCounterSource.forTests()
        var watched = agent.watched(["eth0"])
        #expect(await source.sample(watched).interfaces.first?.lastChange == nil)
        watched.seesFlaps = true
        #expect(await source.sample(watched).interfaces.first?.lastChange == 3_999_000)
    }

    @Test("the largest values arrive unharmed")
    func extremes() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.change {
            $0.objects[AgentTable.ifXTable(6, 1)] = .counter64(.max)
            $0.objects[AgentTable.ifXTable(10, 1)] = .counter64(1 << 53 + 1)
            $0.objects[AgentTable.ifTable(14, 1)] = .counter32(.max)
            $0.objects[AgentTable.uptime] = .timeTicks(.max)
        }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(["eth0"]))
        #expect(sample.uptime == .max)
        #expect(sample.interfaces.first?.inOctets == .bits64(.max))
        #expect(sample.interfaces.first?.outOctets == .bits64(1 << 53 + 1))
        #expect(sample.interfaces.first?.inErrors == .bits32(.max))
    }

    @Test("once an agent is known, a reading is one request, and the width is no longer asked for")
    func oneRequest() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        _ = await source.sample(agent.watched())
        let before = agent.requests.count
        _ = await source.sample(agent.watched())
        #expect(agent.requests.count == before + 1)
        #expect(agent.requests.last?.bindings.count == 5 + 2 * 10)
    }

    @Test(
        "an object that the agent does not have is absent, and all others stay",
        arguments: [
            WireValue.noSuchObject, .noSuchInstance, .endOfView, .null, .octets([1, 2, 3]), .gauge32(5), .integer(5),
        ])
    func absentObject(_ value: WireValue) async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.change {
            $0.objects[AgentTable.ifTable(19, 1)] = value
            $0.objects[AgentTable.ipOutDiscards] = value
            $0.objects[AgentTable.engineBoots] = nil
        }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(["eth0"]))
        #expect(sample.unknown == nil)
        #expect(sample.ipOutDiscards == nil)
        #expect(sample.engineBoots == nil)
        #expect(sample.engineTime == 40_000)
        #expect(sample.interfaces.first?.outDiscards == nil)
        #expect(sample.interfaces.first?.inDiscards == .bits32(1013))
        #expect(sample.interfaces.first?.unknown == nil)
    }

    @Test("an agent that says tooBig is asked for less, also next time")
    func tooBig() async throws {
        let names = (0..<5).map { "eth\($0)" }
        let agent = try ScriptedAgent(AgentTable(interfaces: names))
        defer { agent.stop() }
        agent.follow { request, table in
            guard request.kind == .get, request.bindings.count > 14 else { return ScriptedAgent.honest(request, table) }
            return [.answer(WireMessage(requestID: request.requestID, errorStatus: 1))]
        }
        let source = SNMPCounterSource.forTests()
        let first = await source.sample(agent.watched(names))
        #expect(first.interfaces.map(\.name) == names)
        #expect(first.interfaces.allSatisfy { $0.unknown == nil && $0.inOctets != nil && $0.discontinuity == 5 })
        let before = agent.gets.count
        let second = await source.sample(agent.watched(names))
        #expect(second.interfaces == first.interfaces)
        let later = agent.gets.dropFirst(before)
        #expect(later.allSatisfy { $0.bindings.count <= 14 })
        #expect(later.allSatisfy { $0.bindings.first?.object == AgentTable.uptime })
    }

    @Test("an agent that cannot even answer three objects is an agent with an error")
    func hopelesslyTooBig() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in
            guard request.kind == .get else { return ScriptedAgent.honest(request, table) }
            return [.answer(WireMessage(requestID: request.requestID, errorStatus: 1))]
        }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched())
        #expect(sample.unknown?.code == .agentError)
        #expect(sample.interfaces.isEmpty)
    }

    @Test("one object that fails costs less from reading to reading, and nothing is made up for it")
    func generalError() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in
            guard request.bindings.contains(where: { $0.object == AgentTable.ifTable(14, 1) }) else {
                return ScriptedAgent.honest(request, table)
            }
            return [.answer(WireMessage(requestID: request.requestID, errorStatus: 5, errorIndex: 1))]
        }
        let source = SNMPCounterSource.forTests()
        var sample = await source.sample(agent.watched())
        #expect(sample.unknown == nil)
        #expect(sample.interfaces.last?.inOctets == .bits64(1 << 60 + 2006))
        for _ in 0..<10 { sample = await source.sample(agent.watched()) }
        let eth0 = try #require(sample.interfaces.first)
        #expect(eth0.inErrors == nil)
        #expect(eth0.inOctets == .bits64(1 << 60 + 1006))
        #expect(eth0.outErrors == .bits32(1020))
        #expect(sample.uptime == 4_000_000)
    }

    @Test("a passing fault of the agent is asked over")
    func passingError() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        let first = await source.sample(agent.watched())
        let known = agent.gets.count
        agent.follow { [weak agent] request, table in
            guard agent?.gets.count == known + 1 else { return ScriptedAgent.honest(request, table) }
            return [.answer(WireMessage(requestID: request.requestID, errorStatus: 5))]
        }
        #expect(await source.sample(agent.watched()) == first)
        #expect(agent.gets.count == known + 2)
    }

    @Test("an agent that restarts between two requests of one reading gives no reading")
    func restartWithinReading() async throws {
        let names = (0..<12).map { "eth\($0)" }
        let agent = try ScriptedAgent(AgentTable(interfaces: names))
        defer { agent.stop() }
        agent.follow { [weak agent] request, table in
            var table = table
            table.objects[AgentTable.uptime] = .timeTicks(UInt32(1000 - (agent?.gets.count ?? 0)))
            return ScriptedAgent.honest(request, table)
        }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(names))
        #expect(sample.unknown?.code == .restart)
        #expect(sample.interfaces.isEmpty)
    }
}

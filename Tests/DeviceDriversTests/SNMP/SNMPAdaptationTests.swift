import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("SNMP adaptation", .timeLimit(.minutes(10)))
struct SNMPAdaptationTests {
    @Test("an agent that answers a bulk with an error is walked row by row from then on")
    func refusesBulk() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in
            guard request.kind == .bulk else { return ScriptedAgent.honest(request, table) }
            return [.answer(WireMessage(requestID: request.requestID, errorStatus: 5))]
        }
        let source = SNMPCounterSource.forTests()
        #expect(await source.sample(agent.watched()).interfaces.map(\.index) == [1, 2])
        let bulks = agent.bulks.count
        agent.change { $0.objects[AgentTable.tableLastChange] = .timeTicks(99) }
        #expect(await source.sample(agent.watched()).interfaces.map(\.index) == [1, 2])
        #expect(agent.bulks.count == bulks)
    }

    @Test("an agent that never answers a bulk is read at the second poll")
    func silentToBulk() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in request.kind == .bulk ? [] : ScriptedAgent.honest(request, table) }
        let source = SNMPCounterSource.forTests()
        let watched = agent.watched(timeout: .milliseconds(60))
        #expect(await source.sample(watched).unknown?.code == .timeout)
        #expect(await source.sample(watched).interfaces.map(\.index) == [1, 2])
        #expect(await source.sample(watched).unknown == nil)
    }

    @Test("an agent whose large answers are lost is asked for less, reading by reading")
    func losesLargeAnswers() async throws {
        let names = (0..<5).map { "eth\($0)" }
        let agent = try ScriptedAgent(AgentTable(interfaces: names))
        defer { agent.stop() }
        agent.follow { request, table in
            request.kind == .get && request.bindings.count > 20 ? [] : ScriptedAgent.honest(request, table)
        }
        let source = SNMPCounterSource.forTests()
        let watched = agent.watched(names, timeout: .milliseconds(60), retries: 0)
        var unknown = 0
        for _ in 0..<3 { unknown += await source.sample(watched).unknown == nil ? 0 : 1 }
        #expect(unknown == 2)
        for _ in 0..<8 { #expect(await source.sample(watched).interfaces.allSatisfy { $0.unknown == nil }) }
    }

    @Test("an object that the agent blames is asked for by itself, and counts again once it answers")
    func blamed() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        let bad = AgentTable.ifTable(14, 1)
        let faulty: ScriptedAgent.Script = { request, table in
            guard let place = request.bindings.firstIndex(where: { $0.object == bad }) else {
                return ScriptedAgent.honest(request, table)
            }
            return [.answer(WireMessage(requestID: request.requestID, errorStatus: 5, errorIndex: place + 1))]
        }
        let source = SNMPCounterSource.forTests()
        let whole = await source.sample(agent.watched())
        agent.follow(faulty)
        for _ in 0..<3 {
            let sample = await source.sample(agent.watched())
            #expect(sample.interfaces.first?.inErrors == nil)
            #expect(sample.interfaces.first?.outErrors == .bits32(1020))
            #expect(sample.interfaces.last == whole.interfaces.last)
        }
        agent.follow(ScriptedAgent.honest)
        #expect(await source.sample(agent.watched()) == whole)
    }

    @Test("an agent that blames everything in turn is an agent with an error, and soon")
    func blamesEverything() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in
            guard request.kind == .get else { return ScriptedAgent.honest(request, table) }
            return [
                .answer(
                    WireMessage(
                        requestID: request.requestID, errorStatus: 5, errorIndex: request.bindings.count))
            ]
        }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched())
        #expect(sample.interfaces.allSatisfy { $0.unknown?.code == .agentError })
        #expect(agent.requests.count < 500)
    }

    @Test("an interface is found by the text that operators gave it, and followed when its row moves")
    func byAlias() async throws {
        var table = AgentTable()
        table.objects[AgentTable.ifXTable(18, 1)] = .text("uplink to core")
        table.objects[AgentTable.ifXTable(18, 2)] = .text("customer 7")
        let agent = try ScriptedAgent(table)
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        let watched = agent.watched(["alias:uplink to core", "eth1"])
        let first = await source.sample(watched)
        #expect(first.interfaces.map(\.index) == [1, 2])
        #expect(first.interfaces.map(\.name) == ["alias:uplink to core", "eth1"])
        agent.change {
            $0.objects[AgentTable.ifXTable(18, 1)] = .text("spare")
            $0.objects[AgentTable.ifXTable(18, 2)] = .text("uplink to core")
        }
        #expect(await source.sample(watched).interfaces.map(\.index) == [2, 2])
        agent.change { $0.objects[AgentTable.ifXTable(18, 1)] = .text("uplink to core") }
        let fresh = await SNMPCounterSource.forTests().sample(watched)
        #expect(fresh.interfaces.first?.unknown?.detail.contains("several interfaces have this ifAlias") == true)
        #expect(fresh.interfaces.last?.unknown == nil)
    }

    @Test("an interface is found by its ifDescr where that is what people call it")
    func byDescriptionBesideNames() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(["descr-eth1", "eth0"]))
        #expect(sample.interfaces.map(\.index) == [2, 1])
        #expect(sample.interfaces.map(\.name) == ["descr-eth1", "eth0"])
    }

    @Test("names that an agent fills with blanks or zeros are the names", arguments: ["eth0   ", "eth0\0\0"])
    func padded(_ name: String) async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.change { $0.objects[AgentTable.ifXTable(1, 1)] = .text(name) }
        let source = SNMPCounterSource.forTests()
        for _ in 0..<2 { #expect(await source.sample(agent.watched(["eth0"])).interfaces.first?.index == 1) }
    }

    @Test("an answer from another address counts where the inventory says so, and only there")
    func anySource() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in [.fromElsewhere(table.answer(to: request))] }
        var watched = agent.watched(timeout: .milliseconds(60))
        #expect(await SNMPCounterSource.forTests().sample(watched).unknown?.code == .timeout)
        watched.snmp.anySource = true
        #expect(await SNMPCounterSource.forTests().sample(watched).interfaces.map(\.index) == [1, 2])
    }

    @Test("the size of requests shrinks to what an agent can answer, and grows back")
    func size() {
        var size = RequestSize()
        #expect(size.maximum == 60)
        let canBeFewer = size.wasTooBig(60)
        #expect(canBeFewer)
        #expect(size.maximum == 30)
        for _ in 0..<20 { _ = size.readingSucceeded() }
        #expect(size.maximum == 30)

        // Silent from the start: it may be dead, or lose what is large.
        var silent = RequestSize()
        for _ in 0..<10 { _ = silent.wasSilent(silent.maximum) }
        #expect(silent.maximum == 8)
        for _ in 0..<20 {
            silent.answered(silent.maximum)
            _ = silent.readingSucceeded()
        }
        #expect(silent.maximum == 60)

        // Silent after it answered as much: it is not the size.
        var known = RequestSize()
        known.answered(60)
        let isBlamed = known.wasSilent(60)
        #expect(!isBlamed)
        #expect(known.maximum == 60)
    }
}

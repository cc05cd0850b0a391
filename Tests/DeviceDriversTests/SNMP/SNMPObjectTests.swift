import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("SNMP objects", .timeLimit(.minutes(10)))
struct SNMPObjectTests {
    private static let cpu = WatchedObject(
        name: "cpu", number: [1, 3, 6, 1, 4, 1, 99, 1, 0], isColumn: false, kind: .gauge, unit: "%")
    private static let peers = WatchedObject(
        name: "bgp", number: [1, 3, 6, 1, 2, 1, 15, 3, 1, 2], isColumn: true, kind: .state)
    private static let drops = WatchedObject(
        name: "drops", number: [1, 3, 6, 1, 4, 1, 9, 9, 166, 15, 1, 14], isColumn: true, kind: .counter,
        unit: "packets")

    private func agent() throws -> ScriptedAgent {
        var table = AgentTable()
        table.objects[Self.cpu.number] = .gauge32(42)
        table.objects[Self.peers.number + [192, 0, 2, 1]] = .integer(6)
        table.objects[Self.peers.number + [198, 51, 100, 7]] = .integer(1)
        table.objects[Self.drops.number + [18, 4_194_316_032]] = .counter64(1 << 53 + 1)
        table.objects[Self.drops.number + [18, 2]] = .counter32(9)
        return try ScriptedAgent(table)
    }

    @Test("what is watched beside interfaces comes in the order asked, with every instance, in the same request")
    func everything() async throws {
        let agent = try agent()
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        let watched = agent.watched(objects: [Self.drops, Self.cpu, Self.peers])
        let sample = await source.sample(watched)
        #expect(
            sample.objects == [
                ObjectReading(name: "drops", instance: "18.2", value: .counter(.bits32(9))),
                ObjectReading(name: "drops", instance: "18.4194316032", value: .counter(.bits64(1 << 53 + 1))),
                ObjectReading(name: "cpu", value: .level(42)),
                ObjectReading(name: "bgp", instance: "192.0.2.1", value: .state(6)),
                ObjectReading(name: "bgp", instance: "198.51.100.7", value: .state(1)),
            ])
        let before = agent.requests.count
        #expect(await source.sample(watched) == sample)
        #expect(agent.requests.count == before + 1)
    }

    @Test("an instance that vanishes is absent from then on, not forgotten; after a restart it is")
    func vanished() async throws {
        let agent = try agent()
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        let watched = agent.watched(objects: [Self.peers])
        _ = await source.sample(watched)
        agent.change {
            $0.objects[Self.peers.number + [192, 0, 2, 1]] = nil
            $0.objects[AgentTable.tableLastChange] = .timeTicks(77)
        }
        for _ in 0..<2 {
            let objects = await source.sample(watched).objects
            #expect(objects.map(\.instance) == ["192.0.2.1", "198.51.100.7"])
            #expect(objects.first?.unknown?.code == .absent)
            #expect(objects.last?.value == .state(1))
        }
        agent.change { $0.objects[AgentTable.uptime] = .timeTicks(5) }
        #expect(await source.sample(watched).objects.map(\.instance) == ["198.51.100.7"])
    }

    @Test("instances that appear are found when the agent says that its tables changed")
    func appeared() async throws {
        let agent = try agent()
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        let watched = agent.watched(objects: [Self.peers])
        _ = await source.sample(watched)
        agent.change {
            $0.objects[Self.peers.number + [203, 0, 113, 9]] = .integer(3)
            $0.objects[AgentTable.tableLastChange] = .timeTicks(78)
        }
        let values = await source.sample(watched).objects.map(\.value)
        #expect(values == [ObjectReading.Value.state(6), .state(1), .state(3)])
    }

    @Test(
        "a value of another type than the object's is a reason, never a number",
        arguments: [
            (WatchedObject.Kind.counter, WireValue.gauge32(5)), (.counter, .integer(5)), (.gauge, .counter32(5)),
            (.gauge, .counter64(5)), (.gauge, .text("5 degrees")), (.gauge, .text("nan")), (.state, .text("1")),
            (.state, .counter32(1)),
        ])
    func wrongType(_ kind: WatchedObject.Kind, _ value: WireValue) async throws {
        let agent = try agent()
        defer { agent.stop() }
        agent.change { $0.objects[Self.cpu.number] = value }
        var object = Self.cpu
        object.kind = kind
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(objects: [object]))
        let reading = try #require(sample.objects.first)
        #expect(reading.value == nil)
        #expect(reading.unknown?.code == .agentError)
    }

    @Test(
        "levels are numbers however the agent writes them",
        arguments: [
            (WireValue.integer(-7), -7.0), (.gauge32(.max), 4_294_967_295), (.text("0.15 "), 0.15), (.text("-3"), -3),
        ])
    func levels(_ value: WireValue, _ level: Double) async throws {
        let agent = try agent()
        defer { agent.stop() }
        agent.change { $0.objects[Self.cpu.number] = value }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(objects: [Self.cpu]))
        #expect(sample.objects.first?.value == .level(level))
    }

    @Test("what the agent does not have is absent, single or a whole column")
    func absent() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(objects: [Self.cpu, Self.drops]))
        #expect(sample.interfaces.allSatisfy { $0.unknown == nil })
        #expect(sample.objects.map(\.name) == ["cpu", "drops"])
        #expect(sample.objects.allSatisfy { $0.unknown?.code == .absent && $0.value == nil })
    }

    @Test("of a column without end the first instances are read, and it is said that there are more")
    func tooMany() async throws {
        let agent = try agent()
        defer { agent.stop() }
        let column = Self.drops.number
        agent.follow { request, table in
            guard request.kind == .bulk, let start = request.bindings.first?.object, start.starts(with: column) else {
                guard request.kind == .get else { return ScriptedAgent.honest(request, table) }
                var answer = table.answer(to: request)
                for index in answer.bindings.indices where answer.bindings[index].object.starts(with: column) {
                    answer.bindings[index].value = .counter32(1)
                }
                return [.answer(answer)]
            }
            let last = start.count == column.count ? 0 : start[start.count - 1]
            var answer = WireMessage(requestID: request.requestID)
            answer.bindings = (1...250).map { .init(object: column + [last + $0], value: .counter32(1)) }
            return [.answer(answer)]
        }
        let objects = await SNMPCounterSource.forTests().sample(agent.watched(objects: [Self.drops])).objects
        #expect(objects.count == ObjectMap.maximumInstances + 1)
        #expect(objects.last?.unknown?.detail.contains("more than 5000 rows") == true)
        #expect(objects.dropLast().allSatisfy { $0.value == .counter(.bits32(1)) })
    }
}

import Foundation
import Testing

@testable import RolloutEngine

@Suite("Policy files: gates beside the cautious ones")
struct GatePolicyTests {
    private func load(_ gates: String) throws -> (gates: [GateRule], complaints: [String]) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-gates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = """
            change: {name: c, shape: [{interface: e0, egress_rate: 5Mbit}]}
            policy:
              gates:
            \(gates.split(separator: "\n").map { "    - \($0)" }.joined(separator: "\n"))

            """
        try text.write(to: folder.appending(path: "change.yaml"), atomically: true, encoding: .utf8)
        do {
            return (try ChangeFile.load(folder.path + "/change.yaml").policy.gates, [])
        } catch {
            return ([], error.complaints.map { "\($0)".replacingOccurrences(of: folder.path + "/", with: "") })
        }
    }

    @Test("a kind alone has its usual limits")
    func usual() throws {
        for rule in GateRule.further { #expect(try load(rule.name.rawValue).gates == [rule]) }
    }

    @Test("limits, names, actions and patience are read")
    func limits() throws {
        let (gates, complaints) = try load(
            """
            {kind: cpu, maximum: 80, maximum_rise: 20%, on_fail: roll_back, optional: true}
            {kind: bgp, name: peers, flaps: 4, inconclusive_limit: 2, error_limit: 1, fail_limit: 3}
            {kind: object, name: routes6, oid: .1.3.6.1.2.1.4.24.6.0, type: gauge, unit: routes, maximum_fall: 100, minimum: 5}
            {kind: object, name: drops, oid: 1.3.6.1.4.1.9.9.166.1.15.1.1.14, column: true, type: counter, maximum_per_second: 9}
            {kind: object, name: power, oid: 1.3.6.1.4.1.9.9.13.1.5.1.3, column: true, type: state, stays: [1], may_be: [1, 5]}
            {kind: tc_drops, maximum_per_second: 1, every: 20s}
            {kind: utilisation, maximum: 90%, on_fail: pause}
            {kind: prometheus, name: latency, url: "http://p:9090", query: 'x{a="b"}', maximum: 0.5, every: 30s, token: "env:T"}
            {kind: http, name: portal, url: "https://portal/health", status: 204}
            {kind: http, name: queue, url: "http://mail/stats", value: /queue/length, maximum_rise: 10}
            {kind: sql, name: tickets, url: "env:DB", query: "SELECT count(*) FROM t", maximum: 3, timeout: 2s}
            {kind: command, name: loss, run: [/usr/bin/loss, "a b"], maximum: 1}
            """)
        #expect(complaints.isEmpty, "\(complaints)")
        guard gates.count == 12 else { return }
        guard case .object(let cpu) = gates[0].condition, case .object(let routes) = gates[2].condition,
            case .object(let drops) = gates[3].condition, case .object(let power) = gates[4].condition
        else {
            Issue.record("\(gates)")
            return
        }
        #expect(cpu.limits == ValueLimits(maximum: 80, maximumRise: .share(.percent(20))))
        #expect(cpu.isOptional && cpu.sources == ObjectCondition.cpu.sources && gates[0].onFail == .rollBack)
        #expect(gates[1].name == "peers" && gates[1].flaps == 4)
        #expect(gates[1].patience == GatePatience(inconclusive: 2, error: 1, fail: 3))
        #expect(routes.limits == ValueLimits(minimum: 5, maximumFall: .amount(100)))
        #expect(routes.sources.map(\.number) == [[1, 3, 6, 1, 2, 1, 4, 24, 6, 0]])
        #expect(drops.maximumPerSecond == 9 && drops.sources[0].isColumn)
        #expect(power.stays == [1] && power.mayBe == [1, 5])
        #expect(gates[5].condition == .tcDrops(maximumPerSecond: 1, every: .seconds(20)))
        #expect(gates[6].condition == .utilisation(maximum: .percent(90)))
        let latency = Probe(
            .prometheus(url: "http://p:9090", query: "x{a=\"b\"}"), every: .seconds(30), token: .environment("T"))
        #expect(gates[7].condition == .probe(latency, ValueLimits(maximum: 0.5)))
        let portal = Probe(.http(url: "https://portal/health", status: 204, pointer: nil))
        #expect(gates[8].condition == .probe(portal, ValueLimits(maximum: 204, minimum: 204)))
        let tickets = Probe(.sql(url: .environment("DB"), query: "SELECT count(*) FROM t"), timeout: .seconds(2))
        #expect(gates[10].condition == .probe(tickets, ValueLimits(maximum: 3)))
        #expect(gates[11].condition == .probe(Probe(.command(["/usr/bin/loss", "a b"])), ValueLimits(maximum: 1)))
    }

    @Test(
        "a mistake is named with line and column, and what was meant",
        arguments: [
            ("cpus", "4:7: a gate is 'cpus', expected a kind of gate: traffic, errors"),
            ("cpus", "did you mean 'cpu'?"),
            ("{kind: bpg}", "4:14: kind of a gate is 'bpg', expected a kind of gate"),
            ("object", "4:7: a gate of kind object needs to be told what to watch"),
            ("{kind: cpu, maximun: 5}", "4:19: unknown key 'maximun' in gate cpu (did you mean 'maximum'?)"),
            ("{kind: bgp, maximum: 5}", "4:19: unknown key 'maximum' in gate bgp"),
            ("{kind: cpu, flaps: 5}", "unknown key 'flaps' in gate cpu"),
            ("{kind: bgp, stays: []}", "the gate judges nothing (give it stays or may_be)"),
            ("{kind: bgp, stays: [up]}", "an item of stays is 'up', expected the number of a state"),
            ("{kind: bgp, fail_limit: -1}", "fail_limit of gate bgp is '-1', expected a number of times"),
            ("{kind: object, oid: 1.3, type: gauge, maximum: 1}", "a gate of kind object has no name"),
            ("{kind: object, name: x, oid: 1.3.x, type: gauge}", "oid of a gate is '1.3.x', expected a number such as"),
            ("{kind: object, name: x, oid: 1.3.4294967296, type: gauge}", "oid of a gate is"),
            ("{kind: object, name: x, oid: 1.3, type: gaug, maximum: 1}", "type of a gate is 'gaug', expected counter"),
            ("{kind: object, name: x, oid: 1.3, type: counter}", "judges nothing (give it maximum_per_second)"),
            ("{kind: cpu, maximum_rise: -5}", "maximum_rise of gate cpu is '-5', expected a number such as 20"),
            ("{kind: prometheus, name: x, query: q, maximum: 1}", "a gate has no url"),
            ("{kind: http, name: x, url: 'ftp://x/', status: 200}", "expected an address such as http://"),
            ("{kind: http, name: x, url: 'http://a:b@x/', status: 200}", "expected an address such as http://"),
            ("{kind: http, name: x, url: 'http://x/'}", "the gate judges nothing"),
            ("{kind: http, name: x, url: 'http://x/', value: /a}", "the gate judges nothing"),
            ("{kind: sql, name: x, url: 'postgres://u:p@h/d', query: q, maximum: 1}", "is written out, expected where"),
            ("{kind: command, name: x, run: loss, maximum: 1}", "run does not begin with the absolute path"),
            ("{kind: command, name: x, maximum: 1}", "has no run"),
            ("{kind: command, name: x, run: [/x], maximum: 1, timeout: 5m}", "timeout 5m is longer than 1m"),
            (
                "{kind: command, name: x, run: [/x], maximum: 1, every: 5m}",
                "gate x is read every 5m, and soak 10m is shorter"
            ),
            ("{kind: tc_drops, every: 3m}", "gate tc_drops is read every 3m, and soak 10m is shorter than 4 of that"),
        ])
    func mistakes(_ gate: String, _ expected: String) throws {
        let complaints = try load(gate).complaints
        #expect(complaints.contains { $0.contains(expected) }, "\(complaints)")
        #expect(!complaints.contains { $0.contains("u:p@") })
    }

    @Test("what the gates need is what is watched, under names that no two gates share")
    func watched() throws {
        var policy = Samples.policy()
        policy.gates = try load(
            "cpu\n{kind: cpu, name: cpu.2}\nbgp\ntc_drops\n{kind: command, name: loss, run: [/x], maximum: 1}"
        )
        .gates
        let names = policy.watchedObjects.map(\.name)
        #expect(names == ["cpu", "cpu 2", "cpu 3", "cpu.2", "cpu.2 2", "cpu.2 3", "bgp", "bgp 2", "bgp 3"])
        let plan = try Planner.plan(Samples.input([Samples.device("d1"), Samples.device("d2")], policy: policy))
        let agents = plan.watchedAgents
        #expect(
            agents.map(\.subject) == [
                .device("d1"), .device("d2"), .link("up-gra"), .queues("d1"), .queues("d2"), .probe("loss"),
            ])
        #expect(agents[0].objects == policy.watchedObjects && agents[2].objects.isEmpty)
        #expect(agents[3].every == .seconds(60) && agents[5].probe?.question == .command(["/x"]))
        policy.gates = []
        #expect(try Planner.plan(Samples.input([Samples.device("d1")], policy: policy)).watchedAgents.isEmpty)
        #expect(
            PlannedDevice(device: Samples.device("d1"), target: Samples.target()).shapedRates == [
                "eth0": BitsPerSecond(200_000_000)
            ])
    }
}

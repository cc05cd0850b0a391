import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("SNMP versions", .timeLimit(.minutes(10)))
struct SNMPVersionTests {
    @Test("v1: what is missing is left out, 32-bit counters are read, and the next reading is one request")
    func version1() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.change {
            $0.objects[AgentTable.ifTable(5, 1)] = .gauge32(1_544_000)
            $0.objects[AgentTable.ifXTable(15, 1)] = nil
            $0.objects[AgentTable.engineTime] = nil
        }
        var watched = agent.watched()
        watched.snmp.version = .v1
        let source = SNMPCounterSource.forTests()
        let sample = await source.sample(watched)
        #expect(sample.unknown == nil)
        #expect(sample.uptime == 4_000_000)
        #expect(sample.engineTime == nil)
        #expect(sample.interfaces.map(\.inOctets) == [.bits32(1006), .bits32(2006)])
        // ifSpeed, rounded up, where ifHighSpeed is missing.
        #expect(sample.interfaces.map(\.highSpeed) == [2, 10_000])
        #expect(agent.requests.allSatisfy { $0.version == 0 && ($0.kind == .get || $0.kind == .next) })
        let before = agent.requests.count
        #expect(await source.sample(watched) == sample)
        #expect(agent.requests.count == before + 1)
    }

    @Test("v3: the engine is discovered once, and then a reading is one message", arguments: [true, false])
    func version3(isSigning: Bool) async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.changeEngine { $0 = ScriptedEngine(isSigning: isSigning) }
        let source = SNMPCounterSource.forTests()
        let watched = agent.watchedByUser(auth: isSigning ? .sha256 : nil)
        for _ in 0..<2 {
            let sample = await source.sample(watched)
            #expect(sample.unknown == nil)
            #expect(sample.interfaces.map(\.inErrors) == [.bits32(1014), .bits32(2014)])
        }
        let before = agent.requests.count
        _ = await source.sample(watched)
        #expect(agent.requests.count == before + 1)
    }

    @Test("v3: a context is asked for, and one that the agent does not know is named")
    func context() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.changeEngine { $0 = ScriptedEngine(context: "vrf-red") }
        var watched = agent.watchedByUser()
        let refused = await SNMPCounterSource.forTests().sample(watched)
        #expect(refused.unknown?.detail.contains("correct snmp.context") == true)
        watched.snmp.context = "vrf-red"
        #expect(await SNMPCounterSource.forTests().sample(watched).unknown == nil)
    }

    @Test("v3: an agent that restarts, or whose clock leaps ahead, is read in the same poll")
    func timeWindow() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.changeEngine { $0 = ScriptedEngine() }
        let source = SNMPCounterSource.forTests()
        #expect(await source.sample(agent.watchedByUser()).unknown == nil)
        agent.changeEngine {
            $0?.boots += 1
            $0?.time = 3
        }
        #expect(await source.sample(agent.watchedByUser()).unknown == nil)
        agent.changeEngine { $0?.time = 5000 }
        #expect(await source.sample(agent.watchedByUser()).unknown == nil)
    }

    @Test("v3: a clock or a count of boots that went back is believed one poll later, after a new discovery")
    func forgottenBoots() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.changeEngine { $0 = ScriptedEngine() }
        let source = SNMPCounterSource.forTests()
        #expect(await source.sample(agent.watchedByUser()).unknown == nil)
        agent.changeEngine { $0?.boots = 1 }
        #expect(await source.sample(agent.watchedByUser()).unknown?.code == .timeout)
        #expect(await source.sample(agent.watchedByUser()).unknown == nil)
    }

    @Test("v3: a device that was replaced has another engine, and is read in the same poll")
    func replaced() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.changeEngine { $0 = ScriptedEngine() }
        let source = SNMPCounterSource.forTests()
        #expect(await source.sample(agent.watchedByUser()).unknown == nil)
        agent.changeEngine { $0?.id = [0x80, 0, 0x1f, 0x88, 4, 9, 9, 9] }
        #expect(await source.sample(agent.watchedByUser()).unknown == nil)
    }

    @Test("v3: two devices with one engine id and different clocks are both read, again and again")
    func clones() async throws {
        let agents = [try ScriptedAgent(), try ScriptedAgent()]
        defer { for agent in agents { agent.stop() } }
        agents[0].changeEngine { $0 = ScriptedEngine(boots: 900, time: 5) }
        agents[1].changeEngine { $0 = ScriptedEngine(boots: 2, time: 90_000) }
        let source = SNMPCounterSource.forTests()
        for _ in 0..<3 {
            for agent in agents { #expect(await source.sample(agent.watchedByUser()).unknown == nil) }
        }
    }

    @Test(
        "v3: each refusal is told in words",
        arguments: [
            ("unknown user", ScriptedEngine(user: "somebody"), "does not know the user 'rollout'"),
            ("wrong key", ScriptedEngine(password: "another password"), "correct snmp.auth or snmp.auth_key"),
            ("never in time", ScriptedEngine(neverInTime: true), "our time is not its time"),
        ])
    func refusals(_ what: String, _ engine: ScriptedEngine, _ words: String) async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.changeEngine { $0 = engine }
        let sample = await SNMPCounterSource.forTests().sample(agent.watchedByUser())
        #expect(sample.unknown?.code == .agentError)
        #expect(sample.unknown?.detail.contains(words) == true, "\(what): \(String(describing: sample.unknown))")
        // An agent that demands keys of a user who has none.
        guard what == "unknown user" else { return }
        agent.changeEngine { $0 = ScriptedEngine() }
        let bare = await SNMPCounterSource.forTests().sample(agent.watchedByUser(auth: nil))
        #expect(bare.unknown?.detail.contains("usmStatsUnsupportedSecLevels") == true)
    }

    @Test("v3: an answer that is not signed, or was changed on the way, is no answer")
    func forged() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.changeEngine { $0 = ScriptedEngine() }
        let source = SNMPCounterSource.forTests()
        #expect(await source.sample(agent.watchedByUser()).unknown == nil)
        agent.changeEngine { $0?.isSigning = false }
        #expect(await source.sample(agent.watchedByUser()).unknown?.code == .timeout)
        agent.changeEngine { $0?.isSigning = true }
        #expect(await source.sample(agent.watchedByUser()).unknown == nil)
    }

    @Test(
        "v3: what is missing of a user is said before anything is asked",
        arguments: [
            ("short", "has 5 characters, and SNMP v3 demands at least 8"), ("UNSET", "env:UNSET is not set"),
        ])
    func shortKey(_ name: String, _ words: String) async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        var watched = agent.watchedByUser()
        watched.snmp.authKey = .environment(name)
        let secrets = FixedSecrets(values: ["short": "short"])
        let sample = await SNMPCounterSource.forTests(secrets).sample(watched)
        #expect(sample.unknown?.code == .notAsked)
        #expect(sample.unknown?.detail.contains(words) == true, "\(String(describing: sample.unknown))")
        #expect(agent.requests.isEmpty)
    }
}

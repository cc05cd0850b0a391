import RolloutEngine
import Testing

@testable import RolloutSimulation

/// The real engine with the gates that watch more than interfaces.
@Suite("Runner: gates beside interfaces", .timeLimit(.minutes(10)))
struct GatedNightTests {
    /// Every gate that a policy can name, read as often as a night of minutes needs it.
    private static var every: [GateRule] {
        GateRule.further.map { rule in
            var rule = rule
            if case .tcDrops(let maximum, _) = rule.condition {
                rule.condition = .tcDrops(maximumPerSecond: maximum, every: .seconds(5))
            }
            return rule
        } + [
            GateRule(
                name: "latency", condition: .probe(Probe(.command(["/bin/latency"])), ValueLimits(maximum: 2)),
                onFail: .pause),
            GateRule(
                name: "portal",
                condition: .probe(
                    Probe(.http(url: "http://portal/", status: 200, pointer: nil), every: .seconds(10)),
                    ValueLimits(maximum: 200, minimum: 200)), onFail: .pause),
        ]
    }

    @Test("a good change passes every gate that there is")
    func good() async throws {
        let night = try await Night(gates: Self.every)
        let state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        for wave in night.plan.plan.waves {
            let verdicts = state[wave: wave.index].verdicts
            #expect(verdicts.map(\.gate) == Self.every.map(\.name))
            for verdict in verdicts where verdict.gate != "utilisation" {
                #expect(verdict.outcome == .pass, "\(verdict.gate): \(verdict.reason)")
            }
        }
    }

    @Test("a change that costs a BGP peer is put back, and the peer is named")
    func peer() async throws {
        let night = try await Night(gates: Self.every)
        let canary = try #require(night.plan.plan.waves.first?.devices.first)
        try night.fleet.inject(.peerDown, on: canary, whileChanged: true)
        let state = try await night.drive()
        #expect(state.ending == .rolledBack, "\(state.pauses)")
        let why = state.rollbacks.map(\.because).joined()
        #expect(why.contains("\(canary) bgp 192.0.2.2 (6 before, 2 now)"), "\(why)")
    }

    @Test("a peer that was down before the change is nobody's fault")
    func peerDownBefore() async throws {
        let night = try await Night(gates: Self.every)
        for device in night.devices { try night.fleet.inject(.peerDown, on: device) }
        #expect(try await night.drive().ending == .done)
    }

    @Test("a device whose session is gone makes what tc drops unknown, never a pass")
    func sessions() async throws {
        let rule = GateRule(
            name: "tc_drops", condition: .tcDrops(maximumPerSecond: 5, every: .seconds(5)), onFail: .pause)
        let night = try await Night(gates: [rule])
        let canary = try #require(night.plan.plan.waves.first?.devices.first)
        let lease = try await night.lease(holder: "test")
        let fleet = night.fleet
        let state = try await night.drive(under: lease) { entry in
            if case .soakStarted = entry.fact { try? fleet.inject(.unreachable, on: canary) }
        }
        #expect(state.ending == nil && state[wave: 0].passedAt == nil)
        #expect(state.pauses.map(\.reason.kind) == [.gateUnclear], "\(state.pauses)")
    }

    @Test("an alarm that comes and goes pauses once, and nothing but a person lets the rollout go on")
    func comesAndGoes() async throws {
        let rule = GateRule(name: "interfaces", condition: .interfaces, onFail: .pause)
        let night = try await Night(gates: [rule])
        let canary = try #require(night.plan.plan.waves.first?.devices.first)
        let fleet = night.fleet
        let state = try await night.drive(under: try await night.lease(holder: "test")) { entry in
            switch entry.fact {
            case .soakStarted: try? fleet.inject(.interfaceDown, on: canary)
            case .alarm: try? fleet.heal(canary)
            default: break
            }
        }
        #expect(state.isPaused && state.ending == nil)
        let facts = try await night.store.entries(of: night.id, after: 0).map(\.fact)
        #expect(facts.count { if case .paused = $0 { true } else { false } } == 1)
        #expect(facts.count { if case .alarm = $0 { true } else { false } } == 1)
    }
}

import Foundation
import RolloutEngine
import RolloutSimulation
import Testing

/// Whole nights in which everything goes wrong. Thousands of them are played by `scripts/soak`, built with optimisation.
@Suite("Simulated nights", .timeLimit(.minutes(10)))
struct WorldTests {
    @Test("no promise is broken", arguments: Array(UInt64(1)...40))
    func promises(seed: UInt64) throws {
        let report = try World.play(Scenario(seed: seed))
        #expect(report.violation == nil, "seed \(seed)")
    }

    @Test("the same seed takes the same course", arguments: [2, 22, 35])
    func sameCourse(seed: UInt64) throws {
        let first = try World.play(Scenario(seed: seed), keepingTrace: true)
        let second = try World.play(Scenario(seed: seed), keepingTrace: true)
        #expect(first.digest == second.digest)
        #expect(first.trace == second.trace)
        #expect(try World.play(Scenario(seed: seed + 1)).digest != first.digest)
    }

    @Test("a quiet night ends done, a harmful change is put back")
    func quiet() throws {
        var scenario = Scenario(seed: 1)
        scenario.events = []
        scenario.wire = Scenario.Wire()
        scenario.isHarmful = false
        #expect(try World.play(scenario).ending == .done)
        scenario.isHarmful = true
        #expect(try World.play(scenario).ending == .rolledBack)
    }

    @Test("what arrives twice is no second push, and the night ends as it would have", arguments: ApplyStyle.allCases)
    func copies(_ style: ApplyStyle) throws {
        var scenario = Scenario(seed: 1)
        (scenario.events, scenario.isHarmful, scenario.styles) = ([], false, [style])
        scenario.wire = Scenario.Wire()
        scenario.wire.copies = 100
        let report = try World.play(scenario)
        #expect(report.violation == nil)
        #expect(report.ending == .done)
    }

    @Test("nights happen in which each kind of trouble happens")
    func variety() {
        let scenarios = (UInt64(1)...2000).map { Scenario(seed: $0) }
        let kinds = Set(scenarios.flatMap(\.events).map { "\($0.what)".split(separator: "(")[0] })
        #expect(
            kinds == [
                "fault", "reboot", "edit", "kill", "losePower", "freeze", "steal", "setClock", "fullStore", "ask",
                "neighbourFault",
                "coreLinkFull", "uplinkFull",
            ])
        #expect(Set(scenarios.flatMap(\.styles)) == Set(ApplyStyle.allCases))
        #expect(scenarios.contains { $0.wire.loss > 0 } && scenarios.contains { $0.wire.stall > 0 })
        #expect(scenarios.contains { $0.wire.copies != nil })
    }

    @Test("a scenario that is written down is the same scenario")
    func writtenDown() throws {
        for seed in UInt64(1)...50 {
            let scenario = Scenario(seed: seed)
            #expect(try JSONDecoder().decode(Scenario.self, from: JSONEncoder().encode(scenario)) == scenario)
        }
    }
}

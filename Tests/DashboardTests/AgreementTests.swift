import Foundation
import RolloutEngine
import RolloutSimulation
import Testing

/// What the views say of a rollout is what `rollout status` says, at every moment of nights in which everything goes wrong: the fold
/// in the database against that of the engine.
@Suite(
    "Views of Postgres against the status", .timeLimit(.minutes(10)),
    .enabled(if: OpsDatabase.isAvailable, "needs root and PostgreSQL 15"))
struct AgreementTests {
    let database: OpsDatabase

    init() throws { database = try OpsDatabase() }

    @Test("row for row the same, in nights with every kind of trouble", arguments: [UInt64(1), 41, 81, 121])
    func nights(first: UInt64) async throws {
        for seed in first..<first + 40 {
            let night = try World.play(Scenario(seed: seed))
            try await compare(night, as: Int64(seed), moments: 12)
        }
    }

    @Test("row for row the same after every single fact of nights in which processes die and are robbed")
    func everyFact() async throws {
        let seeds = (UInt64(1)...400).filter { seed in
            Scenario(seed: seed).events.contains {
                switch $0.what {
                case .kill, .losePower, .steal, .freeze: true
                default: false
                }
            }
        }
        for seed in seeds.prefix(30) {
            let night = try World.play(Scenario(seed: seed))
            try await compare(night, as: Int64(seed), moments: .max)
        }
    }

    @Test("what is worked out anew is what was worked out fact by fact")
    func rebuilt() async throws {
        for seed in UInt64(200)..<210 {
            let night = try World.play(Scenario(seed: seed))
            let facts = try await night.store.entries(of: night.rollout, after: 0)
            let plan = try await night.store.plan(of: night.rollout)
            let number = Int64(seed)
            try database.run(
                OpsDatabase.creating(number, "night", plan, at: facts[0].at)
                    + facts.map { try OpsDatabase.appending([$0], to: number) }.joined())
            let tables = [
                "rollouts", "plan_devices", "plan_places", "plan_skipped", "plan_waves", "plan_links",
                "plan_wave_links",
                "devices", "waves", "pauses", "cohort_holds", "steps", "failures", "verdicts", "alarms",
            ]
            let everything = tables.map {
                "SELECT '\($0)', t FROM rollout_projection.\($0) t WHERE rollout = \(number) ORDER BY t::text;\n"
            }.joined()
            let before = try database.run(everything)
            try database.run("CALL rollout_projection.rebuild(\(number));")
            #expect(try database.run(everything) == before, "seed \(seed)")
            #expect(before.count > 20)
        }
    }

    /// Appends a night's facts bit by bit, and compares in between, with and without somebody who drives.
    private func compare(_ night: NightReport, as number: Int64, moments: Int) async throws {
        let facts = try await night.store.entries(of: night.rollout, after: 0)
        let record = try await night.store.rollout(night.rollout)
        let bytes = try await night.store.plan(of: night.rollout)
        let plan = try PlanFile(bytes, from: "night").plan
        let step = max(1, facts.count / moments)
        var script = StandingRows.preparation + OpsDatabase.creating(number, "night", bytes, at: facts[0].at)
        var expected: [StandingRows] = []
        var state = RolloutState()
        for start in stride(from: 0, to: facts.count, by: step) {
            let next = facts[start..<min(start + step, facts.count)]
            for fact in next { state.apply(fact) }
            let now = next.last?.at ?? facts[0].at
            let holder = expected.count % 3 == 2 ? nil : "grace@gra pid 7"
            script += try OpsDatabase.appending(next, to: number) + OpsDatabase.driving(number, by: holder)
            script += StandingRows.question(number)
            let lease = holder.map {
                Lease(rollout: night.rollout, holder: $0, fence: 1, expiresAt: OpsDatabase.forEver)
            }
            expected.append(
                StandingRows(RolloutStatus(record, plan: plan, state: state, lease: lease, at: now), of: plan))
        }
        let said = try database.run(script).map { try JSONDecoder().decode(StandingRows.self, from: Data($0.utf8)) }
        try #require(said.count == expected.count)
        for (moment, (view, status)) in zip(said, expected).enumerated() {
            let place = Comment("seed \(number), after fact \(min((moment + 1) * step, facts.count))")
            #expect(view.rollout == status.rollout, place)
            #expect(view.pauses == status.pauses, place)
            #expect(view.cohorts == status.cohorts, place)
            for (one, other) in zip(view.waves, status.waves) { #expect(one == other, place) }
            for (one, other) in zip(view.devices, status.devices) { #expect(one == other, place) }
            #expect(view.waves.count == status.waves.count && view.devices.count == status.devices.count, place)
            guard view == status else { return }
        }
    }
}

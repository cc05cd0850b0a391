import Foundation
import OpsBench
import PostgresBench
import RolloutEngine
import RolloutSimulation
import Testing

/// What the views say of a rollout is what `rollout status` says, at every moment of nights in which everything goes wrong: the fold
/// in the database against that of the engine.
@Suite(
    "Views of Postgres against the status", .timeLimit(.minutes(10)),
    .enabled(if: PostgresServer.isAvailable, "needs root and PostgreSQL 15"))
struct AgreementTests {
    let database: OpsDatabase

    init() async throws { database = try await OpsDatabase() }

    @Test("row for row the same, in nights with every kind of trouble", arguments: [UInt64(1), 41, 81, 121])
    func nights(first: UInt64) async throws {
        for seed in first..<first + 20 {
            let night = try World.play(Scenario(seed: seed))
            let facts = try await night.store.entries(of: night.rollout, after: 0)
            try await compare(night, facts, as: Int64(seed), moments: 12)
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
        for seed in seeds.prefix(15) {
            let night = try World.play(Scenario(seed: seed))
            let facts = try await night.store.entries(of: night.rollout, after: 0)
            try await compare(night, facts, as: Int64(seed), moments: .max)
        }
    }

    @Test("row for row the same in turns that nights seldom take")
    func seldom() async throws {
        var quiet = Scenario(seed: 1)
        quiet.events = []
        let night = try World.play(quiet)
        let plan = try PlanFile(await night.store.plan(of: night.rollout), from: "night").plan
        let wave = plan.waves[0]
        let device = wave.devices[0]
        func push(_ attempt: Int, revertsBy: Timespan = .minutes(10)) -> DeviceStep {
            DeviceStep(device: device, kind: .push, attempt: attempt, revertsBy: noon + revertsBy)
        }
        func step(_ kind: DeviceStep.Kind, _ attempt: Int = 1) -> DeviceStep {
            DeviceStep(device: device, kind: kind, attempt: attempt)
        }
        func tried(_ steps: [DeviceStep], _ result: StepResult) -> [Fact] {
            steps.flatMap { [.intent($0), .outcome($0, result)] }
        }
        func asked(_ verb: OperatorRequest.Verb, _ reason: String? = nil) -> Fact {
            .requested(OperatorRequest(verb, by: "ada", reason: reason))
        }
        func alarm(_ gate: GateName, _ action: GateAction) -> Fact {
            .alarm(
                Alarm(
                    wave: 0, gate: gate, action: action, subjects: [device.rawValue], reason: "it's 100% \\ \"bad\"",
                    findings: [Verdict.Finding(subject: "\(device) e0", failed: true, unit: "/s")],
                    before: Verdict.Window(from: noon, to: noon)))
        }
        func failed(_ code: DriverError.Code, _ effect: DriverError.Effect = .possible) -> StepResult {
            .failed(DriverError(code, "said 'no'\nand \u{1b}[31m more", effect: effect))
        }
        let left = Timespan.milliseconds(123_456)
        let applied = tried([push(1)], .done(revertsAt: noon + .minutes(5)))
        let confirmed = applied + tried([step(.confirm)], .done(revertsAt: nil))
        let rollingBack = Fact.rollingBack(.devices([device]), devices: [device], because: "it failed")
        let cohort = Cohort(model: "m/1", firmware: "f 2")
        let courses: [[Fact]] = [
            applied + [.driving(holder: "bob", quietFrom: noon + .seconds(9))],
            applied + [.driving(holder: "bob")] + tried([step(.observe)], .found(.pendingTarget(left))),
            tried((1...9).map { push($0) }, failed(.locked, .none)),
            tried((1...4).map { push($0) }, failed(.unreachable, .none)),
            tried([push(1)], failed(.refused)) + tried([step(.rollBack)], .found(.base)) + [asked(.retryFailed)],
            tried([push(1)], failed(.timeout)) + tried((1...3).map { step(.observe, $0) }, failed(.connectionLost)),
            // The timer may have just run out: the device is worth ten seconds more.
            tried([push(1, revertsBy: .seconds(65))], failed(.timeout))
                + tried((1...4).map { step(.observe, $0) }, failed(.timeout)),
            tried([push(1), push(2), push(3)], .found(.base)),
            applied + tried((1...3).map { step(.confirm, $0) }, .found(.pendingTarget(left))),
            confirmed + [rollingBack] + tried([step(.rollBack, 1)], .found(.pendingOther("a third thing", nil)))
                + tried([step(.rollBack, 2)], .found(.pendingPart(left)))
                + tried([step(.rollBack, 3)], .found(.pendingBase(left)))
                + tried([step(.rollBack, 4)], .done(revertsAt: nil)) + tried([step(.observe)], .found(.base)),
            confirmed + [rollingBack] + tried([step(.rollBack)], .found(.target)) + [asked(.resume(nil))],
            tried([push(1)], .found(.other("what nobody ordered"))) + [asked(.resume(.operator)), asked(.retryFailed)],
            applied + tried([step(.confirm)], .found(.other("another device", isStranger: true))),
            tried([push(1, revertsBy: .seconds(65))], .found(.other("another device", isStranger: true)))
                + [.driving(holder: "bob")] + tried((1...4).map { step(.observe, $0) }, failed(.timeout)),
            applied + [rollingBack] + tried([step(.observe)], failed(.hostKeyChanged)),
            confirmed + [
                .soakStarted(wave: 0), alarm("errors", .pause), .paused(PauseReason(.gateFailed, "gate errors")),
            ]
                + [
                    asked(.pause, "dinner"), asked(.pause), asked(.promote(wave: 0, overriding: ["errors", "peak"])),
                    asked(.resume(.operator)),
                ],
            confirmed + [.soakStarted(wave: 0), alarm("beside", .pause), .paused(PauseReason(.beside, "a neighbour"))]
                + [
                    asked(.promote(wave: 0, overriding: ["beside"])), .paused(PauseReason(.window, "closed")),
                    .driving(holder: "bob"),
                ],
            confirmed + [alarm("watched", .observe), .paused(PauseReason(.window, "closed")), .soakStarted(wave: 0)],
            [
                .cohortHeld(cohort, failed: [device]), .paused(PauseReason(.cohort, "held")),
                .cohortHeld(Cohort(model: "n", firmware: "1"), failed: []),
            ]
                + [
                    .cohortHeld(cohort, failed: [device, "gra-9"]), asked(.release(cohort: cohort)),
                    asked(.retryFailed),
                ],
            confirmed + [rollingBack, .rollingBack(.wave(0), devices: [device], because: "gate")]
                + tried([step(.rollBack)], .found(.base))
                + [
                    .finished(.rolledBack), asked(.retryFailed), asked(.abort), .finished(.aborted),
                    asked(.rollBack(.all)),
                ],
            confirmed + [
                .peakCarried(wave.datacentre ?? "gra", Verdict.Window(from: noon, to: noon), devices: [device])
            ]
                + [.evidence(device, Evidence(items: [])), .wavePassed(wave: 0), .waveStarted(wave: 0)],
        ]
        for (number, course) in courses.enumerated() {
            let facts: [Fact] = [
                .created(planDigest: Digest(of: "a plan"), by: "ada"), .driving(holder: "ada"), .waveStarted(wave: 0),
            ]
            let entries = (facts + course).enumerated().map { index, fact in
                JournalEntry(
                    sequence: Int64(index) + 1, at: noon + .milliseconds(Int64(index) * 7_001), fence: 1, fact: fact)
            }
            try await compare(night, entries, as: Int64(number) + 1, moments: .max)
        }
    }

    private let noon = Instant(milliseconds: 1_772_359_200_000)

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

    /// Appends facts to the rollout of a night bit by bit, and compares in between, with and without somebody who drives.
    private func compare(_ night: NightReport, _ facts: [JournalEntry], as number: Int64, moments: Int) async throws {
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
                StandingRows(RolloutStatus(record, plan: plan, state: state, lease: lease, at: now), of: plan, state))
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

import RolloutEngine
import RolloutSimulation
import Testing

/// Tonight's plan, played beforehand.
@Suite("Rehearsal", .timeLimit(.minutes(10)))
struct RehearsalTests {
    /// A Tuesday at noon in Paris.
    private let noon = Instant(milliseconds: 1_700_564_400_000)

    private func rehearsal(perPlace: Int = 4, _ change: (inout Plan) -> Void = { _ in }) async throws -> Rehearsal {
        var plan = try await Night(perPlace: perPlace).plan.plan
        change(&plan)
        return try Rehearsal(try PlanFile(plan), perDevice: .seconds(2), now: noon)
    }

    @Test("a night without trouble ends with every device changed, and takes its soaks and pushes")
    func quiet() async throws {
        let rehearsal = try await rehearsal()
        let night = try rehearsal.play(nil, seed: 1)
        #expect(night.ending == .done, "\(night.pauses)")
        #expect(night.confirmed == 8 && night.unknown == 0 && night.violation == nil)
        let soaks = rehearsal.plan.plan.waves.map(\.soak.seconds).reduce(0, +)
        #expect(night.length.seconds > soaks && night.length.seconds < soaks * 2)
        #expect(night.isOneNight == nil)
    }

    @Test("the same seed is the same night, and another is another")
    func seeds() async throws {
        let rehearsal = try await rehearsal()
        let first = try rehearsal.play(.kill, seed: 7)
        let second = try rehearsal.play(.kill, seed: 7)
        #expect(first.length == second.length && first.ending == second.ending)
        let others = try (8..<14).map { try rehearsal.play(.kill, seed: $0).length }
        #expect(Set(others).count > 1)
    }

    @Test("each trouble ends as the policy says, and leaves nobody in doubt", arguments: RehearsedTrouble.usual)
    func troubles(trouble: RehearsedTrouble) async throws {
        let rehearsal = try await rehearsal()
        for seed in UInt64(1)...3 {
            let night = try rehearsal.play(trouble, seed: seed)
            #expect(night.violation == nil)
            switch trouble {
            case .harm: #expect(night.ending == .rolledBack && night.confirmed == 0)
            case .kill, .fault(.dropsReply): #expect(night.ending == .done, "seed \(seed): \(night.pauses)")
            case .fullDisk: #expect(night.pauses.map(\.kind) == [.storeFull] || night.ending == .done)
            default: #expect(night.ending != nil || !night.pauses.isEmpty)
            }
            if trouble != .fault(.unreachable) { #expect(night.unknown == 0, "seed \(seed)") }
        }
    }

    @Test("a plan that does not fit into its window takes more than one night, and begins when the window opens")
    func windows() async throws {
        func night(until end: Int) async throws -> RehearsedNight {
            try await rehearsal(perPlace: 1) { plan in
                for index in plan.datacentres.indices {
                    plan.datacentres[index].window = MaintenanceWindow(startMinute: 22 * 60, endMinute: end)
                }
                // Seldom, as most of the day is spent waiting.
                plan.policy.watch = WatchRule(poll: .minutes(1), baseline: .minutes(5))
                for index in plan.waves.indices { plan.waves[index].soak = .minutes(5) }
                plan.policy.deadlines = Deadlines(push: .seconds(30), confirm: .seconds(30), rollBack: .seconds(30))
            }.play(nil, seed: 1)
        }
        let long = try await night(until: 4 * 60)
        #expect(long.isOneNight == true && long.ending == .done)
        #expect(long.length < .minutes(90))
        let short = try await night(until: 22 * 60 + 8)
        #expect(short.isOneNight == false && short.ending == .done)
        #expect(short.length > .minutes(23 * 60))
    }

    @Test("every trouble reads as it is written")
    func reading() {
        for text in RehearsedTrouble.examples { #expect(RehearsedTrouble(text)?.description == text) }
        #expect(RehearsedTrouble("earthquake") == nil)
    }
}

internal import RolloutEngine

// What operators say in a night, and how they bring it to its end.
extension World {
    func ask(_ ask: Scenario.Ask) async {
        let state = referee.notes.state
        let current = plan.plan.waves.last { state[wave: $0.index].startedAt != nil }?.index ?? 0
        let verb: OperatorRequest.Verb =
            switch ask {
            case .pause: .pause
            case .resume: .resume(nil)
            case .abort: .abort
            case .rollBackWave: .rollBack(.wave(current))
            case .rollBackAll: .rollBack(.all)
            case .retry: .retryFailed
            case .overrideGates: .promote(wave: current, overriding: plan.plan.policy.gates.map(\.name))
            case .overrideOne: .promote(wave: current, overriding: plan.plan.policy.gates.prefix(1).map(\.name))
            case .resumeOperator: .resume(.operator)
            case .release: state.cohortHolds.first.map { .release(cohort: $0.cohort) } ?? .resume(.cohort)
            case .approve, .approveToo, .approveAsAuthor: .approve(wave: awaited(state))
            case .withdraw: .withdraw(wave: awaited(state))
            }
        let speaker =
            switch ask {
            case .approveAsAuthor: RefereeNotes.author
            case .approveToo: "another"
            default: "operator"
            }
        await say(verb, speaker)
        if verb != .pause && verb != .abort { drive() }
    }

    /// The wave that has to be approved next, as far as a person can see.
    private func awaited(_ state: RolloutState) -> Int? {
        guard plan.plan.policy.approvals?.contains(where: { $0.before == .wave }) == true else { return nil }
        return plan.plan.waves.first { state[wave: $0.index].startedAt == nil }?.index
    }

    private func say(_ verb: OperatorRequest.Verb, _ speaker: String = "operator") async {
        await record(OperatorRequest(verb, by: speaker), for: id, at: now + clockOffset)
    }

    /// Belongs to no actor, so that nothing happens between the write and what the referee hears of it, whoever else says something
    /// in the same instant.
    private nonisolated func record(_ request: OperatorRequest, for id: RolloutID, at now: Instant) async {
        guard let entry = try? await disk.store.record(request, for: id, at: now) else { return }
        referee.took([entry])
        disk.written()
        disk.sync()
    }

    /// Lets it come to an end, with an operator who is patient at first and then wants everything back. Returns false when a
    /// promise was broken.
    func finish() async -> Bool {
        drive()
        // The next hours in which it could go on come a day later, and nobody who would approve is left.
        if stage.hasWindow || plan.plan.policy.approvals != nil { await say(.abort) }
        for round in 0..<10 {
            guard await comesToRest() else { return false }
            let state = referee.notes.state
            if state.ending != nil { return !isLost }
            switch (round, stage.isHarmful) {
            case (0, _): await say(.resume(nil))
            case (1, _), (2, false), (3, false): await say(.retryFailed)
            case (4, _), (2, true): await say(.rollBack(.all))
            default: await say(.resume(nil))
            }
            if round == 1 || round == 2 { await say(.resume(.operator)) }
            drive()
        }
        return await comesToRest()
    }
}

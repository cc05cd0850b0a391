import Testing

@testable import RolloutEngine

/// What facts add up to where several of them meet.
@Suite("Fold of the journal")
struct FoldTests {
    @Test("a device that is wanted back while its push does not get through is not pushed again when somebody goes on")
    func wantedBack() {
        var fold = Fold()
        let step = DeviceStep(device: "d1", kind: .push, attempt: 1)
        fold.add(.waveStarted(wave: 0))
        fold.add(.intent(step))
        fold.add(.requested(OperatorRequest(.rollBack(.wave(0)), by: "somebody")))
        fold.add(.rollingBack(.wave(0), devices: ["d1"], because: "somebody asked"))
        fold.add(.paused(PauseReason(.operator, "somebody asked for a rollback")))
        fold.add(.outcome(step, .failed(DriverError(.unreachable, "no route", effect: .none))))
        fold.add(.requested(OperatorRequest(.resume(nil), by: "somebody")))
        #expect(fold.state["d1"].phase == .rolledBack)
        fold.add(.requested(OperatorRequest(.retryFailed, by: "somebody")))
        #expect(fold.state["d1"].phase == .waiting)
        #expect(fold.state["d1"].wanted == .target)
    }

    @Test("an alarm is answered by the pause that follows from it, not by one that came for another reason")
    func alarmBesideAnotherPause() {
        var fold = Fold()
        let window = Verdict.Window(from: Samples.start, to: Samples.start)
        fold.add(.waveStarted(wave: 0))
        fold.add(
            .alarm(
                Alarm(
                    wave: 0, gate: "interfaces", action: .rollBack, subjects: ["d1"], reason: "down", before: window)))
        fold.add(.paused(PauseReason(.clockSet, "the clock was set")))
        #expect(fold.state[wave: 0].openAlarm != nil)
        fold.add(.paused(PauseReason(.gateFailed, "down")))
        #expect(fold.state[wave: 0].openAlarm == nil)
    }

    @Test("what was tried on a device that is back on its base is over when its wave is opened again")
    func openedAgain() throws {
        var fold = Fold()
        let plan = try Planner.plan(Samples.input([Samples.device("d1")]))
        let step = { DeviceStep(device: "d1", kind: $0, attempt: 1) }
        fold.add(.waveStarted(wave: 0))
        fold.add(.intent(step(.push)))
        fold.add(.outcome(step(.push), .found(.target)))
        fold.add(.wavePassed(wave: 0))
        // Somebody wants it back, it does not answer, he wants it changed again; and then it is found as it was.
        fold.add(.rollingBack(.all, devices: ["d1"], because: "somebody asked"))
        fold.add(.intent(step(.rollBack)))
        fold.add(.outcome(step(.rollBack), .failed(DriverError(.wrongDevice, "another", effect: .none))))
        fold.add(.requested(OperatorRequest(.retryFailed, by: "somebody")))
        fold.add(.intent(step(.observe)))
        fold.add(.outcome(step(.observe), .found(.base)))
        fold.now = fold.now + .minutes(10)
        fold.add(.waveStarted(wave: 0))
        fold.add(.intent(step(.push)))
        fold.add(.outcome(step(.push), .found(.target)))
        let reconciler = Reconciler(plan: plan)
        #expect(reconciler.underTest(plan.waves[0], fold.state) == ["d1"])
        #expect(reconciler.endOfBefore(of: plan.waves[0], fold.state) == fold.now)
    }

    private struct Fold {
        private(set) var state = RolloutState()
        var now = Samples.start

        mutating func add(_ fact: Fact) {
            state.apply(JournalEntry(sequence: state.sequence + 1, at: now, fence: 1, fact: fact))
        }
    }
}

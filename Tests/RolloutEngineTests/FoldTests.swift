import RolloutEngine
import Testing

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

    private struct Fold {
        private(set) var state = RolloutState()

        mutating func add(_ fact: Fact) {
            state.apply(JournalEntry(sequence: state.sequence + 1, at: Samples.start, fence: 1, fact: fact))
        }
    }
}

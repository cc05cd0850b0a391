public import RolloutEngine

/// What became of a night.
public struct NightReport: Sendable {
    /// What was played.
    public let scenario: Scenario
    /// Where its journal is, with all that was read of agents.
    public let store: MemoryJournalStore
    /// The rollout in it.
    public let rollout: RolloutID
    /// The first promise that was broken, if one was.
    public let violation: Violation?
    /// How it ended, if it did.
    public let ending: Ending?
    /// Facts written, devices changed, things that happened.
    public let events: Int
    /// How long it lasted, in its own time.
    public let length: Timespan
    /// Differs when the course of two nights does.
    public let digest: UInt64
    /// Every event in words, if that was asked for.
    public let trace: [String]

    init(_ scenario: Scenario, _ notes: RefereeNotes, _ course: World.Course) {
        self.scenario = scenario
        length = course.length
        store = course.store
        rollout = course.rollout
        violation = notes.violation
        ending = notes.state.ending
        events = notes.events
        digest = notes.digest.value
        trace = notes.trace
    }
}

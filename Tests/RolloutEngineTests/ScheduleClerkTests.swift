import Testing

@testable import RolloutEngine

@Suite("Which schedules are due")
struct ScheduleClerkTests {
    /// A service journal that is written in memory.
    private struct Journal {
        var state = ServiceState()

        mutating func add(_ fact: ServiceFact, by actor: String = "ada", reason: String? = nil, at time: String) throws
        {
            state.apply(
                try state.chain.entry(
                    fact, by: actor, reason: reason, at: try #require(Instant("2026-11-\(time):00.000Z"))))
        }

        func next(_ time: String, unfinished: Set<RolloutID> = [], gone: Set<String> = []) throws -> [ScheduleAction] {
            ScheduleClerk.next(state, unfinished: unfinished, at: try #require(Instant("2026-11-\(time):00.000Z"))) {
                gone.contains($0)
            }
        }
    }

    private static func clock(_ text: String) throws -> Instant {
        try #require(Instant("2026-11-\(text):00.000Z"))
    }

    private func nightly(_ name: ScheduleName = "nightly") throws -> Schedule {
        Schedule(
            name: name, work: .plan(path: "/tonight.plan", digest: Digest(of: "plan")),
            timing: .cron(try CronExpression("30 22 * * *"), zone: "Europe/Paris"))
    }

    @Test("what is not due is waited for, what is due begins")
    func due() throws {
        var journal = Journal()
        #expect(try journal.next("27T12:00").isEmpty)
        try journal.add(.scheduleSet(nightly()), at: "27T12:00")
        let occurrence = try Self.clock("27T21:30")
        #expect(try journal.next("27T12:00") == [.wake(at: occurrence)])
        #expect(try journal.next("27T21:29") == [.wake(at: occurrence)])
        #expect(try journal.next("27T21:30") == [.begin(nightly(), occurrence: occurrence)])
        #expect(try journal.next("27T22:30") == [.begin(nightly(), occurrence: occurrence)])
    }

    @Test("what began is not begun again, also where the clock is set back")
    func once() throws {
        var journal = Journal()
        try journal.add(.scheduleSet(nightly()), at: "27T12:00")
        let occurrence = try Self.clock("27T21:30")
        try journal.add(.scheduleBegun("nightly", occurrence: occurrence), by: "serve 1", at: "27T21:31")
        // Somebody is at it: nobody else begins it, unless that one is gone or takes too long.
        #expect(try journal.next("27T21:32") == [.wake(at: Self.clock("27T21:36"))])
        #expect(try journal.next("27T21:32", gone: ["serve 1"]) == [.begin(nightly(), occurrence: occurrence)])
        #expect(try journal.next("27T21:36") == [.begin(nightly(), occurrence: occurrence)])
        try journal.add(.scheduleStarted("nightly", occurrence: occurrence, rollout: RolloutID(3)), at: "27T21:33")
        let tomorrow = try Self.clock("28T21:30")
        #expect(try journal.next("27T21:33") == [.wake(at: tomorrow)])
        #expect(try journal.next("27T20:00") == [.wake(at: tomorrow)])
        #expect(try journal.next("28T21:30") == [.begin(nightly(), occurrence: tomorrow)])
    }

    @Test(
        "what nobody began in time is passed over, with when it was due; of several that were missed the last is made up for"
    )
    func missed() throws {
        var journal = Journal()
        try journal.add(.scheduleSet(nightly()), at: "20T12:00")
        let first = try Self.clock("20T21:30")
        let actions = try journal.next("27T20:00")
        guard case .skip("nightly", first, let because)? = actions.first, actions.count == 1 else {
            Issue.record("\(actions)")
            return
        }
        #expect(because.contains("1h") && because.contains("\(first)"))
        try journal.add(.scheduleSkipped("nightly", occurrence: first, because: because), at: "27T20:00")
        #expect(try journal.next("27T20:00") == [.wake(at: Self.clock("27T21:30"))])
        #expect(journal.state.schedules["nightly"]?.lastSkip == because)

        var late = Journal()
        try late.add(.scheduleSet(nightly()), at: "20T12:00")
        #expect(try late.next("27T22:29") == [.begin(nightly(), occurrence: Self.clock("27T21:30"))])
    }

    @Test("who had set the schedule of a rollout is known for ever: set anew, run again, removed")
    func scheduler() throws {
        var journal = Journal()
        try journal.add(.scheduleSet(nightly()), by: "grace", at: "27T12:00")
        try journal.add(
            .scheduleStarted("nightly", occurrence: Self.clock("27T21:30"), rollout: RolloutID(3)), at: "27T21:30")
        try journal.add(.scheduleSet(nightly()), by: "joan", at: "28T12:00")
        #expect(journal.state.scheduler(of: RolloutID(3)) == "grace")
        try journal.add(
            .scheduleStarted("nightly", occurrence: Self.clock("28T21:30"), rollout: RolloutID(4)), at: "28T21:30")
        try journal.add(.scheduleRemoved("nightly"), at: "28T22:00")
        #expect(journal.state.scheduler(of: RolloutID(3)) == "grace")
        #expect(journal.state.scheduler(of: RolloutID(4)) == "joan")
        #expect(journal.state.scheduler(of: RolloutID(5)) == nil)
    }

    @Test("while its last rollout is not over, an occurrence is passed over, and names it")
    func overlap() throws {
        var journal = Journal()
        try journal.add(.scheduleSet(nightly()), at: "27T12:00")
        try journal.add(
            .scheduleStarted("nightly", occurrence: Self.clock("27T21:30"), rollout: RolloutID(3)), at: "27T21:30")
        let actions = try journal.next("28T21:30", unfinished: [RolloutID(3), RolloutID(9)])
        guard case .skip("nightly", _, let because)? = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(because.contains("#3"))
        let occurrence = try Self.clock("28T21:30")
        #expect(try journal.next("28T21:30", unfinished: [RolloutID(9)]) == [.begin(nightly(), occurrence: occurrence)])
    }

    @Test(
        "a stopped line holds what is due; released in time, it begins, too late, it is passed over and says who stopped it"
    )
    func stopped() throws {
        var journal = Journal()
        try journal.add(.scheduleSet(nightly()), at: "27T12:00")
        try journal.add(.lineStopped, by: "bob", reason: "fibre cut", at: "27T21:00")
        let occurrence = try Self.clock("27T21:30")
        #expect(try journal.next("27T21:45") == [.wake(at: Self.clock("27T22:30") + .milliseconds(1))])
        var released = journal
        try released.add(.lineReleased, at: "27T21:50")
        #expect(try released.next("27T21:50") == [.begin(nightly(), occurrence: occurrence)])
        let actions = try journal.next("27T22:31")
        guard case .skip("nightly", occurrence, let because)? = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(because.contains("bob") && because.contains("fibre cut"))
    }

    @Test("what is due once is due once; set again, it is due again")
    func onlyOnce() throws {
        let at = try Self.clock("27T21:00")
        let schedule = Schedule(name: "once", work: try nightly().work, timing: .once(at))
        var journal = Journal()
        try journal.add(.scheduleSet(schedule), at: "27T12:00")
        #expect(try journal.next("27T12:00") == [.wake(at: at)])
        #expect(try journal.next("27T21:00") == [.begin(schedule, occurrence: at)])
        try journal.add(.scheduleStarted("once", occurrence: at, rollout: RolloutID(1)), at: "27T21:00")
        #expect(try journal.next("28T21:00").isEmpty)
        try journal.add(.scheduleSet(schedule), at: "27T20:00")
        #expect(try journal.next("27T21:00") == [.begin(schedule, occurrence: at)])
        try journal.add(.scheduleRemoved("once"), at: "27T21:00")
        #expect(try journal.next("27T21:00").isEmpty)
    }

    @Test("in the windows means when the first window of its datacentres opens, or at once when one is open")
    func windows() throws {
        let window = MaintenanceWindow(startMinute: 22 * 60, endMinute: 5 * 60)
        let schedule = Schedule(
            name: "windows", work: try nightly().work,
            timing: .windows([
                Datacentre(name: "gra", timeZone: "Europe/Paris", window: window),
                Datacentre(name: "bhs", timeZone: "America/New_York", window: window),
            ]))
        var journal = Journal()
        try journal.add(.scheduleSet(schedule), at: "27T12:00")
        #expect(try journal.next("27T12:00") == [.wake(at: Self.clock("27T21:00"))])
        try journal.add(.scheduleSet(schedule), at: "27T23:00")
        #expect(try journal.next("27T23:00") == [.begin(schedule, occurrence: Self.clock("27T23:00"))])
    }
}

import Testing

@testable import RolloutEngine

@Suite("Peak debt")
struct PeakDebtTests {
    /// One device in Paris, confirmed at an instant, and its peak from 18:00 to 23:00.
    private struct Story {
        let plan: Plan
        let debt: PeakDebt
        var state = RolloutState()
        private var sequence: Int64 = 0

        init(confirmedAt: String, days: Int = 1) throws {
            var policy = Samples.policy()
            policy.peak = PeakRule(hours: MaintenanceWindow(startMinute: 1080, endMinute: 1380), days: days)
            plan = try Planner.plan(Samples.input([Samples.device("d1")], policy: policy))
            debt = try #require(PeakDebt(plan))
            let step = DeviceStep(device: "d1", kind: .confirm, attempt: 1)
            add(.waveStarted(wave: 0), at: confirmedAt)
            add(.intent(step), at: confirmedAt)
            add(.outcome(step, .done(revertsAt: nil)), at: confirmedAt)
            add(.wavePassed(wave: 0), at: confirmedAt)
        }

        mutating func add(_ fact: Fact, at text: String) {
            sequence += 1
            state.apply(JournalEntry(sequence: sequence, at: Self.instant(text), fence: 1, fact: fact))
        }

        static func instant(_ text: String) -> Instant { Instant(text + ":00.000Z") ?? Samples.start }

        /// What is paid at a time, by a device that was heard since another.
        func due(at now: String, heardSince: String?) -> [Fact] {
            debt.due(
                in: state, at: Self.instant(now), offset: .zero,
                heardSince: heardSince.map { ["d1": Self.instant($0)] } ?? [:])
        }
    }

    @Test(
        "a device is in debt from its confirmation until a whole peak in its own time zone has passed while it was heard"
    )
    func firstPeak() throws {
        var story = try Story(confirmedAt: "2026-01-10T02:00")
        #expect(story.debt.devices(in: story.state) == ["d1"])
        #expect(
            story.debt.nextEnd(in: story.state, at: Story.instant("2026-01-10T02:00"))
                == Story.instant("2026-01-10T22:00"))
        // 23:00 in Paris is 22:00 UTC in winter.
        #expect(story.due(at: "2026-01-10T21:59", heardSince: "2026-01-10T02:00").isEmpty)
        let paid = story.due(at: "2026-01-10T22:00", heardSince: "2026-01-10T02:00")
        #expect(
            paid == [
                .peakCarried(
                    "gra",
                    Verdict.Window(from: Story.instant("2026-01-10T17:00"), to: Story.instant("2026-01-10T22:00")),
                    devices: ["d1"])
            ])
        for fact in paid { story.add(fact, at: "2026-01-10T22:00") }
        #expect(story.debt.devices(in: story.state).isEmpty)
        #expect(story.due(at: "2026-01-10T22:01", heardSince: "2026-01-10T02:00").isEmpty)
    }

    @Test(
        "daylight saving moves the peak with the people: 23:00 in Paris is 21:00 UTC from the last Sunday of March on")
    func daylightSaving() throws {
        let story = try Story(confirmedAt: "2026-03-29T00:00")
        #expect(
            story.debt.nextEnd(in: story.state, at: Story.instant("2026-03-29T00:00"))
                == Story.instant("2026-03-29T21:00"))
        #expect(story.due(at: "2026-03-29T20:59", heardSince: "2026-03-29T00:00").isEmpty)
        #expect(!story.due(at: "2026-03-29T21:00", heardSince: "2026-03-29T00:00").isEmpty)
    }

    @Test("a peak that had begun, or that nobody watched from its beginning to its end, pays nothing")
    func unwatched() throws {
        let late = try Story(confirmedAt: "2026-01-10T19:00")
        #expect(late.due(at: "2026-01-10T22:00", heardSince: "2026-01-10T02:00").isEmpty)
        #expect(
            late.debt.nextEnd(in: late.state, at: Story.instant("2026-01-10T19:00"))
                == Story.instant("2026-01-11T22:00"))
        let story = try Story(confirmedAt: "2026-01-10T02:00")
        #expect(story.due(at: "2026-01-10T22:00", heardSince: "2026-01-10T18:00").isEmpty)
        #expect(story.due(at: "2026-01-10T22:00", heardSince: nil).isEmpty)
        #expect(story.due(at: "2026-01-11T22:00", heardSince: "2026-01-10T18:00").count == 1)
    }

    @Test("what fails at a gate begins anew, what is put back is in no debt, and a person may let a wave go without")
    func failureAndExits() throws {
        var story = try Story(confirmedAt: "2026-01-10T02:00", days: 2)
        for fact in story.due(at: "2026-01-10T22:00", heardSince: "2026-01-10T02:00") {
            story.add(fact, at: "2026-01-10T22:00")
        }
        #expect(story.debt.devices(in: story.state) == ["d1"], "two peaks are wanted")
        let window = Verdict.Window(from: Samples.start, to: Samples.start)
        story.add(
            .alarm(
                Alarm(
                    wave: 0, gate: "traffic", action: .pause, subjects: ["d1"], reason: "",
                    findings: [Verdict.Finding(subject: "d1", failed: true, unit: "")], before: window)),
            at: "2026-01-11T19:00")
        #expect(story.due(at: "2026-01-11T22:00", heardSince: "2026-01-10T02:00").isEmpty)
        var forgiven = story
        forgiven.add(
            .requested(OperatorRequest(.promote(wave: 0, overriding: ["peak"]), by: "x")), at: "2026-01-12T08:00")
        #expect(forgiven.debt.devices(in: forgiven.state).isEmpty)
        let step = DeviceStep(device: "d1", kind: .rollBack, attempt: 1)
        story.add(.rollingBack(.all, devices: ["d1"], because: ""), at: "2026-01-12T08:00")
        story.add(.intent(step), at: "2026-01-12T08:00")
        story.add(.outcome(step, .found(.base)), at: "2026-01-12T08:00")
        #expect(story.debt.devices(in: story.state).isEmpty)
    }

    @Test("a rollout whose waves passed is not done while it is in debt: it is watched, and says until when")
    func notDone() throws {
        var story = try Story(confirmedAt: "2026-01-10T02:00")
        story.add(.driving(holder: "x"), at: "2026-01-10T02:01")
        let now = Story.instant("2026-01-10T02:02")
        let reconciler = Reconciler(plan: story.plan)
        #expect(
            reconciler.next(story.state, at: now, watchedSince: now) == [.wake(at: Story.instant("2026-01-10T22:00"))])
        #expect(!reconciler.isAtRest(story.state, at: now))
        let lease = Lease(rollout: RolloutID(1), holder: "x", fence: 1, expiresAt: now + .minutes(1))
        let record = RolloutRecord(
            id: RolloutID(1), title: "t", planDigest: Digest(of: "p"), createdAt: now, createdBy: "x")
        let status = RolloutStatus(record, plan: story.plan, state: story.state, lease: lease, at: now)
        #expect(status.phase == .watching)
        #expect(status.debt?.devices == 1 && status.debt?.until == Story.instant("2026-01-10T22:00"))
        // The evening is over, and it was watched.
        let late = Story.instant("2026-01-10T22:00")
        let actions = reconciler.next(
            story.state, at: late, watchedSince: now, farm: FarmView(heardSince: ["d1": now]))
        guard case .record(let fact) = try #require(actions.first) else { return }
        story.add(fact, at: "2026-01-10T22:00")
        #expect(reconciler.next(story.state, at: late, watchedSince: now) == [.record(.finished(.done))])
    }

    @Test("places under the cap are counted over all rollouts, and each is given once")
    func places() {
        var places = DebtPlaces(cap: 3)
        let other = DomainClaim(domain: FailureDomain(kind: "peak-debt", value: "1"), device: "other")
        places.read([HeldClaim(claim: other, rollout: RolloutID(9))], of: RolloutID(1))
        #expect(places.free == 2)
        let mine = places.claims(for: ["a", "b", "c"])
        #expect(mine.map(\.domain.value) == ["2", "3"] && mine.map(\.device) == ["a", "b"])
        places.read(
            [HeldClaim(claim: other, rollout: RolloutID(9))] + mine.map { HeldClaim(claim: $0, rollout: RolloutID(1)) },
            of: RolloutID(1))
        #expect(places.free == 0 && places.claims(for: ["c"]).isEmpty && places.claims(for: ["a"]).isEmpty)
        #expect(places.claims(of: ["a", "other"]).map(\.domain.value) == ["2"])
    }
}

import Testing

@testable import RolloutEngine

@Suite("Firmware cohorts")
struct CohortTests {
    /// Six devices in two waves: 1, 2, 4 and 6 with firmware "bad", 3 with "good", 5 does not say.
    private struct Story {
        let plan: Plan
        var state = RolloutState()
        var now = Samples.start
        private var sequence: Int64 = 0

        init(_ change: (inout Policy) -> Void = { _ in }) throws {
            var policy = Samples.policy()
            policy.canary = CanaryRule(devices: 0)
            policy.waveSize = WaveSize(devices: 3, share: nil)
            policy.budgets.wave = .init(devices: 3)
            policy.inFlight = InFlightCaps(overall: 1)
            change(&policy)
            var input = Samples.input((1...6).map { Samples.device("d\($0)") }, policy: policy)
            for index in input.surveyed.indices {
                var target = Samples.target()
                target.model = "X"
                target.firmware = index == 4 ? nil : index == 2 ? "good" : "bad"
                input.surveyed[index].finding = .target(target)
            }
            plan = try Planner.plan(input)
            add(.driving(holder: "x"))
            add(.waveStarted(wave: 0))
        }

        mutating func add(_ fact: Fact) {
            sequence += 1
            state.apply(JournalEntry(sequence: sequence, at: now, fence: 1, fact: fact))
        }

        mutating func fail(_ device: DeviceName, _ code: DriverError.Code = .hostKeyChanged) {
            let step = DeviceStep(device: device, kind: .push, attempt: 1)
            add(.intent(step))
            add(.outcome(step, .failed(DriverError(code, "no", effect: .none))))
        }

        mutating func confirm(_ device: DeviceName) {
            let push = DeviceStep(device: device, kind: .push, attempt: 1)
            let confirm = DeviceStep(device: device, kind: .confirm, attempt: 1)
            add(.intent(push))
            add(.outcome(push, .done(revertsAt: now + .minutes(10))))
            add(.intent(confirm))
            add(.outcome(confirm, .done(revertsAt: nil)))
        }

        mutating func pass(_ wave: Int) {
            add(.soakStarted(wave: wave))
            let window = Verdict.Window(from: now, to: now)
            add(
                .judged(
                    wave: wave,
                    Verdict(gate: "traffic", outcome: .pass, reason: "", findings: [], before: window, after: window)))
            now = now + .minutes(5)
        }

        /// What comes next, all facts taken in, until something is pushed or nothing is left.
        mutating func goOn() -> [DeviceName] {
            for _ in 0..<50 {
                let actions = Reconciler(plan: plan).next(state, at: now, watchedSince: Samples.start - .minutes(60))
                var facts: [Fact] = []
                var pushed: [DeviceName] = []
                for action in actions {
                    if case .record(let fact) = action { facts.append(fact) }
                    if case .perform(let step) = action, step.kind == .push { pushed.append(step.device) }
                }
                if facts.isEmpty { return pushed }
                for fact in facts { add(fact) }
            }
            return []
        }

        var held: [Cohort] { state.cohortHolds.map(\.cohort) }
    }

    private static let bad = Cohort(model: "X", firmware: "bad")

    @Test("one failure holds nothing, the second of the same firmware holds all of it; others go on")
    func twoFailures() throws {
        var story = try Story()
        story.fail("d1")
        #expect(story.goOn() == ["d2"])
        #expect(story.held.isEmpty)
        story.fail("d2")
        #expect(story.goOn() == ["d3"])
        #expect(story.held == [Self.bad])
        #expect(!story.state.isPaused)
        story.confirm("d3")
        story.pass(0)
        // Wave 1: d4 and d6 are left out, d5 does not say its firmware and goes on.
        #expect(story.goOn() == ["d5"])
        story.confirm("d5")
        story.pass(1)
        #expect(story.goOn().isEmpty)
        #expect(story.state[wave: 1].passedAt != nil)
        #expect(story.state.ending == nil)
        #expect(story.state.pause(.cohort)?.reason.detail.contains("2 of 4 devices with X / bad failed") == true)
        #expect(Reconciler(plan: story.plan).isAtRest(story.state, at: story.now))
    }

    @Test(
        "a release by name brings the others back, in the wave that had passed without them; its old failures do not count again"
    )
    func release() throws {
        var story = try Story()
        story.fail("d1")
        story.fail("d2")
        _ = story.goOn()
        story.confirm("d3")
        story.pass(0)
        _ = story.goOn()
        story.confirm("d5")
        story.pass(1)
        _ = story.goOn()
        story.add(.requested(OperatorRequest(.resume(nil), by: "x")))
        #expect(story.goOn().isEmpty, "a resume alone lets no firmware go")
        story.add(.requested(OperatorRequest(.release(cohort: Self.bad), by: "x")))
        story.now = story.now + .minutes(5)
        #expect(story.goOn() == ["d4"])
        #expect(story.held.isEmpty)
        story.confirm("d4")
        // Only what was changed since the wave was opened again has to prove itself.
        let reconciler = Reconciler(plan: story.plan)
        #expect(reconciler.underTest(story.plan.waves[1], story.state) == ["d4"])
        #expect(story.goOn() == ["d6"])
        story.confirm("d6")
        story.pass(1)
        #expect(story.goOn().isEmpty)
        #expect(story.state.ending == .done)
    }

    @Test("two more failures after a release hold again")
    func holdsAgain() throws {
        var story = try Story { $0.waveSize = WaveSize(devices: 6, share: nil) }
        story.fail("d1")
        story.fail("d2")
        _ = story.goOn()
        story.add(.requested(OperatorRequest(.release(cohort: Self.bad), by: "x")))
        story.fail("d4")
        _ = story.goOn()
        #expect(story.held.isEmpty)
        story.fail("d6")
        _ = story.goOn()
        #expect(story.held == [Self.bad])
    }

    @Test("a retry of failed devices releases every cohort")
    func retry() throws {
        var story = try Story()
        story.fail("d1")
        story.fail("d2")
        _ = story.goOn()
        story.add(.requested(OperatorRequest(.retryFailed, by: "x")))
        story.now = story.now + .minutes(5)
        #expect(story.goOn() == ["d1"])
        #expect(story.held.isEmpty)
    }

    @Test(
        "devices that a binding gate found failed count; an observing gate's, the control group's and drifted ones do not"
    )
    func whatCounts() throws {
        for (gate, isControl, expected) in [
            ("traffic", false, [Self.bad]), ("traffic", true, []), ("watcher", false, []),
        ] as [(GateName, Bool, [Cohort])] {
            var story = try Story {
                $0.gates.append(GateRule(name: "watcher", condition: .reboot, onFail: .observe))
            }
            let findings = ["d1", "d2 eth0"].map {
                Verdict.Finding(subject: $0, isControl: isControl, failed: true, unit: "")
            }
            let window = Verdict.Window(from: story.now, to: story.now)
            story.add(
                .judged(
                    wave: 0,
                    Verdict(gate: gate, outcome: .fail, reason: "", findings: findings, before: window, after: window)))
            _ = story.goOn()
            #expect(story.held == expected, "\(gate) \(isControl)")
        }
        var story = try Story()
        story.fail("d1", .drifted)
        story.fail("d2", .drifted)
        _ = story.goOn()
        #expect(story.held.isEmpty)
    }

    @Test("with the reaction pause the whole rollout stands still; without a rule nothing is held")
    func reactions() throws {
        var story = try Story { $0.cohorts = CohortRule(reaction: .pause) }
        story.fail("d1")
        story.fail("d2")
        #expect(story.goOn().isEmpty)
        #expect(story.state.pauses.map(\.reason.kind) == [.cohort])
        story = try Story { $0.cohorts = nil }
        story.fail("d1")
        story.fail("d2")
        #expect(story.goOn() == ["d3"])
        #expect(story.held.isEmpty)
    }

    @Test("the status says how many are held and why, under the name by which they are released")
    func status() throws {
        var story = try Story()
        story.fail("d1")
        story.fail("d2")
        _ = story.goOn()
        let record = RolloutRecord(
            id: RolloutID(1), title: "t", planDigest: Digest(of: "p"), createdAt: story.now, createdBy: "x")
        let status = RolloutStatus(record, plan: story.plan, state: story.state, lease: nil, at: story.now)
        #expect(status.cohorts.map(\.name) == ["X / bad"])
        #expect(status.cohorts[0].failed == ["d1", "d2"] && status.cohorts[0].waiting == ["d4", "d6"])
    }
}

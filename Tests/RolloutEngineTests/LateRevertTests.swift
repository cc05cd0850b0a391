import Testing

@testable import RolloutEngine

/// How long a device is asked for that does not answer any more: until it is back by itself, however long that takes it.
@Suite("Devices that are back late")
struct LateRevertTests {
    /// The night of one device, of which nothing is heard after its push began or was done.
    private struct Night {
        let plan: Plan
        let name: DeviceName
        var state = RolloutState()
        var now = Samples.start

        init(revertTimer: Timespan?, restartTakes: Timespan?) throws {
            var plan = try Planner.plan(Samples.input(Samples.fleet(), policy: Samples.policy()))
            let first = try #require(plan.waves.first?.devices.first)
            let index = try #require(plan.devices.firstIndex(where: { $0.device.name == first }))
            plan.devices[index].target?.revertTimer = revertTimer
            plan.devices[index].target?.restartTakes = restartTakes
            self.plan = plan
            name = first
            add(.driving(holder: "us", quietFrom: nil))
            add(.waveStarted(wave: 0))
        }

        mutating func add(_ fact: Fact) {
            state.apply(JournalEntry(sequence: state.sequence + 1, at: now, fence: 1, fact: fact))
        }

        /// The step that the engine wants to take on it, once it may.
        mutating func nextStep() throws -> DeviceStep {
            now = max(now, state[name].retryAt ?? now)
            let actions = Reconciler(plan: plan).next(state, at: now, watchedSince: Samples.start - .minutes(60))
            let steps = actions.compactMap { if case .perform(let step) = $0 { step } else { nil as DeviceStep? } }
            return try #require(steps.first { $0.device == name }, "\(actions)")
        }

        /// Asks it, in vain, until it is given up; how long after the start it was asked last.
        mutating func lastAsked() throws -> Timespan {
            var last = now
            for _ in 0..<200 {
                if case .stranded = state[name].phase { return last - Samples.start }
                let step = try nextStep()
                last = now
                add(.intent(step))
                now = now + .seconds(5)
                add(.outcome(step, .failed(DriverError(.unreachable, "no route", effect: .none))))
            }
            return .minutes(9999)
        }
    }

    /// Between the last question and the one that was not asked any more lie no more than this.
    private static let patience = Timespan.seconds(60)

    @Test(
        "a push that was never heard of: what the device makes of the timer counts, and the time that it takes to start",
        arguments: [(nil, nil), (20, nil), (20, 15), (nil, 15)] as [(Int64?, Int64?)])
    func silentPush(_ timer: Int64?, _ restart: Int64?) throws {
        var night = try Night(
            revertTimer: timer.map { Timespan.minutes($0) }, restartTakes: restart.map { Timespan.minutes($0) })
        let push = try night.nextStep()
        let policy = night.plan.policy
        let span =
            policy.deadlines.push + (timer.map { Timespan.minutes($0) } ?? policy.revertTimer)
            + Timespan.minutes(restart ?? 0)
        #expect(push.kind == .push && push.revertsBy == Samples.start + span)
        night.add(.intent(push))
        night.add(.outcome(push, .failed(DriverError(.connectionLost, "lost", effect: .possible))))
        let asked = try night.lastAsked()
        #expect(asked > span - Self.patience && asked < span + Self.patience, "\(asked) of \(span)")
    }

    @Test(
        "one whose timer was read: it is asked until that has run out, and until it may have started",
        arguments: [nil, 15] as [Int64?])
    func silentLater(_ restart: Int64?) throws {
        var night = try Night(revertTimer: nil, restartTakes: restart.map { Timespan.minutes($0) })
        let push = try night.nextStep()
        night.add(.intent(push))
        night.add(.outcome(push, .done(revertsAt: Samples.start + .minutes(10))))
        let confirm = try night.nextStep()
        #expect(confirm.kind == .confirm)
        night.add(.intent(confirm))
        night.add(.outcome(confirm, .failed(DriverError(.connectionLost, "lost", effect: .possible))))
        let asked = try night.lastAsked()
        let span = Timespan.minutes(10 + (restart ?? 0))
        #expect(asked > span - Self.patience && asked < span + Self.patience, "\(asked) of \(span)")
    }
}

import Testing

@testable import RolloutEngine

@Suite("Control group")
struct ControlGroupTests {
    /// Four devices of the range eco and two of hg; one wave each, and a journal that tests write.
    private struct Story {
        let plan: Plan
        var state = RolloutState()
        private var sequence: Int64 = 0

        init(baseline: Timespan = .minutes(10)) throws {
            var policy = Samples.policy()
            policy.canary = CanaryRule(devices: 0)
            policy.watch.baseline = baseline
            policy.waveSize = WaveSize(devices: 1, share: nil)
            let devices =
                (1...4).map { Samples.device("eco-\($0)") } + (1...2).map { Samples.device("hg-\($0)", range: "hg") }
            plan = try Planner.plan(Samples.input(devices, policy: policy))
        }

        mutating func confirm(_ device: DeviceName, at now: Instant) {
            for kind in [DeviceStep.Kind.push, .confirm] {
                let step = DeviceStep(device: device, kind: kind, attempt: 1)
                add(.intent(step), now)
                add(.outcome(step, .done(revertsAt: kind == .push ? now + .minutes(10) : nil)), now)
            }
        }

        mutating func push(_ device: DeviceName, at now: Instant) {
            let step = DeviceStep(device: device, kind: .push, attempt: 1)
            add(.intent(step), now)
            add(.outcome(step, .done(revertsAt: now + .minutes(10))), now)
        }

        mutating func add(_ fact: Fact, _ now: Instant) {
            sequence += 1
            state.apply(JournalEntry(sequence: sequence, at: now, fence: 1, fact: fact))
        }

        func group(beside device: DeviceName, at start: Instant) throws -> ControlGroup {
            let wave = try #require(plan.waves.first { $0.devices == [device] })
            return ControlGroup(beside: wave, of: plan, in: state, startedAt: start)
        }
    }

    private let start = Samples.start + .minutes(60)

    @Test("devices of the same range are compared with, while there are two of them")
    func alike() throws {
        var story = try Story()
        #expect(try story.group(beside: "eco-1", at: start).devices.map(\.name) == ["eco-2", "eco-3", "eco-4"])
        story.confirm("eco-2", at: start - .minutes(5))
        story.confirm("eco-3", at: start - .minutes(5))
        // One of its own range is left, which alone shows little: all untouched ones are taken.
        #expect(try story.group(beside: "eco-1", at: start).devices.map(\.name) == ["eco-4", "hg-1", "hg-2"])
    }

    @Test("who was changed within the time before, or is not settled, is not compared with")
    func touched() throws {
        var story = try Story()
        story.confirm("eco-2", at: start - .minutes(5))
        story.confirm("eco-3", at: start - .minutes(30))
        #expect(try story.group(beside: "eco-1", at: start).devices.map(\.name) == ["eco-3", "eco-4"])
        // Pushed long ago and not confirmed since: it may still change by itself.
        story.push("eco-4", at: start - .minutes(40))
        #expect(try story.group(beside: "eco-1", at: start).devices.map(\.name) == ["eco-3", "hg-1", "hg-2"])
    }

    @Test(
        "when all were changed lately the time before is as long as one was left alone, but not shorter than the soak")
    func shortened() throws {
        var story = try Story()
        for name in ["eco-2", "eco-3", "eco-4", "hg-1", "hg-2"] as [DeviceName] {
            story.confirm(name, at: start - .minutes(name == "hg-2" ? 4 : 2))
        }
        let group = try story.group(beside: "eco-1", at: start)
        #expect(group.devices.map(\.name) == ["hg-2"])
        #expect(group.before.from == start - .minutes(4) + .milliseconds(1))
        // The soak is 30 s: a device that was left alone for 20 s does not show as much.
        var hasty = try Story()
        for name in ["eco-2", "eco-3", "eco-4", "hg-1", "hg-2"] as [DeviceName] {
            hasty.confirm(name, at: start - .seconds(20))
        }
        let none = try hasty.group(beside: "eco-1", at: start)
        #expect(none.devices.isEmpty)
        #expect(none.before.from == start - .minutes(10))
    }
}

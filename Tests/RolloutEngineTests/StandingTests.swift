import Testing

@testable import RolloutEngine

@Suite("Where a device stands")
struct StandingTests {
    @Test("a timer that the device does not name counts as ours, another name does not")
    func unsignedTimer() {
        let device = Device(
            name: "gra-eco-01", address: "198.51.100.1", platform: "netconf_test", range: "eco", datacentre: "gra")
        func config(_ line: String) -> DeviceConfig {
            DeviceConfig(sections: [.init(name: "shaping e0", lines: [line])])
        }
        let order = PushOrder(
            device: device, base: config("old"), desired: config("new"), mark: "rollout-1-x", revertAfter: .minutes(1),
            limit: .minutes(1))
        func standing(_ mark: String, _ line: String) -> Standing {
            Standing(
                Observation(
                    hostname: device.hostname, config: config(line),
                    pendingRevert: PendingRevert(mark: mark, remaining: nil)),
                under: order)
        }
        #expect(standing(PendingRevert.unsigned, "new") == .pendingTarget(nil))
        #expect(standing(PendingRevert.unsigned, "old") == .pendingBase(nil))
        #expect(standing("rollout-1-x", "new") == .pendingTarget(nil))
        guard case .other = standing("rollout-2-y", "new") else {
            Issue.record("another one's timer counts as ours")
            return
        }
    }

    /// A push of which only the intent is known, then what was found, then a device that does not answer.
    private func state(after found: Standing) -> DeviceState {
        var device = DeviceState()
        let push = DeviceStep(
            device: "gra-eco-01", kind: .push, attempt: 1, revertsBy: Samples.start + .minutes(10))
        device.begin(push, at: Samples.start)
        device.take(.found(found), of: push, at: Samples.start + .seconds(5))
        device.askAgain(at: Samples.start + .seconds(10))
        for attempt in 1...5 {
            let observe = DeviceStep(device: "gra-eco-01", kind: .observe, attempt: attempt)
            let now = Samples.start + .seconds(10 + Int64(attempt) * 40)
            device.begin(observe, at: now)
            device.take(.failed(DriverError(.unreachable, "no route", effect: .none)), of: observe, at: now)
        }
        return device
    }

    @Test("another device that answers in its place says nothing of its timer: it is asked until that has run out")
    func stranger() {
        let stranger = state(after: .other("it says its hostname is 'other'", isStranger: true))
        #expect(stranger.phase == .inDoubt)
        #expect(stranger.revertsBy == Samples.start + .minutes(10))
        // Read from the device itself, no timer is no timer.
        let edited = state(after: .other("its configuration is neither the base nor the target"))
        #expect(edited.revertsBy == nil)
        guard case .stranded = edited.phase else {
            Issue.record("\(edited.phase)")
            return
        }
    }
}

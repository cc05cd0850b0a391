import RolloutEngine
import Testing

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
}

import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices.OpenVSwitchDevices {
    @Suite("Open vSwitch: policing")
    struct SwitchPolicerTests {
        @Test(
            "what comes in through a port is held to the rate, read back, and put back",
            .enabled(if: SwitchBench.hasKernelDatapath, "needs a kernel with openvswitch, cls_basic and act_police"),
            .timeLimit(.minutes(10)))
        func realTraffic() async throws {
            try await SwitchBench.with(datapath: "system") { bench in
                let free = try await bench.megabits(ofDatagrams: true)
                try #require(free > 5, "the machine is too busy to carry anything: \(free) Mbit/s")
                let order = try await bench.linux.order([SwitchBench.police(2)])
                #expect(order.base.sections == [DeviceConfig.Section(name: "police-ingress pA", lines: [])])
                let pushed = try await bench.driver.push(order)
                #expect(pushed.config.isEquivalent(to: order.desired) && pushed.pendingRevert?.mark == order.mark)
                #expect(pushed.config.policedRate(of: "pA", .ingress) == BitsPerSecond(2_000_000))
                let policed = try await bench.megabits(ofDatagrams: true)
                #expect((1.7...2.2).contains(policed), "\(policed) Mbit/s")
                #expect(try await bench.driver.confirm(order).pendingRevert == nil)
                #expect(try await bench.driver.rollBack(order).config.isEquivalent(to: order.base))
                let again = try await bench.megabits(ofDatagrams: true)
                #expect(again > 5, "\(again) Mbit/s of \(free)")
                print("policed by Open vSwitch: free \(free), policed \(policed), again \(again) Mbit/s")

                let late = try await bench.linux.order(
                    [SwitchBench.police(20)], mark: "rollout-218-gra-eco-01", revertAfter: .seconds(12))
                _ = try await bench.driver.push(late)
                #expect(try await bench.linux.settles(on: late.base, late))
                #expect(await bench.sh("ovs-vsctl get interface pA ingress_policing_rate").hasPrefix("0"))
            }
        }

        @Test("a switch that moves packets itself polices nothing, and is left out", .timeLimit(.minutes(10)))
        func userspace() async throws {
            try await SwitchBench.with { bench in
                let error = await #expect(throws: DriverError.self) {
                    try await bench.linux.order([SwitchBench.police(10)])
                }
                #expect(error?.code == .unsupported && error?.message.contains("the datapath 'netdev'") == true)
                let egress = ResolvedIntent.police(
                    interface: "pA", direction: .egress, rate: BitsPerSecond(1_000_000), burst: ByteCount(65_536))
                let other = await #expect(throws: DriverError.self) { try await bench.linux.order([egress]) }
                #expect(other?.message.contains("polices what comes in alone") == true)
            }
        }
    }
}

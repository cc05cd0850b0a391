import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices {
    /// The kernel of this machine decides which of them can be run.
    @Suite("Linux: policing", .serialized)
    struct LinuxPolicingTests {
        static let isPossible = LinuxBench.succeeds(
            "ip netns exec $n tc qdisc add dev e0 clsact && ip netns exec $n tc filter add dev e0 ingress matchall"
                + " action police rate 1mbit burst 64k conform-exceed drop")

        private static func police(_ direction: TrafficDirection, _ megabits: UInt64, interface: String = "e0")
            -> ResolvedIntent
        {
            let rate = BitsPerSecond(megabits * 1_000_000)
            return .police(
                interface: interface, direction: direction, rate: rate,
                burst: max(BurstRule.policing(rate), ByteCount(TrafficPolicer.leastBurst)))
        }

        private static let look =
            "tc -r -d filter show dev e0 ingress; tc filter show dev e0 egress; tc qdisc show dev e0"

        @Test(
            "both directions are policed under a timer, read back, confirmed, changed, and put back to nothing",
            .enabled(if: isPossible, "needs a kernel with cls_matchall and act_police"), .timeLimit(.minutes(10)))
        func cycle() async throws {
            try await LinuxBench.with { bench in
                let before = await bench.sh(Self.look)
                let order = try await bench.order([Self.police(.ingress, 500), Self.police(.egress, 20)])
                #expect(order.base.sections.map(\.lines) == [[], []])
                let pushed = try await bench.driver.push(order)
                #expect(pushed.config.isEquivalent(to: order.desired) && pushed.pendingRevert?.mark == order.mark)
                #expect(pushed.config.policedRate(of: "e0", .ingress) == BitsPerSecond(500_000_000))
                #expect(await bench.sh("tc filter show dev e0 ingress").contains("police 0x"))
                #expect(try await bench.driver.confirm(order).pendingRevert == nil)
                #expect(await bench.sh("ls -A \(bench.folder)/state") == "")

                let again = try bench.driver.render(
                    [Self.police(.ingress, 500)], onto: try await bench.config(order), for: bench.device)
                #expect(again.isEquivalent(to: order.desired), "the second plan is empty")

                let half = await bench.sh(Self.look)
                let more = try await bench.order([Self.police(.ingress, 700)], mark: "rollout-218-gra-eco-01")
                _ = try await bench.driver.push(more)
                #expect(await bench.sh(Self.look).contains("rate 700Mbit"))
                #expect(try await bench.driver.rollBack(more).config.isEquivalent(to: more.base))
                func plain(_ text: String) -> String {
                    text.replacing(/police 0x[0-9a-f]+/) { _ in "police" }
                }
                #expect(plain(await bench.sh(Self.look)) == plain(half))

                #expect(try await bench.driver.rollBack(order).config.isEquivalent(to: order.base))
                #expect(await bench.sh(Self.look) == before, "the hook went with the last policer")
            }
        }

        @Test(
            "a policer that nobody confirms is taken back by the device itself, and a hook that was there stays",
            .enabled(if: isPossible, "needs a kernel with cls_matchall and act_police"), .timeLimit(.minutes(10)))
        func revertsByItself() async throws {
            try await LinuxBench.with { bench in
                await bench.sh("tc qdisc add dev e0 ingress")
                let before = await bench.sh(Self.look)
                let order = try await bench.order([Self.police(.ingress, 5)], revertAfter: .seconds(12))
                #expect(order.base.sections[0].lines == ["hook ingress"])
                _ = try await bench.driver.push(order)
                #expect(await bench.sh("tc filter show dev e0 ingress").contains("police"))
                #expect(try await bench.settles(on: order.base, order))
                #expect(await bench.sh(Self.look) == before)
                await #expect(throws: DriverError.self) { try await bench.order([Self.police(.egress, 5)]) }
            }
        }

        @Test(
            "a change that was cut off between its two policers goes back as a whole",
            .enabled(if: isPossible, "needs a kernel with cls_matchall and act_police"), .timeLimit(.minutes(10)))
        func half() async throws {
            try await LinuxBench.with { bench in
                let first = try await bench.order([Self.police(.ingress, 50)])
                _ = try await bench.driver.push(first)
                _ = try await bench.driver.confirm(first)
                let order = try await bench.order([Self.police(.ingress, 80)], mark: "rollout-218-gra-eco-01")
                _ = try await bench.driver.push(order)
                // As if it had been stopped while the stand-in was there, and the policer not yet.
                await bench.sh(
                    "tc filter add dev e0 ingress pref 49151 handle 1 protocol all matchall action police rate 80mbit"
                        + " burst 500000 mtu 65536 conform-exceed drop; tc filter del dev e0 ingress pref 49152")
                #expect(try await bench.driver.rollBack(order).config.isEquivalent(to: order.base))
                #expect(await bench.sh("tc filter show dev e0 ingress").contains("rate 50Mbit"))
            }
        }

        @Test(
            "traffic is held to the rate, each way, and is free again afterwards",
            .enabled(if: isPossible && Tool.path("iperf3") != nil, "needs cls_matchall, act_police and iperf3"),
            .timeLimit(.minutes(10)))
        func traffic() async throws {
            try await LinuxBench.with { bench in
                let peer = bench.namespace + "p"
                _ = await LocalShell.run(
                    """
                    ip netns add \(peer); ip -n \(bench.namespace) link set e1 netns \(peer)
                    ip -n \(peer) addr add 10.79.0.2/24 dev e1; ip -n \(peer) link set e1 up
                    """)
                await bench.sh("ip addr add 10.79.0.1/24 dev e0")
                /// What arrives of 12 Mbit/s of datagrams sent out of the device, or into it, in Mbit/s. TCP would shy away.
                func megabits(_ direction: TrafficDirection) async throws -> Double {
                    let reverse = direction == .ingress ? "-R" : ""
                    let result = await LocalShell.run(
                        """
                        cd '\(bench.folder)'; ip netns exec \(peer) iperf3 -s -1 -D -I "$PWD/iperf.pid" </dev/null >/dev/null 2>&1
                        sleep 1; ip netns exec \(bench.namespace) iperf3 -c 10.79.0.2 -u -b 12M -l 1200 -t 4 -O 2 -J \(reverse)
                        """, milliseconds: 60_000)
                    struct Report: Decodable {
                        struct End: Decodable { let sum_received: Sum }
                        struct Sum: Decodable { let bits_per_second: Double }
                        let end: End
                    }
                    let report = try JSONDecoder().decode(Report.self, from: Data((result?.text ?? "").utf8))
                    return report.end.sum_received.bits_per_second / 1e6
                }
                let free = try await megabits(.ingress)
                try #require(free > 5, "the machine is too busy to carry anything: \(free) Mbit/s")
                let order = try await bench.order([Self.police(.ingress, 2), Self.police(.egress, 3)])
                _ = try await bench.driver.push(order)
                let (inwards, outwards) = (try await megabits(.ingress), try await megabits(.egress))
                #expect((1.7...2.2).contains(inwards), "\(inwards) Mbit/s")
                #expect((2.5...3.3).contains(outwards), "\(outwards) Mbit/s")
                _ = try await bench.driver.rollBack(order)
                let again = try await megabits(.ingress)
                #expect(again > 5, "\(again) Mbit/s of \(free)")
                print("policed: free \(free), in \(inwards), out \(outwards), again \(again) Mbit/s")
                _ = await LocalShell.run("ip netns del \(peer)")
            }
        }

        @Test(
            "a kernel without policers refuses, and is left as it was",
            .enabled(if: !isPossible, "this kernel has them"),
            .timeLimit(.minutes(10)))
        func noPolicers() async throws {
            try await LinuxBench.with { bench in
                let before = await bench.sh(Self.look)
                let order = try await bench.order([Self.police(.ingress, 500)])
                let error = await #expect(throws: DriverError.self) { try await bench.driver.push(order) }
                #expect(error?.code == .refused && error?.message.contains("police-ingress e0 failed") == true)
                #expect(try await bench.driver.rollBack(order).config.isEquivalent(to: order.base))
                #expect(await bench.sh(Self.look) == before)
            }
        }

        @Test("filters of others, and interfaces that are none, are refused by name", .timeLimit(.minutes(10)))
        func foreign() async throws {
            try await LinuxBench.with { bench in
                await bench.sh(
                    "tc qdisc add dev e0 clsact;"
                        + " tc filter add dev e0 egress protocol ip pref 7 u32 match u32 0 0 action mirred egress redirect dev e1"
                )
                let error = await #expect(throws: DriverError.self) {
                    try await bench.order([Self.police(.egress, 5)])
                }
                #expect(error?.code == .unsupported && error?.message.contains("protocol ip pref 7 u32") == true)
                let missing = await #expect(throws: DriverError.self) {
                    try await bench.order([Self.police(.egress, 5, interface: "e9")])
                }
                #expect(missing?.code == .unsupported)
            }
        }
    }
}

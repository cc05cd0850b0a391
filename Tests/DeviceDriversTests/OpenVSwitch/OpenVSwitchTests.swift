import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices.OpenVSwitchDevices {
    @Suite("Open vSwitch: a real switch and real traffic")
    struct OpenVSwitchTests {
        @Test("a port is shaped to what was ordered, another rate takes its place, and going back ends it")
        func realTraffic() async throws {
            try await SwitchBench.with { bench in
                let free = try await bench.megabits()
                try #require(free > 80, "the machine is too busy to carry anything: \(free) Mbit/s")
                let order = try await bench.linux.order([SwitchBench.shape(30)])
                #expect(order.base.sections == [DeviceConfig.Section(name: "qos pB", lines: [])])
                let pushed = try await bench.driver.push(order)
                #expect(pushed.config.isEquivalent(to: order.desired) && pushed.pendingRevert?.mark == order.mark)
                #expect(pushed.config.shapedRate(of: "pB") == BitsPerSecond(30_000_000))
                let shaped = try await bench.megabits(reaching: 27)
                #expect((27...33).contains(shaped), "\(shaped) Mbit/s")
                let confirmed = try await bench.driver.confirm(order)
                #expect(confirmed.pendingRevert == nil && confirmed.config.isEquivalent(to: order.desired))
                #expect(await bench.sh("ls -A \(bench.linux.folder)/state") == "")

                let rows = await bench.sh("ovs-vsctl get port pB qos; ovs-vsctl get qos pB queues")
                let second = try await bench.linux.order([SwitchBench.shape(60)], mark: "rollout-218-gra-eco-01")
                _ = try await bench.driver.push(second)
                let doubled = try await bench.megabits(reaching: 54)
                #expect((54...66).contains(doubled), "\(doubled) Mbit/s")
                #expect(await bench.sh("ovs-vsctl get port pB qos; ovs-vsctl get qos pB queues") == rows)
                let back = try await bench.driver.rollBack(second)
                #expect(back.config.isEquivalent(to: second.base) && back.pendingRevert == nil)
                let again = try await bench.megabits(reaching: 27)
                #expect((27...33).contains(again), "\(again) Mbit/s")

                #expect(try await bench.driver.rollBack(order).config.isEquivalent(to: order.base))
                #expect(await bench.sh("ovs-vsctl list QoS; ovs-vsctl list Queue") == "", "no row is left behind")
                #expect(try await bench.megabits(reaching: 80) > 80)
            }
        }

        @Test(
            "over a real sshd: a change that nobody confirms is taken back by the device, whatever becomes of the session",
            .enabled(if: RealServer.isPossible, "needs openssh-server"), .timeLimit(.minutes(10)))
        func revertsByItself() async throws {
            try await SwitchBench.with { bench in
                let ip = try #require(Tool.path("ip"))
                let server = try RealServer(
                    ["SetEnv OVS_RUNDIR=\(bench.linux.folder)"], prefix: [ip, "netns", "exec", bench.linux.namespace])
                var device = server.device {
                    $0.user = "root"
                    $0.namespace = bench.linux.namespace
                }
                device.platform = "openvswitch"
                device.hostname = bench.device.hostname
                device.variables = bench.device.variables
                var order = try await bench.linux.order([SwitchBench.shape(30)], revertAfter: .seconds(6))
                order.device = device
                let driver = LinuxDriver(transport: SSHTransport(secrets: EnvironmentAndFileSecrets()))
                #expect(try await driver.push(order).pendingRevert?.mark == order.mark)
                #expect(await bench.sh("tc qdisc show dev pB").contains("htb"))
                server.stop()
                #expect(try await bench.linux.settles(on: order.base, order))
                #expect(await bench.sh("tc qdisc show dev pB").contains("noqueue"))
            }
        }

        @Test("one queue of a port is shaped; the others, their settings and what others wrote beside them stay")
        func oneQueue() async throws {
            try await SwitchBench.with { bench in
                await bench.sh(
                    """
                    ovs-vsctl -- set port pB qos=@q -- --id=@q create qos type=linux-htb other-config:max-rate=90000001 \
                      external_ids:who=else queues:0=@a queues:7=@b -- --id=@a create queue other-config:max-rate=90000001 \
                      -- --id=@b create queue other-config:max-rate=20000000 other-config:min-rate=15000000 \
                      other-config:priority=2 dscp=11
                    """)
                let look =
                    "ovs-vsctl --columns=type,other_config,external_ids list qos;"
                    + " ovs-vsctl --columns=dscp,other_config list queue | sort; tc class show dev pB"
                let before = await bench.sh(look)
                let order = try await bench.linux.order([SwitchBench.shape(10, queue: "7")])
                #expect(
                    order.base.sections[0].lines == [
                        "shaper linux-htb max-rate=90000001", "queue 0 max-rate=90000001",
                        "queue 7 max-rate=20000000 min-rate=15000000 priority=2",
                    ])
                let pushed = try await bench.driver.push(order)
                #expect(
                    pushed.config.sections[0].lines.last
                        == "queue 7 burst=524288 max-rate=10000000 min-rate=10000000 priority=2")
                #expect(await bench.sh("tc class show dev pB").contains("rate 10Mbit ceil 10Mbit"))
                #expect(try await bench.driver.rollBack(order).config.isEquivalent(to: order.base))
                #expect(await bench.sh(look) == before)
            }
        }

        @Test("what could not be put back is refused when planning, and the refusal says what it is")
        func refusals() async throws {
            try await SwitchBench.with { bench in
                func refusal(_ intent: ResolvedIntent = SwitchBench.shape(30)) async -> String {
                    do {
                        _ = try await bench.linux.order([intent])
                        return "(none)"
                    } catch { return "\(error)" }
                }
                #expect(await refusal(SwitchBench.shape(30, queue: "0")).contains("the port has no QoS"))
                let stranger = ResolvedIntent.shape(
                    interface: "e0", rate: BitsPerSecond(1_000_000), burst: ByteCount(9000), trafficClass: nil)
                #expect(await refusal(stranger).contains("e0 is no port of this switch"))

                await bench.sh("tc qdisc replace dev pB root tbf rate 10mbit burst 32k latency 50ms")
                #expect(await refusal().contains("tc's own tbf rate 10000000bit"))
                await bench.sh("tc qdisc del dev pB root")

                await bench.sh(
                    "ovs-vsctl -- set port pB qos=@q -- set port pA qos=@q"
                        + " -- --id=@q create qos type=linux-htb other-config:max-rate=90000000")
                #expect(await refusal().contains("QoS that pA use too"))
                await bench.sh("ovs-vsctl clear port pA qos")
                #expect(await refusal() == "(none)")
                #expect(await refusal(SwitchBench.shape(30, queue: "3")).contains("no queue 3, only none"))
                await bench.sh("ovs-vsctl set qos pB type=linux-codel")
                #expect(await refusal().contains("QoS of the type linux-codel"))

                await bench.sh("ip link add pC type veth peer name pD; ovs-vsctl add-bond brx bo pC pD")
                let bond = ResolvedIntent.shape(
                    interface: "bo", rate: BitsPerSecond(1_000_000), burst: ByteCount(9000), trafficClass: nil)
                #expect(await refusal(bond).contains("bonds"))

                await bench.sh("kill $(cat '\(bench.linux.folder)/db.pid')")
                #expect(await refusal().contains("ovs-vsctl cannot list the switch's ports"))
            }
        }

        @Test("a shaper that the kernel does not know is found out, though ovs-vsctl says nothing")
        func silentFailure() async throws {
            try await SwitchBench.with { bench in
                let isKnown = await bench.sh("tc qdisc add dev e0 root hfsc 2>/dev/null; echo $?") == "0\n"
                await bench.sh(
                    "ovs-vsctl -- set port pB qos=@q"
                        + " -- --id=@q create qos type=linux-hfsc other-config:max-rate=90000000")
                let scope = ConfigScope(interfaces: ["pB"])
                let config = try await bench.driver.observe(bench.device, scope: scope, within: .seconds(20)).config
                if isKnown {
                    #expect(config.sections[0].lines == ["shaper linux-hfsc max-rate=90000000"])
                } else {
                    #expect(config.sections[0].lines[0].contains("which the switch does not carry out"))
                    await #expect(throws: DriverError.self) { try await bench.linux.order([SwitchBench.shape(30)]) }
                }
            }
        }
    }
}

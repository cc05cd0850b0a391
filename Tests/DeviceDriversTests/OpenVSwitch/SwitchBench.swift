import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices {
    @Suite(
        "Open vSwitch", .serialized,
        .enabled(if: SwitchBench.isAvailable, "needs openvswitch-switch, iperf3 and ethtool"))
    enum OpenVSwitchDevices {}
}

/// A real ovsdb-server and ovs-vswitchd in a namespace of their own, with the userspace datapath. Two hosts are plugged into it:
/// `a` (10.78.0.1) at the port `pA`, `b` (10.78.0.2) at `pB`.
struct SwitchBench: Sendable {
    /// The namespace, the folder, and the device.
    var linux: LinuxBench

    static let isAvailable = ["ovs-vswitchd", "ovsdb-server", "iperf3", "ethtool"].allSatisfy { Tool.path($0) != nil }

    var device: Device { linux.device }
    var driver: LinuxDriver { linux.driver }

    /// Whether the kernel can switch packets itself, and police them as the switch asks it to.
    static let hasKernelDatapath =
        FileManager.default.fileExists(atPath: "/sys/module/openvswitch")
        && LinuxBench.succeeds(
            "ip netns exec $n tc qdisc add dev e0 ingress && ip netns exec $n tc filter add dev e0 parent ffff: basic"
                + " action police rate 1mbit burst 64k conform-exceed drop")

    /// Makes a switch with two hosts, runs the body, and takes everything away.
    ///
    /// - Parameter datapath: `netdev` for one that needs nothing of the kernel, `system` for the kernel's.
    static func with(datapath: String = "netdev", _ body: (SwitchBench) async throws -> Void) async throws {
        try await LinuxBench.with { linux in
            var linux = linux
            let (name, folder) = (linux.namespace, linux.folder)
            linux.device.platform = "openvswitch"
            linux.transport.wrapping = "export OVS_RUNDIR=\(folder); " + linux.transport.wrapping
            let started = await LocalShell.run(
                """
                set -e; cd '\(folder)'; export OVS_RUNDIR='\(folder)'
                plug() {
                  ip netns add $1; ip link add $2 netns \(name) type veth peer name e0 netns $1
                  ip -n \(name) link set $2 up; ip -n $1 addr add $3/24 dev e0; ip -n $1 link set e0 up
                  ip netns exec $1 ethtool -K e0 tx off >/dev/null
                }
                plug \(name)a pA 10.78.0.1; plug \(name)b pB 10.78.0.2
                ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
                ip netns exec \(name) ovsdb-server "$PWD/conf.db" --remote=punix:"$PWD/db.sock" --pidfile="$PWD/db.pid" \
                  --detach --no-chdir --log-file="$PWD/db.log" >/dev/null 2>&1
                ovs-vsctl --no-wait init
                ip netns exec \(name) ovs-vswitchd unix:"$PWD/db.sock" --pidfile="$PWD/ovs-vswitchd.pid" \
                  --detach --no-chdir --log-file="$PWD/vs.log" >/dev/null 2>&1
                ovs-vsctl --timeout=10 add-br brx -- set bridge brx datapath_type=\(datapath) \
                  -- add-port brx pA -- add-port brx pB
                """)
            var failure: (any Error)?
            do {
                try #require(started?.status == 0, "\(started?.errorText ?? "no end")")
                try await body(SwitchBench(linux: linux))
            } catch { failure = error }
            _ = await LocalShell.run(
                """
                cd '\(folder)'; kill $(cat ovs-vswitchd.pid db.pid); ip netns del \(name)a; ip netns del \(name)b
                """)
            if let failure { throw failure }
        }
    }

    /// Runs a command on the switch, not through the driver; what it printed.
    @discardableResult func sh(_ line: String) async -> String {
        await linux.sh("export OVS_RUNDIR='\(linux.folder)'; \(line)")
    }

    /// What TCP carries from `a` to `b`, or what arrives of 12 Mbit/s of datagrams, in Mbit/s over two seconds after one to settle.
    func megabits(ofDatagrams: Bool = false) async throws -> Double {
        let kind = ofDatagrams ? "-u -b 12M -l 1200" : ""
        let result = await LocalShell.run(
            """
            cd '\(linux.folder)'
            ip netns exec \(linux.namespace)b iperf3 -s -1 -D -I "$PWD/iperf.pid" </dev/null >/dev/null 2>&1; sleep 0.5
            ip netns exec \(linux.namespace)a iperf3 -c 10.78.0.2 -t 2 -O 1 -J \(kind)
            """)
        struct Report: Decodable {
            struct End: Decodable { let sum_received: Sum }
            struct Sum: Decodable { let bits_per_second: Double }
            let end: End
        }
        let report = try JSONDecoder().decode(Report.self, from: Data((result?.text ?? "").utf8))
        return report.end.sum_received.bits_per_second / 1e6
    }

    /// The same, measured again while it is less, as it is where other programs have the processors. More is more.
    func megabits(reaching least: Double) async throws -> Double {
        for _ in 0..<3 {
            let measured = try await megabits()
            if measured >= least { return measured }
        }
        return try await megabits()
    }

    /// An intent to police what comes in through `pA`.
    static func police(_ megabits: UInt64) -> ResolvedIntent {
        let rate = BitsPerSecond(megabits * 1_000_000)
        return .police(interface: "pA", direction: .ingress, rate: rate, burst: BurstRule.policing(rate))
    }

    /// An intent to shape `pB`.
    static func shape(_ megabits: UInt64, queue: String? = nil) -> ResolvedIntent {
        .shape(
            interface: "pB", rate: BitsPerSecond(megabits * 1_000_000), burst: ByteCount(65536), trafficClass: queue)
    }
}

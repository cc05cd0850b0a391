import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices {
    @Suite("FRR", .serialized, .enabled(if: FRRBench.isAvailable, "needs frr, frr-pythontools and openssh-server"))
    enum FRRDevices {}
}

/// A real zebra and staticd in a namespace, with an integrated configuration in a folder of their own.
struct FRRBench: Sendable {
    /// The namespace, and the device.
    var linux: LinuxBench

    static let isAvailable =
        RealServer.isPossible && access("/usr/lib/frr/zebra", X_OK) == 0
        && access("/usr/lib/frr/frr-reload.py", X_OK) == 0

    /// FRR's name for what is ours: its folders are called so.
    var name: String { linux.namespace }
    /// The configuration of all daemons.
    var file: String { "/etc/frr/\(name)/frr.conf" }

    /// Starts the daemons, runs the body, and takes everything away.
    ///
    /// - Parameter transactional: Whether zebra's own terminal, on port 2601, is the transactional one.
    static func with(transactional: Bool = false, _ body: (FRRBench) async throws -> Void) async throws {
        try await LinuxBench.with { linux in
            let bench = FRRBench(linux: linux)
            let name = bench.name
            let started = await LocalShell.run(
                """
                set -e; mkdir -p /etc/frr/\(name) /run/frr/\(name); cd /etc/frr/\(name)
                printf 'hostname edge-1\\nservice integrated-vtysh-config\\n' >vtysh.conf
                printf 'hostname edge-1\\ninterface e0\\n description before\\nexit\\nline vty\\n no login\\n' >zebra.conf
                cat >frr.conf <<'END'
                \(content("before", "10.1.0.0/24"))
                END
                chown -R frr:frr . /run/frr/\(name)
                ip netns exec \(name) /usr/lib/frr/zebra -d -N \(name) -A 127.0.0.1 -P 2601 \
                  \(transactional ? "--tcli -f $PWD/zebra.conf" : "") -i /run/frr/\(name)/zebra.pid >/dev/null 2>&1
                ip netns exec \(name) /usr/lib/frr/staticd -d -N \(name) -A 127.0.0.1 \
                  -i /run/frr/\(name)/staticd.pid >/dev/null 2>&1
                \(transactional ? "" : "ip netns exec \(name) vtysh -N \(name) -b >/dev/null 2>&1")
                """)
            var failure: (any Error)?
            do {
                try #require(started?.status == 0, "\(started?.errorText ?? "no end")")
                try await body(bench)
            } catch { failure = error }
            _ = await LocalShell.run(
                "kill $(cat /run/frr/\(name)/*.pid); rm -rf /etc/frr/\(name) /run/frr/\(name)")
            if let failure { throw failure }
        }
    }

    /// A configuration of one interface and one route.
    static func content(_ description: String, _ route: String) -> String {
        """
        frr defaults traditional
        hostname edge-1
        service integrated-vtysh-config
        !
        interface e0
         description \(description)
        exit
        !
        ip route \(route) blackhole
        !
        """
    }

    /// What has the daemons run the file. Told of a file that is not the one in its folder, it would write that anew.
    var reload: String {
        "/usr/lib/frr/frr-reload.py --reload --bindir /usr/bin --confdir /etc/frr/\(name) --vty_socket /run/frr/\(name) \(file)"
    }

    /// What FRR runs.
    func running() async -> String { await linux.sh("vtysh -N \(name) -c 'show running-config'") }

    /// A device behind an sshd in the namespace; with a command, that is what every session gets.
    func server(_ command: String? = nil) throws -> RealServer {
        let ip = try #require(Tool.path("ip"))
        return try RealServer(
            ["SetEnv VTYSH_PAGER=cat"] + (command.map { ["ForceCommand \($0)"] } ?? []),
            prefix: [ip, "netns", "exec", name])
    }

    /// Ends the processes behind all sessions on the transactional terminal.
    func cutSessions() async {
        _ = await LocalShell.run(
            "for pid in $(ip netns pids \(name)); do [ \"$(cat /proc/$pid/comm)\" = busybox ] && kill -9 $pid; done")
    }

    /// That device.
    func device(_ server: RealServer, _ platform: PlatformName, hostname: String) -> Device {
        var device = server.device {
            $0.user = "root"
            $0.namespace = name
        }
        (device.platform, device.hostname) = (platform, hostname)
        device.variables = linux.device.variables
        return device
    }
}

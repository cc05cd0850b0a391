import Foundation
import RolloutEngine
import Synchronization
import Testing

@testable import DeviceDrivers

/// Everything that needs a device to test with. One after another: timers of a few seconds do not bear a crowd.
@Suite(
    "Linux devices", .serialized, .enabled(if: LinuxBench.isAvailable, "needs root, network namespaces and tc"))
enum LinuxDevices {}

/// A Linux device to test with: a network namespace with an interface `e0`, a folder of files, a state folder.
///
/// It needs root and a kernel with network namespaces; tests that need it are skipped visibly without.
struct LinuxBench: Sendable {
    /// The namespace.
    let namespace: String
    /// A folder of its own, removed at the end.
    let folder: String
    /// The device as an inventory would name it.
    var device: Device
    /// The wire to it.
    var transport: LocalShellTransport

    private static let counter = Mutex(0)

    /// Whether such devices can be made here.
    static let isAvailable = isPossible()

    private static func isPossible() -> Bool {
        succeeds("ip netns exec $n tc qdisc replace dev e0 root tbf rate 1mbit burst 16k latency 50ms")
    }

    /// Whether a command succeeds in a namespace `$n` that has an interface `e0`.
    static func succeeds(_ command: String) -> Bool {
        guard geteuid() == 0 else { return false }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            n=rolloutprobe$$; ip netns add $n && ip -n $n link add e0 type veth peer name e1 &&
            \(command); r=$?; ip netns del $n; exit $r
            """,
        ]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// Makes a device, runs the body, and takes everything away.
    static func with(_ body: (LinuxBench) async throws -> Void) async throws {
        let number = counter.withLock { value in
            value += 1
            return value
        }
        let name = "rolloutlnx\(getpid())n\(number)"
        let folder = FileManager.default.temporaryDirectory.path + "/" + name
        try FileManager.default.createDirectory(atPath: folder + "/etc", withIntermediateDirectories: true)
        var hostname = (try? String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8)) ?? ""
        hostname = hostname.trimmingCharacters(in: .whitespacesAndNewlines)
        let device = Device(
            name: "gra-eco-01", address: "198.51.100.1", platform: "linux", range: "eco", datacentre: "gra",
            hostname: hostname, variables: ["rollout_state_dir": .text(folder + "/state")])
        let bench = LinuxBench(
            namespace: name, folder: folder, device: device, transport: .inNamespace(name))
        _ = await LocalShell.run(
            """
            ip netns add \(name) && ip -n \(name) link add e0 type veth peer name e1 && ip -n \(name) link set e0 up &&
            ip -n \(name) link set e1 up && ip -n \(name) link set lo up
            """)
        var failure: (any Error)?
        do { try await body(bench) } catch { failure = error }
        _ = await LocalShell.run("ip netns del \(name); rm -rf '\(folder)'")
        if let failure { throw failure }
    }

    /// Runs a command on the device, not through the driver; what it printed.
    @discardableResult func sh(_ line: String) async -> String {
        let quoted = ShellText.quoted(line)
        return await LocalShell.run("ip netns exec \(namespace) sh -c \(quoted)")?.text ?? "(no end)"
    }

    /// The driver over the unbroken wire.
    var driver: LinuxDriver { LinuxDriver(transport: transport) }

    /// The driver over a wire with these faults.
    func driver(_ faults: [Int: LocalShellTransport.Fault]) -> LinuxDriver {
        var broken = LocalShellTransport.inNamespace(namespace)
        broken.faults = faults
        return LinuxDriver(transport: broken)
    }

    /// An order for these intents onto what the device holds now.
    func order(
        _ intents: [ResolvedIntent], mark: String = "rollout-217-gra-eco-01", revertAfter: Timespan = .seconds(60)
    ) async throws -> PushOrder {
        let base = try await driver.observe(device, scope: ConfigScope(of: intents), within: .seconds(20)).config
        return PushOrder(
            device: device, base: base, desired: try driver.render(intents, onto: base, for: device), mark: mark,
            revertAfter: revertAfter, limit: .seconds(30))
    }

    /// What the device holds in the scope of an order.
    func config(_ order: PushOrder) async throws -> DeviceConfig {
        try await driver.observe(device, scope: order.scope, within: .seconds(20)).config
    }

    /// Waits until the device holds a configuration and no timer is pending; false when it did not within 15 s.
    func settles(on config: DeviceConfig, _ order: PushOrder) async throws -> Bool {
        for _ in 0..<75 {
            let now = try await driver.observe(device, scope: order.scope, within: .seconds(20))
            if now.config.isEquivalent(to: config) && now.pendingRevert == nil { return true }
            try await Task.sleep(for: .milliseconds(200))
        }
        return false
    }

    /// A change of everything at once: `e0` shaped to 20 Mbit/s, a file changed, a file made, both with a reload command.
    var everything: [ResolvedIntent] {
        [
            .shape(
                interface: "e0", rate: BitsPerSecond(20_000_000), burst: ByteCount(32768), trafficClass: nil),
            .file(
                path: folder + "/etc/old.conf", content: "new\n", mode: "0600", reload: "touch \(folder)/reloaded"),
            .file(
                path: folder + "/etc/fresh.conf", content: "fresh", mode: "0644", reload: "touch \(folder)/reloaded"),
        ]
    }
}

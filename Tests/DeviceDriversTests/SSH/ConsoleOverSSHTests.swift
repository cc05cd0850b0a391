import ConsoleDevices
import DeviceDrivers
import Foundation
import Glibc
import RolloutEngine
import Testing

@Suite(
    "Command lines: over a real sshd", .enabled(if: RealServer.isPossible, "needs openssh-server"),
    .timeLimit(.minutes(10)))
struct ConsoleOverSSHTests {
    /// The program that plays a session, beside this one.
    private static var session: String {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return (program as NSString).deletingLastPathComponent + "/console-session"
    }

    private static func now() -> Moment { Moment(milliseconds: Int(Date.now.timeIntervalSince1970 * 1000)) }

    private static let ports: [ConsolePlatform: String] = [
        .juniperJunos: "ge-0/0/0", .nokiaSRLinux: "ethernet-1/1", .vyos: "eth0",
    ]

    @Test(
        "a change lives on a terminal of a real SSH session",
        arguments: ports.keys.sorted { $0.rawValue < $1.rawValue },
        [false, true])
    func life(_ platform: ConsolePlatform, isNoisy: Bool) async throws {
        let port = try #require(Self.ports[platform])
        let path = NSTemporaryDirectory() + "rollout-console-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try ConsoleFolder.make(
            path,
            device: ConsoleDevice.make(
                platform: platform, hostname: "edge-1", interfaces: [ConsoleInterface(port)],
                rate: 500_000_000, at: Self.now()))
        if isNoisy {
            var faults = ConsoleFaults()
            faults.pagingStays = true
            try folder.set(faults)
        }
        let server = try RealServer(["ForceCommand \(Self.session) \(path)"])
        var device = server.device {
            if geteuid() == 0 { $0.user = "root" }
            // Beside other tests a server may take long to answer, which is not what is tested.
            $0.connectTimeout = .seconds(60)
            $0.commandTimeout = .seconds(60)
        }
        device.platform = PlatformName(rawValue: platform.rawValue)
        device.hostname = "edge-1"
        let secrets = EnvironmentAndFileSecrets()
        let definition = try #require(try PlatformLibrary().definition(named: device.platform))
        let driver = try CLIDriver(definition, over: SSHTransport(secrets: secrets), secrets: secrets)
        let base = try await driver.observe(
            device, scope: ConfigScope(interfaces: [port]), within: .seconds(60)
        ).config
        let intent = ResolvedIntent.shape(
            interface: port, rate: BitsPerSecond(1_000_000_000), burst: ByteCount(1 << 20), trafficClass: nil)
        let order = PushOrder(
            device: device, base: base, desired: try driver.render([intent], onto: base, for: device),
            mark: "rollout-217-edge-1", revertAfter: .minutes(10), limit: .seconds(120))
        #expect(try await driver.push(order).pendingRevert?.mark == order.mark)
        #expect(try await driver.confirm(order).pendingRevert == nil)
        #expect(try folder.device().shapedRates[port] == 1_000_000_000)
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(try folder.device().shapedRates[port] == 500_000_000)
    }
}

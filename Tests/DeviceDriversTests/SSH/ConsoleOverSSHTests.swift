import ConsoleDevices
import DeviceDrivers
import Foundation
import Glibc
import RolloutEngine
import Testing

/// A device behind a command line, on a real sshd.
struct ConsoleOverSSH {
    let folder: ConsoleFolder
    let server: RealServer
    let device: Device
    let driver: CLIDriver
    let interface: String
    /// The kind of the server's own key.
    let hostKey: String
    private static let secrets = MadeUpSecrets(values: ["ENABLE": "enable"])

    /// The program that plays a session, beside this one.
    private static var session: String {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return (program as NSString).deletingLastPathComponent + "/console-session"
    }

    static func now() -> Moment { Moment(milliseconds: Int(Date.now.timeIntervalSince1970 * 1000)) }

    /// Lends one that shapes its first interface to 500 Mbit/s.
    static func lend(
        _ platform: ConsolePlatform, _ faults: ConsoleFaults? = nil, client: SSHSettings.Client = .builtIn,
        _ body: (Self) async throws -> Void
    ) async throws {
        let path = NSTemporaryDirectory() + "rollout-console-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let one = try Self(platform, faults, client, at: path)
        try await body(one)
        one.server.stop()
    }

    private init(
        _ platform: ConsolePlatform, _ faults: ConsoleFaults?, _ client: SSHSettings.Client, at path: String
    ) throws {
        interface = try #require(ConsoleBench.interfaces[platform]?.first)
        folder = try ConsoleFolder.make(
            path,
            device: ConsoleDevice.make(
                platform: platform, hostname: "edge-1", interfaces: [ConsoleInterface(interface)],
                rate: 500_000_000, at: Self.now()))
        if let faults { try folder.set(faults) }
        // One that the built-in library can talk to, or one that it cannot.
        hostKey = client == .builtIn ? "ed25519" : "rsa"
        server = try RealServer(
            ["ForceCommand \(Self.session) \(path)"]
                + (client == .builtIn ? [] : ["Ciphers aes256-gcm@openssh.com", "HostKeyAlgorithms rsa-sha2-512"]),
            hostKeys: [hostKey])
        var device = server.device {
            if geteuid() == 0 { $0.user = "root" }
            // Beside other tests a server may take long to answer, which is not what is tested.
            $0.connectTimeout = .seconds(60)
            $0.commandTimeout = .seconds(60)
            $0.enablePassword = .environment("ENABLE")
            $0.client = client
        }
        device.platform = PlatformName(rawValue: platform.rawValue)
        device.hostname = "edge-1"
        self.device = device
        let definition = try #require(try PlatformLibrary().definition(named: device.platform))
        let files = EnvironmentAndFileSecrets()
        driver = try CLIDriver(
            definition,
            over: ChosenTransport(
                library: SSHTransport(secrets: files),
                program: OpenSSHTransport(
                    secrets: files, caps: ManagementCaps(), relativeTo: ".", outputLimit: ByteCount(1 << 20),
                    configuration: "none")), secrets: Self.secrets)
    }

    /// An order to shape the interface to 1 Gbit/s.
    func order(limit: Timespan = .seconds(120)) async throws -> PushOrder {
        let base = try await observe().config
        let intent = ResolvedIntent.shape(
            interface: interface, rate: BitsPerSecond(1_000_000_000), burst: ByteCount(1 << 20), trafficClass: nil)
        return PushOrder(
            device: device, base: base, desired: try driver.render([intent], onto: base, for: device),
            mark: "rollout-217-edge-1", revertAfter: .minutes(10), limit: limit)
    }

    func observe() async throws -> Observation {
        try await driver.observe(device, scope: ConfigScope(interfaces: [interface]), within: .seconds(60))
    }

    /// What the device does by itself within the next hour, it does now.
    func passAnHour() throws { try folder.tick(at: Moment(milliseconds: Self.now().milliseconds + 3_600_000)) }
}

@Suite(
    "Command lines: over a real sshd", .enabled(if: RealServer.isPossible, "needs openssh-server"),
    .timeLimit(.minutes(10)))
struct ConsoleOverSSHTests {
    @Test(
        "a change lives on a terminal of a real SSH session",
        arguments: [ConsolePlatform.juniperJunos, .nokiaSRLinux, .vyos], [false, true])
    func life(_ platform: ConsolePlatform, isNoisy: Bool) async throws {
        var faults = ConsoleFaults()
        faults.pagingStays = isNoisy
        try await lives(platform, faults, client: .builtIn)
    }

    @Test(
        "a change lives on devices that the built-in library cannot talk to, over OpenSSH",
        arguments: CLIDriverTests.platforms)
    func modern(_ platform: ConsolePlatform) async throws {
        try await lives(platform, ConsoleFaults(), client: .either)
    }

    private func lives(_ platform: ConsolePlatform, _ faults: ConsoleFaults, client: SSHSettings.Client) async throws {
        try await ConsoleOverSSH.lend(platform, faults, client: client) { bench in
            let (driver, port, order) = (bench.driver, bench.interface, try await bench.order())
            #expect(try await driver.push(order).pendingRevert?.mark == order.mark)
            #expect(try await driver.confirm(order).pendingRevert == nil)
            #expect(try bench.folder.device().shapedRates[port] == 1_000_000_000)
            #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
            #expect(try bench.folder.device().shapedRates[port] == 500_000_000)
        }
    }
}

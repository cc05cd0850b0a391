import Foundation
import Glibc
import RolloutEngine
import Testing

@testable import DeviceDrivers

/// A real NETCONF server (yuma's netconfd, with a module of our own) behind a real sshd on loopback.
final class NETCONFBench: Sendable {
    static let isPossible =
        RealServer.isPossible && Tool.path("netconfd") != nil && Tool.path("netconf-subsystem") != nil

    let server: RealServer
    let device: Device
    let model: NETCONFModel
    private let folder: String
    private let daemon: pid_t

    init(client: SSHSettings.Client) throws {
        folder = NSTemporaryDirectory() + "rollout-netconf-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        chmod(folder, 0o755)
        let socket = folder + "/ncx.sock"
        try Self.module.write(toFile: folder + "/rollout-shaping.yang", atomically: true, encoding: .utf8)
        // What is committed for good is written there; else into somebody's home.
        let startup = folder + "/startup.xml"
        try "<config xmlns=\"\(NETCONF.base)\"/>".write(toFile: startup, atomically: true, encoding: .utf8)
        // The server refuses sessions that came over another port than its own, so the port is told at the last moment.
        try "set -- $SSH_CONNECTION\nexec \(Tool.path("netconf-subsystem") ?? "") --ncxserver-sockname=$4@\(socket)\n"
            .write(toFile: folder + "/subsystem", atomically: true, encoding: .utf8)
        server = try RealServer(["Subsystem netconf /bin/sh \(folder)/subsystem"])
        let daemon = Process()
        daemon.executableURL = URL(fileURLWithPath: Tool.path("netconfd") ?? "")
        daemon.arguments = [
            "--module=\(folder)/rollout-shaping.yang", "--target=candidate", "--startup=\(startup)",
            "--access-control=off",
            "--ncxserver-sockname=\(socket)", "--port=\(server.port)", "--log=\(folder)/log", "--log-level=info",
        ]
        // It leaves a copy of what it held in the folder it was started in.
        daemon.currentDirectoryURL = URL(fileURLWithPath: folder)
        daemon.environment = ["HOME": folder, "PATH": "/usr/sbin:/usr/bin:/bin"]
        daemon.standardInput = FileHandle.nullDevice
        daemon.standardOutput = FileHandle.nullDevice
        daemon.standardError = FileHandle.nullDevice
        try daemon.run()
        self.daemon = daemon.processIdentifier
        for _ in 0..<1_500 where access(socket, R_OK) != 0 { usleep(20_000) }
        chmod(socket, 0o777)
        var device = server.device { $0.client = client }
        device.hostname = "gra-eco-01"
        device.platform = "netconf_test"
        self.device = device
        model = try NETCONFModelReader.read(Array(Self.modelText.utf8), file: "test.yaml")
    }

    deinit {
        // It takes no notice of SIGTERM when it inherits a mask that blocks it, as from a test.
        kill(daemon, SIGKILL)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// A server whose device is called `gra-eco-01` and shapes `e0` to 20 Mbit/s.
    static func make(client: SSHSettings.Client = .builtIn) async throws -> NETCONFBench {
        let bench = try NETCONFBench(client: client)
        // On a busy machine the server reads our hello and this request at once, and loses the request.
        for _ in 0..<2 {
            do {
                try await bench.seed()
                return bench
            } catch let error as DriverError where error.code == .timeout { continue }
        }
        try await bench.seed()
        return bench
    }

    private func seed() async throws {
        let session = try await session(within: .seconds(20))
        let ns = "urn:rollout:shaping"
        let shaping = Markup(
            "shaping", in: ns, [Markup("rate", in: ns, text: "20000000"), Markup("burst", in: ns, text: "32768")])
        let interface = Markup("interface", in: ns, [Markup("name", in: ns, text: "e0"), shaping])
        try await session.demand(
            NETCONF.editConfig(
                [
                    Markup(
                        "system", in: ns,
                        [
                            Markup("hostname", in: ns, text: "gra-eco-01"), Markup("serial", in: ns, text: "NC2411"),
                        ]),
                    Markup("interfaces", in: ns, [interface]),
                ], tests: true, undoes: true))
        try await session.demand(NETCONF.element("commit"))
        await session.close()
    }

    var transport: ChosenTransport {
        let secrets = EnvironmentAndFileSecrets()
        return ChosenTransport(library: SSHTransport(secrets: secrets), program: OpenSSHTransport(secrets: secrets))
    }
    var driver: NETCONFDriver { NETCONFDriver(model, over: transport) }

    /// Somebody else's session.
    func session(within limit: Duration = .seconds(60)) async throws -> NETCONFSession {
        let connection = try await transport.openSubsystem("netconf", on: device, within: .seconds(20))
        let session = NETCONFSession(connection, deadline: .now + limit, permit: .always)
        _ = try await session.greet()
        return session
    }

    static let scope = ConfigScope(interfaces: ["e0"])

    /// An order to shape `e0` to a rate, from what it is now.
    func order(
        _ rate: UInt64, mark: String = "rollout-217-abc", revertAfter: Timespan = .seconds(300)
    ) async throws -> PushOrder {
        let base = try await driver.observe(device, scope: Self.scope, within: .seconds(20)).config
        let intent = ResolvedIntent.shape(
            interface: "e0", rate: BitsPerSecond(rate), burst: ByteCount(16384), trafficClass: nil)
        return PushOrder(
            device: device, base: base, desired: try driver.render([intent], onto: base, for: device), mark: mark,
            revertAfter: revertAfter, limit: .seconds(120))
    }

    func observe() async throws -> Observation {
        try await driver.observe(device, scope: Self.scope, within: .seconds(20))
    }

    /// An edit of somebody else's in the candidate.
    func edit(on session: NETCONFSession, rate: UInt64 = 5_000_000) async throws {
        let ns = "urn:rollout:shaping"
        let shaping = Markup("shaping", in: ns, [Markup("rate", in: ns, text: "\(rate)")])
        let interface = Markup("interface", in: ns, [Markup("name", in: ns, text: "e9"), shaping])
        try await session.demand(
            NETCONF.editConfig([Markup("interfaces", in: ns, [interface])], tests: true, undoes: true))
    }

    private static let module = """
        module rollout-shaping {
          namespace "urn:rollout:shaping";
          prefix shp;
          revision 2026-11-26 { description "Shaping of interfaces, for tests."; }
          container system { leaf hostname { type string; } leaf serial { type string; } }
          container interfaces {
            list interface {
              key name;
              leaf name { type string { length "1..64"; } }
              container shaping {
                presence "The interface is shaped.";
                leaf rate { type uint64 { range "8000..100000000000"; } mandatory true; units "bit/s"; }
                leaf burst { type uint32; units "bytes"; }
              }
            }
          }
        }
        """

    static let modelText = """
        platform: netconf_test
        summary: the test module
        hostname: <system xmlns="urn:rollout:shaping"><hostname/></system>
        facts:
          ask: <get xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><filter type="subtree"><system xmlns="urn:rollout:shaping"/></filter></get>
          serial: system/serial
        keys: [name]
        # netconfd 2.13 takes a commit that follows a validate, and does not carry it out.
        validate: false
        shaping:
          - interface: "{interface}"
            subtree: |
              <interfaces xmlns="urn:rollout:shaping"><interface><name>{interface}</name><shaping/></interface></interfaces>
            rate: rate
            unit: bit/s
            burst: burst
            fresh: <shaping xmlns="urn:rollout:shaping"/>
        """
}

/// Breaks the line after the message that a test names: the peer got it and answered, and its answer is lost.
struct CuttingTransport: SubsystemTransport {
    let transport: any SubsystemTransport
    /// What the message holds after which the line is cut.
    let word: String

    func openSubsystem(_ name: String, on device: Device, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
    {
        Line(session: try await transport.openSubsystem(name, on: device, within: limit), word: word)
    }

    private actor Line: ConsoleSession {
        let session: any ConsoleSession
        let word: String
        private var isLost = false

        init(session: any ConsoleSession, word: String) {
            self.session = session
            self.word = word
        }

        func send(_ bytes: [UInt8], within limit: Timespan) async throws(DriverError) {
            try await session.send(bytes, within: limit)
            if String(decoding: bytes, as: UTF8.self).contains(word) { isLost = true }
        }

        func receive(within limit: Timespan) async throws(DriverError) -> [UInt8] {
            let bytes = try await session.receive(within: limit)
            guard isLost else { return bytes }
            await session.close()
            return try await session.receive(within: limit)
        }

        func close() async { await session.close() }
    }
}

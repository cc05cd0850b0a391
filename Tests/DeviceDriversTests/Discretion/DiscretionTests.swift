import ConsoleDevices
import Logging
import RolloutEngine
import Testing

@testable import DeviceDrivers

/// What is kept and shown of devices that say our own secrets.
@Suite("Secrets in what devices say")
struct DiscretionTests {
    private static let secrets = MadeUpSecrets(values: [
        "ENABLE": "open", "USUAL": "public", "COMMUNITY": "opensesame", "SHORT": "abc", "AUTH": "auth-key",
        "PRIV": "priv-key",
        "PASSWORD": "pass-word", "PHRASE": "pass-phrase",
    ])

    private static var device: Device {
        Device(
            name: "edge-1", address: "192.0.2.1", platform: "cisco_iosxe", range: "lab", datacentre: "lab",
            ssh: SSHSettings(
                user: "admin", keyPassphrase: .environment("PHRASE"), password: .environment("PASSWORD"),
                enablePassword: .environment("ENABLE")),
            snmp: SNMPSettings(
                community: .environment("COMMUNITY"), authKey: .environment("AUTH"), privKey: .environment("PRIV")))
    }

    @Test("each secret of a device is taken out, the longer one first, and one that cannot be had is none")
    func values() {
        let secrets = DeviceSecrets(of: Self.device, from: Self.secrets)
        #expect(
            secrets.taken(outOf: "snmp-server community opensesame RO; auth-key priv-key pass-word pass-phrase open")
                == "snmp-server community *** RO; *** *** *** *** ***")
        let error = secrets.taken(outOf: DriverError(.refused, "the device said opensesame", effect: .possible))
        #expect(error == DriverError(.refused, "the device said ***", effect: .possible))
        var other = Self.device
        other.ssh.enablePassword = .environment("SHORT")
        other.snmp.community = .environment("MISSING")
        #expect(DeviceSecrets(of: other, from: Self.secrets).taken(outOf: "abc opensesame") == "abc opensesame")
        other.snmp.community = .environment("USUAL")
        #expect(DeviceSecrets(of: other, from: Self.secrets).taken(outOf: "(publickey)") == "(publickey)")
    }

    /// A router whose hostname is what its `enable` asks for.
    private func talkative() throws -> ConsoleBench {
        let bench = ConsoleBench(.ciscoIOSXE)
        try bench.type(["enable", "enable", "configure terminal", "hostname core-enable-7", "end"])
        return bench
    }

    @Test("a router that shows what its `enable` asks for: evidence, errors and -vv do not")
    func evidence() async throws {
        let bench = try talkative()
        let lines = LogLines()
        let driver = try bench.driver(logs: DeviceLogs(secrets: bench, log: lines.logger(.debug)))
        let scope = ConfigScope(interfaces: [bench.interface])
        let plain = await driver.collectEvidence(bench.device, scope: scope, within: .seconds(20))
        #expect(plain.items.contains { $0.output.contains("core-enable-7") }, "\(plain)")
        let discreet = DiscreetDriver(driver, secrets: bench)
        let kept = await discreet.collectEvidence(bench.device, scope: scope, within: .seconds(20))
        #expect(kept.items.map(\.title) == plain.items.map(\.title))
        #expect(kept.items.contains { $0.output.contains("core-***-7") })
        #expect(!kept.items.contains { $0.output.contains("enable-7") })
        #expect(lines.all.contains { $0.contains("core-***-7") }, "\(lines.all)")
        #expect(!lines.all.contains { $0.contains("core-enable-7") })

        // A device of another name is not changed; that error names it.
        let (_, order) = try await CLIDriverTests.order(at: ConsoleBench(.ciscoIOSXE))
        let error = await #expect(throws: DriverError.self) { try await discreet.push(order) }
        #expect(error?.code == .wrongDevice && error?.message.contains("core-***-7") == true, "\(error?.message ?? "")")
    }

    @Test("-v says each command of a push to a router and how it ended, and never what its `enable` was told")
    func routers() async throws {
        let (bench, _, order) = try await CLIDriverTests.ordered(.ciscoIOSXE)
        let lines = LogLines()
        _ = try await bench.driver(logs: DeviceLogs(secrets: bench, log: lines.logger(.info))).push(order)
        let said = lines.all
        #expect(said.first?.hasPrefix("edge-1 connected to 192.0.2.1 in ") == true, "\(said)")
        #expect(said.contains { $0.hasPrefix("edge-1 ran `shape average 1000000000`: done after ") })
        #expect(!said.contains { $0.contains("edge-1   ") })
        #expect(bench.typed.contains("enable"))
    }

    @Test("-v says why a router was not reached, and what a command came to when the line broke")
    func broken() async throws {
        let (bench, _, order) = try await CLIDriverTests.ordered(.aristaEOS)
        let lines = LogLines()
        let driver = try bench.driver(logs: DeviceLogs(secrets: bench, log: lines.logger(.info)))
        bench.hangUp(at: "shape rate 1000000 kbps")
        _ = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(lines.all.last?.hasPrefix("edge-1 ran `shape rate 1000000 kbps`: connection lost") == true)
    }
}

import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("SNMP with a real snmpd", .timeLimit(.minutes(10)))
struct SNMPRealAgentTests {
    private static let program = "/usr/sbin/snmpd"

    @Test(
        "the counters of lo are those of the kernel",
        .enabled(if: FileManager.default.isExecutableFile(atPath: program), "snmpd is not installed"))
    func loopback() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-snmpd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let port = 20_000 + Int(getpid()) % 20_000
        let settings = folder.appending(path: "snmpd.conf")
        try "agentaddress udp:127.0.0.1:\(port)\nrocommunity test-community\n"
            .write(to: settings, atomically: true, encoding: .utf8)

        let before = try kernelOctets()
        let server = try ChildProcess(
            Self.program, ["-f", "-C", "-c", settings.path, "-Lf", "/dev/null", "-I", "-smux"],
            environment: ["MIBS=", "SNMP_PERSISTENT_DIR=\(folder.path)"])
        defer { server.stop() }
        let agent = WatchedAgent(
            subject: .device("this"), address: "127.0.0.1", interfaces: ["lo", "eth-none"],
            snmp: SNMPSettings(port: port, community: .environment("TEST"), timeout: .milliseconds(500), retries: 1))
        let source = SNMPCounterSource.forTests()
        var sample = await source.sample(agent)
        for _ in 0..<20 where sample.unknown != nil { sample = await source.sample(agent) }
        let after = try kernelOctets()

        #expect(sample.unknown == nil)
        #expect((sample.uptime ?? .max) < 60_00)
        #expect(sample.engineBoots != nil)
        #expect(sample.ipOutDiscards != nil)
        #expect(sample.interfaces.last?.unknown?.code == .absent)
        let lo = try #require(sample.interfaces.first)
        #expect(lo.index == 1)
        #expect(lo.operStatus == 1)
        #expect(lo.unknown == nil)
        guard case .bits64(let octets)? = lo.inOctets else {
            Issue.record("expected a 64-bit counter, got \(String(describing: lo.inOctets))")
            return
        }
        #expect((before...after).contains(octets))

        let wrong = await SNMPCounterSource.forTests(FixedSecrets(values: ["TEST": "not-the-community"])).sample(agent)
        #expect(wrong.unknown?.code == .timeout)
    }

    private func kernelOctets() throws -> UInt64 {
        let text = try String(contentsOfFile: "/sys/class/net/lo/statistics/rx_bytes", encoding: .utf8)
        return try #require(UInt64(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
}

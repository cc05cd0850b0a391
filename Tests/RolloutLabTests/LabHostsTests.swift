import Foundation
import RolloutEngine
import Testing

@testable import RolloutLab

@Suite(
    "A small lab of real hosts", .serialized, .enabled(if: Permission.isGranted, "needs root and network namespaces"))
struct LabHostsTests {
    /// Builds two devices under names of their own, so that it can run beside any other lab, and takes them away.
    private func withLab(_ body: (Lab, LabTopology) async throws -> Void) async throws {
        let name = "t" + String(UInt32.random(in: .min ... .max), radix: 36)
        let path = FileManager.default.temporaryDirectory.appending(path: "rollout-lab-\(name)").path
        let topology = LabTopology(
            prefix: name, devicesPerGroup: 2, datacentres: ["gra"], ranges: [.init(name: "eco", megabits: 4)])
        let lab = Lab(LabFolder(path))
        do {
            #expect(try await lab.up(topology) == .built)
            try await body(lab, topology)
        } catch {
            try await lab.down()
            throw error
        }
        try await lab.down()
        #expect(!topology.namespaces.contains(where: Lab.isNamespace))
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// The namespaces and processes of the machine that carry a name.
    private func traces(of name: String) -> [String] {
        let pids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap(Int32.init) ?? []
        return pids.compactMap { pid in
            let line = (readSmallFile("/proc/\(pid)/cmdline") ?? "").replacingOccurrences(of: "\0", with: " ")
            return line.contains("rollout-lab-\(name)") && pid != getpid() ? line : nil
        }
    }

    /// Runs a command on a device over SSH, as a person would.
    private func ssh(_ lab: Lab, _ topology: LabTopology, _ index: Int, _ command: String) throws -> Tool.Output {
        try Tool.run(
            "ip",
            [
                "netns", "exec", topology.core, "ssh", "-F", "none", "-i", "\(lab.folder.path)/key", "-o",
                "BatchMode=yes",
                "-o", "UserKnownHostsFile=\(lab.folder.path)/known_hosts", "-o", "StrictHostKeyChecking=yes",
                "-o", "ConnectTimeout=3", "root@\(topology.devices[index].management)", command,
            ])
    }

    @Test(
        "every device has its own name, key, files and processes, and cannot write the machine's",
        .timeLimit(.minutes(10)))
    func isolation() async throws {
        try await withLab { lab, topology in
            let first = try ssh(
                lab, topology, 0, "hostname; touch /etc/mine /run/mine /var/lib/mine && ls /etc/mine; ps ax | wc -l")
            let lines = first.text.split(separator: "\n").map(String.init)
            #expect(lines.prefix(2) == ["gra-eco-01", "/etc/mine"], "\(first)")
            #expect(Int(lines.last?.trimmingCharacters(in: .whitespaces) ?? "") ?? 999 < 30)
            #expect(try ssh(lab, topology, 0, "touch /usr/mine").status != 0)
            let second = try ssh(lab, topology, 1, "hostname; ls /etc/mine /run/mine /var/lib/mine 2>/dev/null | wc -l")
            #expect(second.text == "gra-eco-02\n0\n", "\(second)")
            #expect(!FileManager.default.fileExists(atPath: "/etc/mine"))
        }
    }

    @Test(
        "a whole lab is left alone, another one refused, a broken one built anew, and nothing stays",
        .timeLimit(.minutes(10)))
    func repeated() async throws {
        var name = ""
        try await withLab { lab, topology in
            name = topology.prefix
            #expect(try await lab.up(topology) == .unchanged)
            var other = topology
            other.devicesPerGroup = 1
            await #expect(throws: LabError.self) { try await lab.up(other) }
            // Another folder knows nothing of these names, and must not take them.
            let stranger = Lab(LabFolder(lab.folder.path + "-other"))
            await #expect(throws: LabError.self) { try await stranger.up(topology) }
            #expect(try await stranger.down() == false)
            #expect(try await lab.status().isWhole)
            let keeper = try #require(lab.folder.keepers()[topology.devices[0].namespace])
            kill(keeper.pid, SIGKILL)
            try await Task.sleep(for: .milliseconds(200))
            #expect(try await lab.status().isWhole == false)
            #expect(try await lab.up(topology) == .built)
        }
        #expect(traces(of: name) == [])
    }

    @Test("traffic follows the cap, and a strangled device shows nothing of the second cap", .timeLimit(.minutes(10)))
    func traffic() async throws {
        try await withLab { lab, topology in
            let name = topology.devices[0].name
            func first() async throws -> LabStatus.DeviceStatus {
                try await Task.sleep(for: .seconds(1))
                return try #require(try await lab.status().devices.first)
            }
            /// TCP takes its time to find a new rate: what was lost while it was strangled is sent again ever more seldom.
            func soon(_ rates: ClosedRange<UInt64>) async throws -> LabStatus.DeviceStatus {
                var seen = try await first()
                for _ in 0..<90 where !rates.contains(seen.rate.value) { seen = try await first() }
                return seen
            }
            #expect(try await (2_800_000...4_600_000).contains(soon(2_800_000...4_600_000).rate.value))
            try lab.batch(
                "tc", ["-n", topology.devices[0].namespace], [NetworkCommands.cap("e0", BitsPerSecond(8_000_000))])
            let doubled = try await soon(5_600_000...9_200_000)
            #expect((5_600_000...9_200_000).contains(doubled.rate.value), "\(doubled.rate)")
            #expect(doubled.cap == BitsPerSecond(8_000_000))
            try await lab.set(.strangle(BitsPerSecond(500_000)), on: name)
            let strangled = try await soon(0...1_500_000)
            #expect(strangled.rate.value < 1_500_000, "\(strangled.rate)")
            #expect(strangled.cap == BitsPerSecond(8_000_000))
            #expect(strangled.faults == ["strangle"])
            try await lab.clearFaults(on: name)
            let cleared = try await soon(5_600_000...9_200_000)
            #expect(cleared.rate.value > 5_600_000, "\(cleared.rate)")
            #expect(cleared.faults.isEmpty)
        }
    }

    @Test("each fault does what it says, to its device only, and can be taken away", .timeLimit(.minutes(10)))
    func faults() async throws {
        try await withLab { lab, topology in
            let name = topology.devices[0].name
            func works(_ index: Int) throws -> Bool { try ssh(lab, topology, index, "true").status == 0 }
            for fault in [LabFault.drop, .hostKey, .cut] {
                try await lab.set(fault, on: name)
                try await Task.sleep(for: .seconds(1))
                #expect(try !works(0), "\(fault)")
                #expect(try works(1), "\(fault)")
                try await lab.clearFaults(on: name)
                try await Task.sleep(for: .seconds(1.5))
                #expect(try works(0), "after \(fault)")
            }
            try await lab.set(.silence, on: name)
            var status = try await lab.status()
            #expect(status.devices.map(\.snmp) == [false, true])
            #expect(status.devices[0].faults == ["snmp"])
            try await lab.set(.silence, on: "all")
            #expect(try await lab.status().uplinks.map(\.snmp) == [false])
            try await lab.clearFaults(on: "all")
            status = try await lab.status()
            #expect(status.devices.allSatisfy { $0.snmp && $0.ssh && $0.faults.isEmpty })
            #expect(status.uplinks.allSatisfy { $0.snmp })
            try await lab.set(.slow, on: name)
            let start = ContinuousClock.now
            #expect(try works(0))
            #expect(ContinuousClock.now - start > .seconds(2))
            #expect(try await lab.status().devices[0].faults == ["slow"])
            await #expect(throws: LabError.self) { try await lab.set(.drop, on: "gra-eco-99") }
        }
    }
}

import Foundation
import RolloutEngine
import RolloutLab
import Testing

/// Routers and switches of five platforms beside Linux hosts, each behind a real SSH server in a namespace of its own.
@Suite("A fleet of six platforms", .serialized, .enabled(if: Permission.isGranted, "needs root and network namespaces"))
struct MixedFleetTests {
    @Test(
        "one rollout goes over six platforms, a second plan is empty, and a bad change is put back on all of them",
        .timeLimit(.minutes(10)))
    func mixed() async throws {
        let topology = LabTopology(
            devicesPerGroup: 3, datacentres: ["gra"],
            ranges: [.init(name: "eco", megabits: 4), .init(name: "adv", megabits: 8)], isMixed: true)
        try await LentLab.lend("mixed", topology, program: try RolloutProgram.built("rollout").path) { lent in
            let fleet = Fleet(program: RolloutProgram(state: "\(lent.folder)/state"), lab: lent.lab)
            try await fleet.good()
            try await fleet.bad()
        }
    }
}

/// One lab, and what is done to it.
private struct Fleet {
    let program: RolloutProgram
    let lab: Lab

    private static let old = [4, 8].flatMap { Array(repeating: BitsPerSecond($0 * 1_000_000), count: 3) }

    /// Every platform is changed, confirmed, and does what its configuration says.
    func good() async throws {
        let plan = "\(program.state)/good.plan"
        let planned = try await program.run(
            "plan", "\(lab.folder.policies)/double-bandwidth.yaml", "-i", lab.folder.inventory, "-o", plan)
        #expect(planned.code == 0, "\(planned.output)")
        let end = try await program.run("apply", plan, "--yes")
        #expect(end.code == 0, "\(end.output)")
        #expect(try await caps() == Self.old.map { BitsPerSecond($0.value * 2) })
        // Idempotent: the second plan is empty on every platform.
        let again = try await program.run(
            "plan", "\(lab.folder.policies)/double-bandwidth.yaml", "-i", lab.folder.inventory, "--detailed-exitcode")
        #expect(again.code == 0 && again.output.contains("No change  6"), "\(again.output)")
    }

    /// A tenth of what was meant: seen by the traffic, and put back on whatever it was done to.
    func bad() async throws {
        let plan = "\(program.state)/bad.plan"
        let planned = try await program.run(
            "plan", "\(lab.folder.policies)/typo.yaml", "-i", lab.folder.inventory, "-o", plan)
        #expect(planned.code == 0, "\(planned.output)")
        let end = try await program.run("apply", plan, "--yes")
        #expect(end.code == 4, "\(end.output)")
        #expect(try await caps() == Self.old.map { BitsPerSecond($0.value * 2) })
    }

    /// What every device shapes to, in the order of the topology, once what is played has followed.
    private func caps() async throws -> [BitsPerSecond?] {
        try await Task.sleep(for: .seconds(1))
        return try await lab.status().devices.map(\.cap)
    }
}

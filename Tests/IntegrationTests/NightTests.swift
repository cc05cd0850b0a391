import Foundation
import RolloutEngine
import RolloutLab
import Testing

/// The whole program on real hosts: sshd, snmpd, tc and traffic in network namespaces of their own.
@Suite("A night on real hosts", .serialized, .enabled(if: Permission.isGranted, "needs root and network namespaces"))
struct NightTests {
    @Test(
        "kill -9 at any moment, a changed host key, silent agents: every host ends as the journal says",
        .timeLimit(.minutes(10)))
    func night() async throws {
        try await LentLab.lend("night", LabTopology(devicesPerGroup: 2)) { lent in
            let night = Night(program: RolloutProgram(state: "\(lent.folder)/state"), lab: lent.lab)
            try await night.killed()
            try await night.putBack()
            try await night.changedHostKey()
            try await night.putBack()
            try await night.silentAgents()
        }
    }
}

/// One lab, and what happens in it. Only the product range eco is changed; the others stay to be compared with.
private struct Night {
    let program: RolloutProgram
    let lab: Lab

    private static let old = BitsPerSecond(4_000_000)
    private static let new = BitsPerSecond(8_000_000)

    /// Kills the controller again and again; whoever resumes brings every device to its new cap, once.
    func killed() async throws {
        var apply = try program.start(["apply", try await plan(), "--yes"])
        for _ in 1...6 {
            try await Task.sleep(for: .milliseconds(Int.random(in: 3000...14_000)))
            _ = await apply.kill()
            let status = try await program.run("status", "latest")
            #expect([0, 3, 5].contains(status.code), "\(status.output)")
            apply = try program.start(["apply", "--resume", "--yes"])
        }
        let end = await apply.wait()
        #expect(end.code == 0, "\(end.output)")
        #expect(try await caps() == Array(repeating: Self.new, count: 4))
        // A device with a revert timer left on it would be refused here.
        let again = try await program.run("plan", change, "-i", inventory, "-l", "range=eco", "--detailed-exitcode")
        #expect(again.code == 0 && again.output.contains("No change  4"), "\(again.output)")
    }

    /// Only that device fails, nothing was sent to it, and the rollout waits for a person.
    func changedHostKey() async throws {
        let path = try await plan()
        try await lab.set(.hostKey, on: "rbx-eco-01")
        let end = try await program.run("apply", path, "--yes")
        #expect(end.code == 3, "\(end.output)")
        let why = try await program.run("explain", "latest").output
        #expect(why.contains("rbx-eco-01") && why.contains("host key"), "\(why)")
        try await lab.clearFaults(on: "rbx-eco-01")
        #expect(try await caps()[2] == Self.old)
    }

    /// No wave passes while nothing is heard.
    func silentAgents() async throws {
        let apply = try program.start(["apply", try await plan(), "--yes"])
        try await apply.prints("wave 0 soaks")
        try await lab.set(.silence, on: "all")
        let end = await apply.wait()
        #expect(end.code == 3, "\(end.output)")
        #expect(!end.output.contains("wave 0 passed"), "\(end.output)")
        let why = try await program.run("explain", "latest").output
        #expect(why.contains("no answer from") && why.contains("rollout rollback"), "\(why)")
        try await lab.clearFaults(on: "all")
        try await putBack()
    }

    /// Puts everything back, and looks.
    func putBack() async throws {
        let back = try await program.run("rollback", "latest")
        #expect(back.code == 4, "\(back.output)")
        #expect(try await caps() == Array(repeating: Self.old, count: 4))
    }

    private var change: String { "\(lab.folder.path)/policies/double-bandwidth.yaml" }
    private var inventory: String { "\(lab.folder.path)/inventories/lab" }

    private func plan() async throws -> String {
        let path = "\(lab.folder.path)/night.plan"
        let made = try await program.run("plan", change, "-i", inventory, "-l", "range=eco", "-o", path)
        try #require(made.code == 0, "\(made.output)")
        return path
    }

    /// The caps of the changed range, from the devices themselves: gra first.
    private func caps() async throws -> [BitsPerSecond] {
        try await lab.status().devices.filter { $0.name.contains("-eco-") }.compactMap(\.cap)
    }
}

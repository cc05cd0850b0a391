import Foundation
import PostgresBench
import RolloutEngine
import RolloutLab
import Testing

/// The whole program on a simulated fleet, with its journal on a real server that dies under it, for as long as `OUTAGE_SECONDS` says.
@Suite(
    "A rollout whose server dies", .timeLimit(.minutes(30)),
    .enabled(if: PostgresServer.isAvailable, "a server of PostgreSQL 15 can only be started as root"))
struct PostgresOutageTests {
    @Test(
        "kill -9 of the server and a time without it: the rollout waits, takes it up again, and nothing is pushed twice"
    )
    func killed() async throws {
        let server = try PostgresServer()
        let folder = NSTemporaryDirectory() + "rollout-outage-" + UUID().uuidString.prefix(8)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let url = try server.makeDatabase()
        let program = RolloutProgram(state: folder, environment: ["ROLLOUT_STORE": url])
        let made = try await program.run(
            "lab", "up", "--simulated", "--dir", folder + "/lab", "--devices-per-group", "2")
        #expect(made.code == 0, "\(made.output)")
        let early = try await program.run("list")
        #expect(early.code == 69 && early.output.contains("rollout db migrate"), "\(early.output)")
        #expect(try await program.run("db", "migrate").code == 0)

        let lab = LabFolder(folder + "/lab")
        let plan = try await program.run(
            "plan", lab.policies + "/double-bandwidth.yaml", "-i", lab.inventory, "-l", "range=eco", "-o",
            folder + "/plan")
        #expect([0, 2].contains(plan.code), "\(plan.output)")
        let apply = try program.start(["apply", folder + "/plan", "--yes"])
        while apply.process.isRunning, try pushes(url, server).isEmpty { try await Task.sleep(for: .milliseconds(100)) }
        server.crash()
        try await apply.prints("waiting for the store")
        let outage = ProcessInfo.processInfo.environment["OUTAGE_SECONDS"].flatMap { Int($0) } ?? 35
        try await Task.sleep(for: .seconds(outage))
        #expect(apply.process.isRunning)
        try server.start()
        let end = await apply.wait()
        // Gates that have no data of that time do not pass: then it stands still for a person, with nothing in flight.
        #expect([0, 3].contains(end.code), "\(end.output)")
        #expect(end.output.contains("the store is back"))
        let pushed = try pushes(url, server)
        #expect(Set(pushed).count == pushed.count)
        let check = try await program.run("db", "check")
        #expect(check.code == 0, "\(check.output)")
    }

    /// Device and attempt of every push that was to be made.
    private func pushes(_ url: String, _ server: PostgresServer) throws -> [String] {
        let text = try server.sql(
            """
            SELECT device || ' ' || (fact #>> '{intent,step,attempt}') FROM rollout.entries
            WHERE kind = 'intent' AND fact #>> '{intent,step,kind}' = 'push'
            """, in: url)
        return text.split(separator: "\n").map(String.init)
    }
}

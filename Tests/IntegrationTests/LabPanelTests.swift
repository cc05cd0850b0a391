import Foundation
import OpsBench
import PostgresBench
import RolloutLab
import Testing

/// The dashboards over what a rollout on real hosts left in a real server.
@Suite(
    "Dashboards of a lab rollout", .serialized,
    .enabled(if: Permission.isGranted && PostgresServer.isAvailable, "needs root, network namespaces, PostgreSQL 15"))
struct LabPanelTests {
    /// What these show did not happen: nothing is left out, in doubt or in debt of a peak, no step fails, and nobody is waited for. The
    /// verdict may come before an alarm does.
    private static let quiet: Set<String> = [
        "Fleet: Why rollouts stand still", "Fleet: Unconfirmed devices", "Fleet: Failed steps by reason",
        "Fleet: Failures by model and firmware", "Fleet: Peak debt", "Rollout: Left out", "Gates: Alarms",
        "Gates: Alarms with reasons",
    ]

    @Test("every panel's question is answered of a good rollout and of one that is put back", .timeLimit(.minutes(10)))
    func panels() async throws {
        let topology = LabTopology(
            devicesPerGroup: 3, datacentres: ["gra"],
            ranges: [.init(name: "eco", megabits: 4), .init(name: "adv", megabits: 8)])
        try await LentLab.lend("panels", topology) { try await look($0) }
    }

    private func look(_ lent: LentLab) async throws {
        let database = try await OpsDatabase(isDurable: true)
        let begin = Int(Date.now.timeIntervalSince1970) - 600
        let program = RolloutProgram(
            state: "\(lent.folder)/state", environment: ["ROLLOUT_STORE": database.url])
        let (policies, inventory) = (lent.lab.folder.policies, lent.lab.folder.inventory)
        for (change, code) in [("double-bandwidth", Int32(0)), ("typo", 4)] {
            let plan = "\(lent.folder)/state/\(change).plan"
            let planned = try await program.run(
                "plan", "\(policies)/\(change).yaml", "-i", inventory, "-l", "range=eco", "-o", plan)
            #expect(planned.code == 0, "\(planned.output)")
            let applied = try await program.run("apply", plan, "--yes")
            #expect(applied.code == code, "\(applied.output)")
        }
        // What was read is rolled up by steps of five minutes, once they are over.
        try database.run("CALL rollout_projection.roll_up(now() + interval '10 minutes');")
        let verdicts = try database.run("SELECT rollout || ' ' || sequence FROM rollout.entries WHERE kind = 'judged';")
        let verdict = try #require(verdicts.last?.split(separator: " "))
        var answered = 0
        var empty: Set<String> = []
        for dashboard in try Dashboard.all() {
            for panel in dashboard.panels {
                for target in panel.targets {
                    let place = Comment("\(dashboard.title): \(panel.title)")
                    var rows: [String] = []
                    for rollout in ["1", "2"] where rows.isEmpty {
                        let query = GrafanaQuery(
                            from: begin, to: Int(Date.now.timeIntervalSince1970) + 600, interval: 60,
                            variables: [
                                "datacentre": ["gra"], "range": ["eco", "adv"], "link": [lent.topology.uplink("gra")],
                                "rollout": [rollout], "device": ["gra-eco-01"], "verdict": [String(verdict[1])],
                            ])
                        let sql = try #require(query.expanded(target.rawSql), place)
                        rows = try database.run(sql + ";", as: "rollout_viewer")
                    }
                    answered += 1
                    if rows.isEmpty { empty.insert("\(dashboard.title): \(panel.title)") }
                }
            }
        }
        #expect(answered > 30)
        #expect(empty.subtracting(Self.quiet) == [])
    }
}

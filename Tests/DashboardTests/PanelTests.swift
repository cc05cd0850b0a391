import Foundation
import OpsBench
import PostgresBench
import RolloutEngine
import RolloutSimulation
import Testing

/// Every question of every dashboard, as Grafana sends it, asked of a real server that real nights were written to.
@Suite(
    "Dashboards", .timeLimit(.minutes(10)),
    .enabled(if: PostgresServer.isAvailable, "needs root and PostgreSQL 15"))
struct PanelTests {
    let database: OpsDatabase

    init() async throws { database = try await OpsDatabase() }

    @Test("every panel's question is answered, in the shape that its panel draws, as the role of dashboards")
    func panels() async throws {
        let rollouts = try await fill()
        let any = try query(of: rollouts[0])
        for dashboard in try Dashboard.all() {
            for panel in dashboard.panels {
                for target in panel.targets {
                    let place = Comment("\(dashboard.title): \(panel.title)")
                    let sql = try #require(any.expanded(target.rawSql), place)
                    check(try columns(of: sql), of: panel, target.format, place)
                    // Not every rollout has something for every panel: one of them has.
                    var rows: [String] = []
                    for rollout in rollouts where rows.isEmpty {
                        let sql = try #require(query(of: rollout).expanded(target.rawSql), place)
                        rows = try database.run(sql + ";", as: "rollout_viewer")
                    }
                    #expect(!rows.isEmpty, place)
                    if target.format == "time_series" {
                        // Grafana draws points in the order in which they come.
                        let times = rows.compactMap { $0.split(separator: "|").first.flatMap { Double($0) } }
                        #expect(times == times.sorted(), place)
                    }
                }
            }
            for variable in dashboard.templating.list where variable.type == "query" {
                let sql = try #require(any.expanded(variable.query))
                #expect(
                    try !database.run(sql + ";", as: "rollout_viewer").isEmpty, "\(dashboard.title): \(variable.name)")
            }
        }
    }

    @Test("every link leads to a dashboard that there is, and gives it a variable that it has")
    func links() throws {
        let dashboards = try Dashboard.all()
        #expect(Set(dashboards.map(\.title)) == ["Fleet", "Rollout", "Links and QoS", "Gates", "Device"])
        var followed = 0
        for panel in dashboards.flatMap(\.panels) {
            let links = panel.fieldConfig.overrides.flatMap { override in
                override.properties.flatMap(\.links).map { (override.matcher.options, $0.url) }
            }
            for (column, url) in links {
                let parts = try #require(url.wholeMatch(of: /\/d\/([a-z-]+)\?(.*)/), "\(url)")
                let goal = try #require(dashboards.first { $0.uid == parts.output.1 }, "\(url)")
                for given in parts.output.2.matches(of: /var-([a-z]+)=\$\{__data\.fields\.([a-z]+)/) {
                    #expect(goal.templating.list.contains { $0.name == given.output.1 }, "\(url)")
                    let sql = panel.targets.map(\.rawSql).joined()
                    #expect(sql.contains(given.output.2), "\(panel.title): \(url) needs \(given.output.2)")
                    followed += 1
                }
                #expect(!column.isEmpty)
            }
        }
        #expect(followed > 20)
    }

    @Test("panels of a dashboard do not lie over each other, and all ask the data source that is provisioned")
    func layout() throws {
        let source = try String(
            contentsOf: OpsDatabase.root.appending(path: "dashboards/provisioning/datasources/rollout.yaml"),
            encoding: .utf8)
        #expect(source.contains("uid: rollout") && source.contains("user: rollout_viewer"))
        for dashboard in try Dashboard.all() {
            var taken: Set<[Int]> = []
            for panel in dashboard.panels {
                for x in panel.gridPos.x..<panel.gridPos.x + panel.gridPos.w {
                    for y in panel.gridPos.y..<panel.gridPos.y + panel.gridPos.h {
                        #expect(x < 24 && taken.insert([x, y]).inserted, "\(dashboard.title): \(panel.title)")
                    }
                }
                let sources = [panel.datasource] + panel.targets.map(\.datasource)
                #expect(sources.allSatisfy { $0.type == "grafana-postgresql-datasource" && $0.uid == "rollout" })
            }
        }
    }

    /// A rollout that panels are asked about, with a device and a verdict of it.
    private struct Chosen {
        var rollout: Int64
        var device: String
        var verdict: Int64
    }

    /// Nights of every kind: ended well and badly, and under way with something in flight, unconfirmed, held and in debt.
    private func fill() async throws -> [Chosen] {
        var script = ""
        var chosen: [Chosen] = []
        // Nights with a peak to carry are rare.
        let withPeak = (UInt64(61)...1000).filter { Scenario(seed: $0).peak != nil }.prefix(6)
        var isAnyInDebt = false
        for seed in Array(1...60) + withPeak {
            let night = try World.play(Scenario(seed: seed))
            let record = try await night.store.rollout(night.rollout)
            var facts = try await night.store.entries(of: night.rollout, after: 0)
            var plan = try PlanFile(await night.store.plan(of: night.rollout), from: "night").plan
            plan.skipped = [SkippedDevice(name: "gra-99", reason: .unreachable, detail: "<img src=x onerror=alert(1)>")]
            let number = Int64(seed)
            // Every second one is still under way, and those with a peak before it is carried.
            let debt = inDebt(facts, record, plan)
            isAnyInDebt = isAnyInDebt || debt != nil
            if seed % 2 == 0 || debt != nil { facts = Array(facts.prefix(debt ?? facts.count / 2 + Int(seed) % 7)) }
            script += OpsDatabase.creating(number, "night \(seed)", try PlanFile(plan).bytes, at: facts[0].at)
            script += try OpsDatabase.appending(facts, to: number)
            script += OpsDatabase.driving(number, by: seed % 4 == 0 ? "grace@gra pid 7" : nil)
            script += OpsDatabase.adding(
                Array(try await night.store.samples(of: night.rollout, since: facts[0].at).prefix(5000)), of: number)
            let state = RolloutState(folding: facts)
            let names = plan.waves.flatMap(\.devices)
            let judged = facts.last { if case .judged = $0.fact { true } else { false } }
            chosen.append(
                Chosen(
                    rollout: number, device: (names.first { state[$0].failure != nil } ?? names[0]).rawValue,
                    verdict: judged?.sequence ?? 0))
        }
        #expect(isAnyInDebt)
        try database.run(script + "CALL rollout_projection.roll_up(to_timestamp(1700020000));")
        return chosen
    }

    /// After how many facts a device is in debt of a peak; nil when none ever is.
    private func inDebt(_ facts: [JournalEntry], _ record: RolloutRecord, _ plan: Plan) -> Int? {
        guard plan.policy.peak != nil else { return nil }
        var state = RolloutState()
        for (index, fact) in facts.enumerated() {
            state.apply(fact)
            let status = RolloutStatus(record, plan: plan, state: state, lease: nil, at: fact.at)
            if status.debt != nil { return index + 1 }
        }
        return nil
    }

    private func query(of chosen: Chosen) throws -> GrafanaQuery {
        GrafanaQuery(
            from: 1_699_990_000, to: 1_700_003_600, interval: 60,
            variables: [
                "datacentre": ["gra", "rbx"], "range": ["eco", "adv"], "link": ["up", "core"],
                "rollout": ["\(chosen.rollout)"], "device": [chosen.device], "verdict": ["\(chosen.verdict)"],
            ])
    }

    private func columns(of sql: String) throws -> [(name: String, type: String)] {
        try database.run(sql + "\n\\gdesc\n", as: "rollout_viewer").map { line in
            let parts = line.split(separator: "|").map(String.init)
            return (parts[0], parts[1])
        }
    }

    private func check(
        _ columns: [(name: String, type: String)], of panel: Dashboard.Panel, _ format: String, _ place: Comment
    ) {
        let numbers: Set<String> = ["integer", "bigint", "double precision", "real", "numeric"]
        let drawn = numbers.union(["text", "boolean", "timestamp with time zone", "text[]"])
        #expect(columns.allSatisfy { drawn.contains($0.type) }, "\(place): \(columns)")
        #expect(Set(columns.map(\.name)).count == columns.count, "\(place): \(columns)")
        if ["stat", "gauge"].contains(panel.type) { #expect(columns.count == 1, place) }
        guard panel.type == "timeseries" else {
            // What it says of single columns is of columns that there are.
            let named = panel.fieldConfig.overrides.map(\.matcher.options)
            #expect(Set(named).isSubset(of: columns.map(\.name)), place)
            return
        }
        // The time first, then a text that names the series where they are rows, then numbers.
        let times: Set<String> = ["double precision", "numeric", "timestamp with time zone"]
        #expect(columns.first.map { $0.name == "time" && times.contains($0.type) } == true, "\(place): \(columns)")
        let values = columns.dropFirst().filter { numbers.contains($0.type) }
        let names = columns.dropFirst().filter { $0.type == "text" }
        #expect(!values.isEmpty && values.count + names.count == columns.count - 1, "\(place): \(columns)")
        if format == "time_series" { #expect(names.count <= 1 && values.count == 1, "\(place): \(columns)") }
    }
}

import Foundation
import OpsBench
import PostgresBench
import RolloutEngine
import RolloutSimulation
import Testing

/// What the views promise beside being right.
@Suite(
    "Views of Postgres", .timeLimit(.minutes(5)),
    .enabled(if: PostgresServer.isAvailable, "needs root and PostgreSQL 15"))
struct ViewTests {
    let database: OpsDatabase

    init() async throws { database = try await OpsDatabase() }

    @Test("every view and each of its columns is documented, and nothing that there is not")
    func documented() throws {
        let text = try String(contentsOf: OpsDatabase.root.appending(path: "docs/ops-views.md"), encoding: .utf8)
        let described = text.split(separator: "\n### ").dropFirst(2).map { section in
            let name = section.prefix { $0 != "\n" }
            let columns = section.split(separator: "Columns:").last.map { $0.split(separator: "\n\n")[0] } ?? ""
            return "\(name): "
                + columns.matches(of: /`([a-z0-9_]+)`/).map { String($0.output.1) }.joined(separator: " ")
        }
        let there = try database.run(
            """
            SELECT table_name || ': ' || string_agg(column_name, ' ' ORDER BY ordinal_position)
            FROM information_schema.columns WHERE table_schema = 'rollout_ops' GROUP BY table_name;
            """)
        #expect(described.sorted() == there.sorted())
        #expect(text.contains("is \(try database.run("SELECT version FROM rollout_ops.version;")[0])."))
    }

    @Test("every time in them is a point in time with its zone")
    func times() throws {
        let others = try database.run(
            """
            SELECT table_name || '.' || column_name FROM information_schema.columns
            WHERE table_schema = 'rollout_ops' AND (data_type IN ('timestamp without time zone', 'date')
                OR column_name ~ '(^|_)(at|since|from|to|until|by)$' AND data_type NOT IN ('timestamp with time zone', 'text'));
            """)
        #expect(others == [])
    }

    @Test("the role of dashboards reads the views, and can neither read nor do anything else")
    func viewer() throws {
        for view in try database.run(
            "SELECT table_name FROM information_schema.views WHERE table_schema = 'rollout_ops';")
        {
            try database.run("SELECT * FROM \(view) LIMIT 1;", as: "rollout_viewer")
        }
        try database.run("SELECT * FROM device_rates('gra-1', now() - interval '1 hour', now());", as: "rollout_viewer")
        // Also when it sets its own limits aside.
        let freely = "SET default_transaction_read_only = off; SET statement_timeout = 0;"
        for forbidden in [
            "SELECT * FROM rollout.entries", "SELECT * FROM rollout.plans", "SELECT * FROM rollout.readings",
            "SELECT * FROM rollout_projection.devices", "SELECT rollout.objection(1, true)",
            "CALL rollout_projection.rebuild(1)", "CALL rollout_projection.retain(1, 1, 1)",
            "SELECT rollout.ensure_day('2026-01-01')", "INSERT INTO rollout_ops.titles VALUES (1, 'x', now())",
            "UPDATE rollout_ops.devices SET detail = 'x'", "DELETE FROM rollout_ops.alarms",
            "CREATE TABLE rollout_ops.x (y integer)",
            "CREATE TABLE public.x (y integer)", "CREATE TEMPORARY TABLE x (y integer)",
            "SELECT pg_read_file('/etc/passwd')",
            "COPY rollout_ops.devices TO '/tmp/x'", "COPY rollout_ops.devices TO PROGRAM 'id'",
            "SELECT lo_import('/etc/passwd')",
            "SET ROLE postgres",
        ] {
            #expect(throws: OpsDatabase.Refusal.self, "\(forbidden)") {
                try database.run("\(freely) \(forbidden);", as: "rollout_viewer")
            }
        }
        let limits = try database.run(
            "SHOW statement_timeout; SHOW default_transaction_read_only; SHOW lock_timeout;", as: "rollout_viewer")
        #expect(limits == ["10s", "on", "2s"])
    }

    @Test(
        "a plan that is none, and a fact that nobody knows, are written all the same, and the rollout says what is not shown"
    )
    func strange() async throws {
        let night = try World.play(Scenario(seed: 3))
        let facts = try await night.store.entries(of: night.rollout, after: 0)
        let plan = try await night.store.plan(of: night.rollout)
        try database.run(
            OpsDatabase.creating(1, "none", Data("no plan \u{0} at all".utf8), at: facts[0].at)
                + OpsDatabase.appending(facts, to: 1) + OpsDatabase.creating(2, "night", plan, at: facts[0].at)
                + OpsDatabase.appending(facts.prefix(5), to: 2)
                    + """
                    INSERT INTO rollout.entries (rollout, sequence, at, fence, kind, fact)
                    VALUES (2, 6, 1, 1, 'unheard_of', '{"unheardOf":{"wave":1}}'), (2, 7, 1, 1, 'wave_started', '{"waveStarted":{"wave":0}}');

                    """)
        let said = try database.run("SELECT rollout, facts, incomplete FROM rollout_ops.rollouts ORDER BY 1;")
        #expect(said[0].hasPrefix("1|\(facts.count)|the plan cannot be read: "), "\(said)")
        #expect(said[1].hasPrefix("2|5|not followed from fact 6: "), "\(said)")
        #expect(try database.run("SELECT count(*) FROM rollout.entries WHERE rollout = 2;") == ["7"])
    }

    @Test("a disk that is full is for the writer to know, not for the views to forget facts")
    func full() async throws {
        let night = try World.play(Scenario(seed: 3))
        let facts = try await night.store.entries(of: night.rollout, after: 0)
        let plan = try await night.store.plan(of: night.rollout)
        try database.run(OpsDatabase.creating(1, "night", plan, at: facts[0].at))
        // Stands in for it: what the server says when there is no room.
        try database.run(
            """
            CREATE FUNCTION pg_temp_full() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON rollout_projection.steps EXECUTE FUNCTION pg_temp_full();
            """)
        #expect(throws: OpsDatabase.Refusal.self) { try database.run(OpsDatabase.appending(facts, to: 1)) }
        #expect(try database.run("SELECT count(*) FROM rollout.entries;") == ["0"])
        try database.run("DROP TRIGGER full_disk ON rollout_projection.steps;" + OpsDatabase.appending(facts, to: 1))
        #expect(
            try database.run("SELECT facts, incomplete FROM rollout_ops.rollouts;") == ["\(facts.count)|"])
    }

    @Test("plans of older formats are read as well")
    func formats() throws {
        // As format 2 wrote them: every device whole.
        let device = """
            {"device":{"name":"gra-1","datacentre":"gra","range":"eco","platform":"linux","domains":[{"kind":"pair","value":"p"}],\
            "links":["up"],"interfaces":["e0"],"snmp":{"community":"env:C"}},"target":{"growth":5,"model":"m","firmware":"1"}}
            """
        let head = """
            {"inventory":"lab","change":{"name":"c"},"policy":{"name":"p","gates":[],"watch":{"poll":"10s","baseline":"10m"}},"links":[],\
            "skipped":[],"waves":[{"index":0,"canary":true,"devices":["gra-1"],"soak":"1m","binding":{"canary":{}},"predicted":[]}],
            """
        let second = "rollout-plan 2 sha256:0\n\(head)\"devices\":[]}\n\(device)\n"
        let first = "rollout-plan 1 sha256:0\n\(head)\"devices\":[\(device)]}\n"
        try database.run(
            OpsDatabase.creating(1, "first", Data(first.utf8), at: Instant(milliseconds: 1))
                + OpsDatabase.creating(2, "second", Data(second.utf8), at: Instant(milliseconds: 1)))
        let rows = try database.run(
            """
            SELECT r.incomplete, d.wave, d.device, d.datacentre, d.model, d.growth_bps, d.links, d.domains, d.state
            FROM rollout_ops.rollouts r JOIN rollout_ops.devices d USING (rollout) ORDER BY rollout;
            """)
        #expect(rows == Array(repeating: "|0|gra-1|gra|m|5|{up}|{\"pair p\"}|waiting", count: 2))
    }
}

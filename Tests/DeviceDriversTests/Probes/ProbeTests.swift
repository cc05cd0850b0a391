import Foundation
import PostgresBench
import RolloutEngine
import Testing

@testable import DeviceDrivers

private func ask(
    _ question: Probe.Question, timeout: Timespan = .seconds(20), token: SecretReference? = nil,
    secrets: [String: String] = [:]
) async -> ProbeAnswer {
    await Probes(secrets: MadeUpSecrets(values: secrets)).ask(Probe(question, timeout: timeout, token: token))
}

extension ProbeAnswer {
    fileprivate var code: UnknownReason.Code? { if case .unknown(let reason) = self { reason.code } else { nil } }
    fileprivate var words: String { if case .unknown(let reason) = self { reason.detail } else { "\(self)" } }
}

@Suite("Probes: programs", .timeLimit(.minutes(5)))
struct CommandProbeTests {
    private func run(_ script: String, timeout: Timespan = .seconds(20)) async -> ProbeAnswer {
        await ask(.command(["/bin/sh", "-c", script]), timeout: timeout)
    }

    @Test(
        "the one number that a program prints is its value",
        arguments: [("echo 42", 42.0), ("printf ' -1.5e3\n\n'", -1500)])
    func value(_ script: String, _ expected: Double) async {
        #expect(await run(script) == .value(expected))
    }

    @Test(
        "whatever is not exactly one finite number is none",
        arguments: [
            "echo 1 2", "echo one", "echo nan", "echo inf", "echo -inf", "echo 0x10", "echo 1e999", "echo 1; echo 2",
            "printf '4\\0002'", "echo 12%", "printf '\\033[31m7'",
        ])
    func noNumber(_ script: String) async {
        let answer = await run(script)
        #expect(answer.code == .agentError, "\(answer)")
        #expect(!answer.words.contains("\u{1b}"))
    }

    @Test("nothing said is not known; a status, a signal and a missing program are errors with their reason")
    func endings() async {
        #expect(await run("true").code == .absent)
        let failed = await run("echo 5; echo no route >&2; exit 3")
        #expect(failed.code == .agentError && failed.words == "the program ended with status 3: no route")
        #expect(await run("kill -9 $$").code == .agentError)
        #expect(await ask(.command(["/no/such/program"])).code == .notAsked)
    }

    @Test("a program that hangs is ended when its time is over, with all that it started")
    func hangs() async throws {
        let mark = "rollout-probe-\(UUID().uuidString)"
        let answer = await run("sh -c 'sleep 600 # \(mark)' & sleep 600", timeout: .milliseconds(300))
        #expect(answer.code == .timeout)
        for _ in 0..<200 where try Self.isRunning(mark) { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try !Self.isRunning(mark))
        // Closing its output is no end.
        #expect(await run("exec >&- 2>&-; sleep 600", timeout: .milliseconds(300)).code == .timeout)
    }

    private static func isRunning(_ mark: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { entry in
            guard Int(entry) != nil, let bytes = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline") else {
                return false
            }
            return String(decoding: bytes, as: UTF8.self).contains(mark)
        }
    }

    @Test("a program that never stops talking is ended")
    func talks() async {
        let answer = await ask(.command(["/usr/bin/yes"]))
        #expect(answer.code == .agentError && answer.words.contains("more than 64 KiB"))
        #expect(await run("yes >&2", timeout: .milliseconds(500)).code == .timeout)
    }

    @Test("a program sees none of our variables but those of the place, and none of our files")
    func sandbox() async {
        setenv("ROLLOUT_TEST_SECRET", "s3cret", 1)
        #expect(await run("echo 1$ROLLOUT_TEST_SECRET") == .value(1))
        #expect(await run("ls /proc/self/fd | wc -l") == .value(4))
    }
}

@Suite(
    "Probes: HTTP and Prometheus", .timeLimit(.minutes(5)),
    .enabled(if: ScriptedServer.isAvailable, "needs python3 for a server"))
struct HTTPProbeTests {
    let server: ScriptedServer

    init() throws { server = try ScriptedServer(ScriptedServer.web) }

    private func get(
        _ path: String, status: Int? = nil, at pointer: String? = nil, timeout: Timespan = .seconds(20),
        token: SecretReference? = nil, secrets: [String: String] = [:]
    ) async -> ProbeAnswer {
        await ask(
            .http(url: "http://127.0.0.1:\(server.port)\(path)", status: status, pointer: pointer), timeout: timeout,
            token: token, secrets: secrets)
    }

    private func query(_ query: String, base: String = "/prom") async -> ProbeAnswer {
        await ask(.prometheus(url: "http://127.0.0.1:\(server.port)\(base)", query: query))
    }

    @Test("a number in the body is found by pointer, also through lists and escapes")
    func pointers() async {
        #expect(await get("/ok", at: "/queue/0/length") == .value(12.5))
        #expect(await get("/ok", at: "/queue/0/a~1b") == .value(3))
        for pointer in ["/queue/1/length", "/queue/00/length", "/queue/-/length", "/none", "/nothing", "/up/x"] {
            #expect(await get("/ok", at: pointer).code == .absent, "\(pointer)")
        }
        for pointer in ["/up", "/name", "/queue"] { #expect(await get("/ok", at: pointer).code == .agentError) }
        for path in ["/empty", "/odd"] { #expect(await get(path, at: "/x").code == .agentError) }
    }

    @Test("a status is the value where no pointer is given, and must be the expected one where there is")
    func statuses() async {
        #expect(await get("/ok", status: 200) == .value(200))
        #expect(await get("/down", status: 200) == .value(503))
        #expect(await get("/down", at: "/queue/0/length").code == .agentError)
        #expect(await get("/down", status: 503, at: "/queue/0/length") == .value(1))
    }

    @Test("no redirect is followed")
    func redirect() async {
        let answer = await get("/moved", at: "/queue/0/length")
        #expect(answer.code == .agentError && answer.words.contains("no redirect is followed"))
    }

    @Test(
        "an answer of any size that is too much is cut off, whether its size is said or not",
        arguments: ["/huge", "/drip"])
    func tooMuch(_ path: String) async {
        let answer = await get(path, at: "/0")
        #expect(answer.code == .agentError && answer.words.contains("more than 64 KiB"), "\(answer)")
    }

    @Test("a server that hangs, one that says nothing, and one that is not there are timeouts")
    func silence() async throws {
        #expect(await get("/hang", timeout: .milliseconds(400)).code == .timeout)
        let mute = try ScriptedServer(ScriptedServer.mute)
        let silent = Probe.Question.http(url: "http://127.0.0.1:\(mute.port)/", status: nil, pointer: nil)
        #expect(await ask(silent, timeout: .milliseconds(400)).code == .timeout)
        #expect(await ask(.http(url: "http://127.0.0.1:1/", status: nil, pointer: nil)).code == .timeout)
        let missing = Probes(secrets: MadeUpSecrets(), curl: "/no/such/curl")
        #expect(await missing.ask(Probe(silent)).code == .notAsked)
    }

    @Test("a token reaches the server whatever is in it; without its secret nothing is asked")
    func token() async {
        let reference = SecretReference.environment("T")
        #expect(await get("/token", at: "/v", token: reference, secrets: ["T": "s3cr\"et\\"]) == .value(7))
        #expect(await get("/token", at: "/v", token: reference, secrets: ["T": "other"]).code == .agentError)
        #expect(await get("/token", at: "/v", token: reference).code == .notAsked)
    }

    @Test("a query with exactly one finite result has a value; everything else has a reason")
    func prometheus() async {
        #expect(await query("one") == .value(41.5))
        #expect(await query("scalar", base: "/prom/") == .value(3))
        #expect(await query("sum(rate(x{a=\"b & c\"}[5m])) > 0") == .value(8))
        #expect(await query("none").code == .absent)
        for text in ["many", "nan", "inf", "matrix", "text"] {
            #expect(await query(text).code == .agentError, "\(text)")
        }
        let bad = await query("rate(")
        #expect(bad.code == .agentError && bad.words.contains("parse error: rate("))
        #expect(await query("one", base: "/elsewhere").code == .agentError)
    }
}

@Suite(
    "Probes: PostgreSQL", .timeLimit(.minutes(5)),
    .enabled(if: PostgresServer.isAvailable, "needs root and PostgreSQL 15"))
struct PostgresProbeTests {
    let server: PostgresServer

    init() throws { server = try PostgresServer(options: ["fsync=off"]) }

    private func query(_ text: String, timeout: Timespan = .seconds(20), connection: String? = nil) async -> ProbeAnswer
    {
        await ask(
            .sql(url: .environment("PG"), query: text), timeout: timeout,
            secrets: ["PG": connection ?? server.connection])
    }

    @Test("one row of one number is the value; no row and NULL are not known; anything else is an error")
    func answers() async {
        #expect(await query("SELECT 42") == .value(42))
        #expect(await query("SELECT -1.5::numeric") == .value(-1.5))
        #expect(await query("SELECT count(*) FROM pg_class WHERE relname = 'nothing'") == .value(0))
        for text in ["SELECT 1 WHERE false", "SELECT NULL::int"] {
            let answer = await query(text)
            #expect(answer.code == .absent, "\(text): \(answer)")
        }
        for text in [
            "SELECT 1 UNION SELECT 2", "SELECT 1, 2", "SELECT 'x'", "SELECT 'NaN'::float8", "SELECT 'Infinity'::float8",
            "SELECT", "", "SELECT * FROM nothing", "SELECT 1; SELECT 2",
        ] {
            let answer = await query(text)
            #expect(answer.code == .agentError, "\(text): \(answer)")
        }
        #expect(await query("SELECT nothing").words.contains("column \"nothing\" does not exist"))
    }

    @Test("nothing can be written, whatever the query or the connection string say")
    func readOnly() async {
        for text in ["CREATE TABLE t (a int)", "INSERT INTO pg_description VALUES (1, 1, 1, 'x')"] {
            let answer = await query(text)
            #expect(answer.code == .agentError && answer.words.contains("read-only transaction"), "\(answer)")
        }
    }

    @Test("a query that takes too long, and a server that says nothing, are timeouts; a huge answer is cut off")
    func hostile() async throws {
        #expect(await query("SELECT 1 FROM pg_sleep(600)", timeout: .milliseconds(500)).code != nil)
        let mute = try ScriptedServer(ScriptedServer.mute)
        let silent = await query(
            "SELECT 1", timeout: .milliseconds(500), connection: "host=127.0.0.1 port=\(mute.port) user=x dbname=x")
        #expect(silent.code == .timeout)
        let nobody = await query("SELECT 1", connection: "host=127.0.0.1 port=1 user=x dbname=x password=s3cret")
        #expect(nobody.code == .timeout && !nobody.words.contains("s3cret"))
        let huge = await query("SELECT repeat('9', 200000000)")
        #expect(huge.code == .agentError && huge.words.contains("more than 64 KiB"), "\(huge.words.prefix(100))")
        #expect(await query("SELECT 1", connection: "port='").code == .notAsked)
    }
}

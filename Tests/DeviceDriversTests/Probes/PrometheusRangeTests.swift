import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Histories: what Prometheus answers to a range query")
struct PrometheusMatrixTests {
    private let history = PrometheusHistory(url: "http://127.0.0.1:9090")

    private func courses(_ result: String, type: String = "matrix") throws -> [HistoryReadings.Course] {
        let body = #"{"status":"success","data":{"resultType":"\#(type)","result":\#(result)}}"#
        var found: [PrometheusMatrix.Key: HistoryReadings.Course] = [:]
        try PrometheusMatrix(Array(body.utf8), status: 200).add(to: &found, .inOctets, history)
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    private func trouble(_ result: String, type: String = "matrix") -> String {
        do {
            _ = try courses(result, type: type)
            return "none"
        } catch { return (error as? NoAnswer)?.reason.detail ?? "\(error)" }
    }

    @Test("counters are read to the last digit, with their times")
    func values() throws {
        let found = try courses(
            #"[{"metric":{"instance":"b","ifName":"e1"},"values":[[1770000000,"9007199254740991"],[1770000060.5,"0"]]},"#
                + #"{"metric":{"instance":"a","ifName":"e0","job":"x"},"values":[]}]"#)
        #expect(found.map(\.device) == ["a", "b"])
        #expect(found[1].interface == "e1" && found[1].counting == .inOctets)
        #expect(found[1].points.map(\.value) == [9_007_199_254_740_991, 0])
        #expect(found[1].points.map(\.at.milliseconds) == [1_770_000_000_000, 1_770_000_060_500])
    }

    @Test("what is no counter of an interface is refused, with what to do")
    func refused() {
        #expect(trouble(#"[{"metric":{"instance":"a"},"values":[]}]"#).contains("has no label instance or ifName"))
        let twice = #"{"metric":{"instance":"a","ifName":"e0"},"values":[]}"#
        #expect(trouble("[\(twice),\(twice)]").contains("several series of in_octets are of a e0"))
        for value in ["NaN", "-1", "+Inf", "1e30", "x", ""] {
            let one = #"[{"metric":{"instance":"a","ifName":"e0"},"values":[[1770000000,"\#(value)"]]}]"#
            #expect(trouble(one).contains("which no counter is"), "\(value)")
        }
        #expect(trouble("[]", type: "vector").contains("expected counters over time"))
        #expect(trouble(#"[{"metric":{},"values":[["x","1"]]}]"#).contains("is not one of Prometheus"))
        #expect(throws: NoAnswer.self) { try PrometheusMatrix(Array("<html>".utf8), status: 200) }
        #expect {
            try PrometheusMatrix(Array(#"{"status":"error","error":"too many\u001b[31m points"}"#.utf8), status: 422)
        } throws: { error in
            let detail = (error as? NoAnswer)?.reason.detail ?? ""
            return detail.contains("Prometheus says: too many") && !detail.contains("\u{1b}")
        }
    }
}

@Suite(
    "Histories: a range read from a server", .timeLimit(.minutes(5)),
    .enabled(if: ScriptedServer.isAvailable, "needs python3 for a server"))
struct PrometheusRangeTests {
    /// Counts 1000 octets a second in and 10 times as many out, and refuses to say more than it is told to at once.
    private static let script = """
        import http.server, json, urllib.parse
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers['Content-Length'])).decode())
                query, start, end, step = form['query'][0], *[float(form[name][0]) for name in ('start', 'end', 'step')]
                if self.headers.get('Authorization') != 'Bearer t0k': status, answer = 401, {'status': 'error', 'error': 'who are you'}
                elif query == 'nothing': status, answer = 200, {'status': 'success', 'data': {'resultType': 'matrix', 'result': []}}
                else:
                    count = int((end - start) / step) + 1
                    factor = {'ifHCInOctets': 1000, 'ifHCOutOctets': 10000}[query]
                    values = [[start + step * i, str(int((start + step * i) * factor))] for i in range(count)]
                    if len(values) > 2000: status, answer = 422, {'status': 'error', 'error': 'too many'}
                    else:
                        status, answer = 200, {'status': 'success', 'data': {'resultType': 'matrix', 'result': [
                            {'metric': {'instance': 'a', 'ifName': name}, 'values': values} for name in ('e0', 'e1')]}}
                        # More than fits: the half has to be asked for.
                        if len(values) > 100 and PAD: answer['padding'] = ' ' * (33 << 20)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                try: self.wfile.write(body)
                except OSError: pass
            def log_message(self, *words): pass
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        server.daemon_threads = True
        print(server.server_port)
        server.serve_forever()
        """

    private func read(isPadded: Bool = false, _ alter: (inout PrometheusHistory) -> Void = { _ in }) async throws
        -> HistoryReadings
    {
        let server = try ScriptedServer("PAD = \(isPadded ? "True" : "False")\n" + Self.script)
        var history = PrometheusHistory(url: "http://127.0.0.1:\(server.port)/")
        history.until = Instant(milliseconds: 1_770_000_000_000)
        history.last = .minutes(60)
        history.step = .seconds(10)
        history.token = .environment("TOKEN")
        alter(&history)
        defer { withExtendedLifetime(server) {} }
        return try await PrometheusRange(secrets: MadeUpSecrets(values: ["TOKEN": "t0k"])).read(
            history, now: Instant(milliseconds: 0))
    }

    @Test(
        "a history comes piece by piece, whole, once, and with the right rates",
        arguments: [(60, false, 361), (400, false, 2401), (60, true, 361)])
    func whole(minutes: Int64, isPadded: Bool, count: Int) async throws {
        let readings = try await read(isPadded: isPadded) { $0.last = .minutes(minutes) }
        #expect(readings.devices.map(\.name) == ["a"])
        #expect(readings.devices.first?.interfaces == ["e0", "e1"])
        let samples = try #require(readings.samples[.device("a")])
        #expect(samples.count == count)
        #expect(zip(samples, samples.dropFirst()).allSatisfy { $1.at - $0.at == .seconds(10) })
        let window = Verdict.Window(from: samples[0].at, to: samples[count - 1].at)
        let rate = try #require(RateSeries(of: "e1", in: samples).average(in: window))
        #expect(rate.bitsIn == 8000 && rate.bitsOut == 80_000)
    }

    @Test("no answer, no series, no token and a refusal say why")
    func troubles() async throws {
        func trouble(_ alter: (inout PrometheusHistory) -> Void) async -> String {
            do {
                _ = try await read(alter)
                return "none"
            } catch { return "\(error)" }
        }
        #expect(await trouble { $0.queries = [.inOctets: "nothing"] }.contains("keeps nothing of nothing from 2026-"))
        #expect(await trouble { $0.token = nil } == "Prometheus says: who are you")
        #expect(await trouble { $0.token = .environment("NONE") }.contains("the environment variable is not set"))
        #expect(await trouble { $0.url = "http://127.0.0.1:1" }.contains("127.0.0.1:1"))
    }
}

@Suite(
    "Histories: a real Prometheus", .timeLimit(.minutes(5)),
    .enabled(if: PrometheusServer.isAvailable, "needs the package prometheus"))
struct RealPrometheusTests {
    @Test("what a real one keeps is read: an hour of two interfaces with one reset")
    func real() async throws {
        let end = Int64(Date().timeIntervalSince1970) / 60 * 60 - 3 * 3600
        var text = ""
        for (name, factor) in [("ifHCInOctets", 1000), ("ifHCOutOctets", 20_000)] {
            text += "# TYPE \(name) counter\n"
            for minute in 0...60 {
                let count = (minute < 40 ? 1000 : -40) + minute
                for interface in ["eth0", "eth1"] {
                    text +=
                        "\(name)_total{instance=\"198.51.100.1:161\",ifName=\"\(interface)\"} \(count * 60 * factor) \(end - 3600 + Int64(minute) * 60)\n"
                }
            }
        }
        let server = try PrometheusServer(backfilledWith: text + "# EOF\n")
        var history = PrometheusHistory(url: "http://127.0.0.1:\(server.port)")
        history.queries = [.inOctets: "ifHCInOctets_total", .outOctets: "ifHCOutOctets_total{ifName=~\"eth.*\"}"]
        history.until = Instant(milliseconds: end * 1000)
        history.last = .minutes(60)
        let source = PrometheusRange(secrets: MadeUpSecrets())
        let readings = try await source.read(history, now: Instant(milliseconds: 0))
        #expect(readings.devices.map(\.name) == ["198.51.100.1:161"])
        #expect(readings.devices.first?.interfaces == ["eth0", "eth1"])
        let samples = try #require(readings.samples[.device("198.51.100.1:161")])
        #expect(samples.count == 61)
        let series = RateSeries(of: "eth1", in: samples)
        let all = Verdict.Window(from: samples[0].at, to: samples[60].at)
        let rate = try #require(series.average(in: all))
        #expect(rate.bitsIn == 8000 && rate.bitsOut == 160_000)
        #expect(series.gaps.count == 1)
        history.queries = [.inOctets: "sum("]
        do {
            _ = try await source.read(history, now: Instant(milliseconds: 0))
            Issue.record("a query that is none was answered")
        } catch { #expect(error.description.contains("Prometheus says: "), "\(error)") }
    }
}

/// A Prometheus of a test's own on loopback, with the past that it is given.
private final class PrometheusServer {
    let port: Int
    private let folder: String
    private let process = Process()

    static let isAvailable = ["/usr/bin/prometheus", "/usr/bin/promtool"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    init(backfilledWith text: String) throws {
        folder = NSTemporaryDirectory() + "rollout-prometheus-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(toFile: folder + "/past", atomically: true, encoding: .utf8)
        try "global: {}\n".write(toFile: folder + "/prometheus.yml", atomically: true, encoding: .utf8)
        port = try Self.freePort()
        let tool = Self.quiet(
            Process(), "/usr/bin/promtool",
            ["tsdb", "create-blocks-from", "openmetrics", folder + "/past", folder + "/data"])
        try tool.run()
        tool.waitUntilExit()
        guard tool.terminationStatus == 0 else { throw POSIXError(.EINVAL) }
        try Self.quiet(
            process, "/usr/bin/prometheus",
            [
                "--config.file=\(folder)/prometheus.yml", "--storage.tsdb.path=\(folder)/data",
                "--web.listen-address=127.0.0.1:\(port)",
            ]
        ).run()
        let ready = try #require(URL(string: "http://127.0.0.1:\(port)/-/ready"))
        for _ in 0..<600 {
            let question = Self.quiet(Process(), "/usr/bin/curl", ["--silent", "--fail", "--noproxy", "*", "\(ready)"])
            try question.run()
            question.waitUntilExit()
            if question.terminationStatus == 0 { return }
            guard process.isRunning else { throw POSIXError(.ECHILD) }
            usleep(50_000)
        }
        throw POSIXError(.ETIMEDOUT)
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func quiet(_ process: Process, _ program: String, _ words: [String]) -> Process {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = words
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }

    /// A port that nobody has.
    private static func freePort() throws -> Int {
        let server = try ScriptedServer(
            "import socket, time\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\nprint(s.getsockname()[1])\ntime.sleep(600)"
        )
        return server.port
    }
}

import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite(
    "Answers in pages", .timeLimit(.minutes(5)),
    .enabled(if: ScriptedServer.isAvailable, "needs python3 for a server"))
struct PagedAnswerTests {
    private static let server = """
        import http.server, json
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                own = self.headers.get('Authorization') in ('Token s3cret', 'Bearer nbt_1')
                here = 'http://127.0.0.1:%d' % self.server.server_port
                pages = {'/one': here + '/two?offset=1', '/two?offset=1': '', '/loop': here + '/loop',
                    '/away': 'http://127.0.0.2:1/one', '/path': here + '.example/one'}
                body = pages.get(self.path, '').encode()
                self.send_response(403 if not own else 200 if self.path in pages else 404)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *words): pass
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        server.daemon_threads = True
        print(server.server_port)
        server.serve_forever()
        """

    private func pages(
        _ path: String, of server: ScriptedServer, secret: String = "s3cret"
    ) async throws(PagedAnswer.Trouble) -> [String] {
        try await PagedAnswer(secrets: MadeUpSecrets(values: ["T": secret])).pages(
            from: "http://127.0.0.1:\(server.port)\(path)", token: .environment("T")
        ) { page in
            page.isEmpty ? nil : String(decoding: page, as: UTF8.self)
        }.map(\.url)
    }

    private func trouble(_ path: String, of server: ScriptedServer, secret: String = "s3cret") async -> String {
        do throws(PagedAnswer.Trouble) {
            _ = try await pages(path, of: server, secret: secret)
            return "none"
        } catch { return error.description }
    }

    @Test("pages are followed to the last, with either kind of token")
    func follows() async throws {
        let server = try ScriptedServer(Self.server)
        let here = "http://127.0.0.1:\(server.port)"
        #expect(try await pages("/one", of: server) == ["\(here)/one", "\(here)/two?offset=1"])
        #expect(try await pages("/one", of: server, secret: "nbt_1").count == 2)
    }

    @Test("the token goes nowhere else, and circles end")
    func refuses() async throws {
        let server = try ScriptedServer(Self.server)
        #expect(await trouble("/away", of: server).contains("leads to http://127.0.0.2:1/one, which is somewhere else"))
        #expect(await trouble("/path", of: server).contains("which is somewhere else"))
        #expect(await trouble("/loop", of: server).contains("have no end"))
        #expect(await trouble("/none", of: server).contains("answers with status 404"))
        let wrong = await trouble("/one", of: server, secret: "wrong")
        #expect(wrong.contains("the token is missing or may not read this"))
    }
}

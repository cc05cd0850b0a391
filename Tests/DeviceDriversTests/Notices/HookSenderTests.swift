import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

/// Messages over real HTTP, to a receiver on loopback that behaves as it is asked to.
@Suite("Hooks that go out", .enabled(if: ScriptedServer.isAvailable), .timeLimit(.minutes(2)))
struct HookSenderTests {
    private static let receiver = """
        import http.server, json, time
        seen = []
        class Handler(http.server.BaseHTTPRequestHandler):
            def say(self, status, body=b'ok', headers={}):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length'])).decode()
                seen.append({'path': self.path, 'body': body, 'host': self.headers['Host'],
                    'signature': self.headers.get('X-Rollout-Signature'), 'id': self.headers['X-Rollout-Message']})
                kind = self.path.split('/')[1]
                if kind == 'ok': self.say(200)
                elif kind == 'moved': self.say(302, b'', {'Location': '/ok/elsewhere'})
                elif kind == 'busy': self.say(429, b'slow down', {'Retry-After': '17'})
                elif kind == 'ages': self.say(503, b'later', {'Retry-After': '99999999999999999'})
                elif kind == 'past': self.say(503, b'later', {'Retry-After': '-5'})
                elif kind == 'broken': self.say(500, b'\\x1b[31mno such hook: ' + self.path.encode())
                elif kind == 'odd': self.say(500, b'\\x1b[31mout of order')
                elif kind == 'bad': self.say(400, b'invalid_payload')
                elif kind == 'huge': self.say(200, b' ' * 1000000)
                elif kind == 'hang': time.sleep(600)
            def do_GET(self): self.say(200, json.dumps(seen).encode())
            def log_message(self, *words): pass
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        server.daemon_threads = True
        print(server.server_port)
        server.serve_forever()
        """
    private static let canary = "CANARY-d41d8cd9"

    private struct Seen: Decodable {
        var path: String
        var body: String
        var host: String
        var signature: String?
        var id: String
    }

    private func seen(_ server: ScriptedServer) async throws -> [Seen] {
        let reply = try await CurlRequest(
            url: "http://127.0.0.1:\(server.port)/", form: nil, token: nil, timeout: .seconds(20)
        ).send(with: "/usr/bin/curl")
        return try JSONDecoder().decode([Seen].self, from: Data(reply.body))
    }

    private func channel(allow: [String] = ["127.0.0.0/8"]) throws -> NoticeChannel {
        var channel = NoticeChannel(name: "oncall", receiver: .generic, url: .environment("URL"))
        channel.secret = .environment("KEY")
        channel.allow = try allow.map { try #require(AddressRange($0)) }
        return channel
    }

    private func send(_ url: String, allow: [String] = ["127.0.0.0/8"], resolving: [String]? = nil) async throws
        -> NoticeSending
    {
        let secrets = MadeUpSecrets(values: ["URL": url, "KEY": "k3y \(Self.canary)"])
        let resolve: (@Sendable (String) async -> [String])? = resolving.map { found in { @Sendable _ in found } }
        let body = Data("{\"text\": \"line\\nwith \\\"quotes\\\" and é\"}".utf8)
        return await HookSender(secrets: secrets, resolvingWith: resolve).send(
            body, id: "abc", over: try channel(allow: allow), at: Instant(milliseconds: 1_770_000_000_000))
    }

    @Test("a message arrives as it was written, signed in the form of the hooks that come in")
    func told() async throws {
        let server = try ScriptedServer(Self.receiver)
        #expect(try await send("http://127.0.0.1:\(server.port)/ok/\(Self.canary)") == .told)
        let one = try #require(try await seen(server).first)
        #expect(one.body == "{\"text\": \"line\\nwith \\\"quotes\\\" and é\"}" && one.id == "abc")
        let code = MessageCode.code(
            of: Array("1770000000.\(one.body)".utf8), secret: Array("k3y \(Self.canary)".utf8))
        #expect(one.signature == "t=1770000000,v1=\(code)")
    }

    @Test("whatever a receiver says of later, it is an hour at most", arguments: [("ages", 3600), ("past", 0)])
    func later(_ kind: String, _ seconds: Int64) async throws {
        let server = try ScriptedServer(Self.receiver)
        let outcome = try await send("http://127.0.0.1:\(server.port)/\(kind)/\(Self.canary)")
        #expect(
            outcome == .again(because: "the receiver answers with status 503: later", after: .seconds(seconds)))
    }

    @Test("redirects, trouble, large and slow answers are no delivery, and no word of them holds a secret")
    func trouble() async throws {
        let server = try ScriptedServer(Self.receiver)
        for (kind, words) in [
            ("moved", "no redirect"), ("busy", "429: slow down"), ("broken", "status 500"), ("bad", "invalid_payload"),
            ("huge", "larger"), ("hang", "no answer within"), ("odd", "out of order"),
        ] {
            let outcome = try await send("http://127.0.0.1:\(server.port)/\(kind)/\(Self.canary)")
            let text = "\(outcome)"
            #expect(text.contains(words), "\(kind): \(text)")
            #expect(!text.contains(Self.canary) && !text.contains("\u{1b}"), "\(kind): \(text)")
            if kind == "busy" {
                #expect(
                    outcome == .again(because: "the receiver answers with status 429: slow down", after: .seconds(17)))
            }
            if case .never = outcome { #expect(kind == "bad") }
        }
        #expect(try await seen(server).allSatisfy { !$0.path.contains("elsewhere") })
        let gone = server.port
        #expect("\(try await send("http://127.0.0.1:1/\(Self.canary)/\(gone)"))".contains("no connection"))
    }

    @Test("what leads to an address that is not allowed is not connected to, whatever its name says")
    func forbidden() async throws {
        let server = try ScriptedServer(Self.receiver)
        let port = server.port
        let cases: [(String, [String], [String]?)] = [
            ("http://127.0.0.1:\(port)/ok/x", [], nil), ("http://localhost:\(port)/ok/x", [], nil),
            ("http://hooks.example.net:\(port)/ok/x", [], ["127.0.0.1"]),
            ("http://hooks.example.net:\(port)/ok/x", [], ["::ffff:127.0.0.1"]),
            // One forbidden address among others.
            ("http://hooks.example.net:\(port)/ok/x", ["127.0.0.1"], ["127.0.0.1", "169.254.169.254"]),
            ("http://hooks.example.net:\(port)/ok/x", ["127.0.0.0/8"], []),
            // Not https, and not loopback.
            ("http://hooks.example.net:\(port)/ok/x", ["127.0.0.0/8"], ["93.184.216.34"]),
            ("http://0x7f.1:\(port)/ok/x", ["127.0.0.0/8"], nil),
            ("http://2130706433:\(port)/ok/x", ["127.0.0.0/8"], nil),
            ("http://a@127.0.0.1:\(port)/ok/x", ["127.0.0.0/8"], nil), ("ftp://127.0.0.1/x", ["127.0.0.0/8"], nil),
            ("http://127.0.0.1:\(port)\\@example.net/ok", ["127.0.0.0/8"], nil),
        ]
        for (url, allow, resolved) in cases {
            let outcome = try await send(url, allow: allow, resolving: resolved)
            guard case .again = outcome else {
                Issue.record("\(url): \(outcome)")
                continue
            }
        }
        #expect(try await seen(server).isEmpty)
    }

    @Test("the connection is made to the address that was looked at, not to what the name means a moment later")
    func pinned() async throws {
        let server = try ScriptedServer(Self.receiver)
        // This name means nothing to the machine's own resolver.
        let url = "http://hooks.invalid:\(server.port)/ok/x"
        #expect(try await send(url, resolving: ["127.0.0.1"]) == .told)
        #expect(try await seen(server).map(\.host) == ["hooks.invalid:\(server.port)"])
    }
}

import Foundation
import RolloutEngine
import RolloutSimulation
import Testing

@testable import RolloutWeb

@Suite("Hooks from Alertmanager")
struct HookTests {
    private static let names = ["d-1", "d-2", "d-3", "d-4", "d-5"]

    private func message(
        _ labels: [String: String], status: String = "firing", fingerprint: String = "f1",
        startsAt: String = "2026-09-21T14:00:00.123456789Z", truncated: Int = 0
    ) -> String {
        let pairs = (["alertname": "LinkFull"].merging(labels) { $1 }).sorted { $0.key < $1.key }
            .map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        return """
            {"version":"4","groupKey":"g","status":"\(status)","receiver":"r","groupLabels":{},"commonLabels":{\(pairs)},
            "commonAnnotations":{},"externalURL":"http://am","truncatedAlerts":\(truncated),"alerts":[{"status":"\(status)",
            "labels":{\(pairs)},"annotations":{"summary":"full"},"startsAt":"\(startsAt)","endsAt":"0001-01-01T00:00:00Z",
            "generatorURL":"http://p","fingerprint":"\(fingerprint)"}]}
            """
    }

    private func post(
        _ client: WebClient, _ body: String, token: String? = nil, headers: [String] = []
    ) async throws -> WebClient.Answer {
        try await client.ask(
            "/hooks/alertmanager", "POST", token: token, headers: headers, body: body, type: "application/json")
    }

    private func pauses(_ running: WebFixture.Running) async throws -> [OperatorRequest] {
        try await running.fixture.store.entries(of: running.id, after: 0).compactMap {
            if case .requested(let request) = $0.fact { request } else { nil }
        }
    }

    @Test("a firing alert pauses the rollouts that it is about, once, and says why")
    func pausesOnce() async throws {
        let fixture = WebFixture()
        let gra = try await fixture.makeRollout(Self.names, datacentre: "gra")
        let rbx = try await fixture.makeRollout(Self.names, datacentre: "rbx")
        let secret = try await fixture.token(.operator, name: "alertmanager")
        try await fixture.serve { client async throws in
            #expect(try await post(client, message(["dc": "gra"]), token: secret).text.contains("\"paused\":[1]"))
            #expect(try await pauses(gra).map(\.verb) == [.pause])
            #expect(try await pauses(gra).first?.reason == "alert LinkFull: full")
            #expect(try await pauses(rbx).isEmpty)
            // A person goes on; the same alert, which is sent again every few hours, does not undo that.
            _ = try await fixture.store.record(
                OperatorRequest(.resume(nil), by: "ada"), for: gra.id, at: fixture.clock.now())
            #expect(try await post(client, message(["dc": "gra"]), token: secret).text.contains("\"taken\":0"))
            #expect(try await fixture.store.state(of: gra.id).isPaused == false)
            // It fires anew.
            _ = try await post(client, message(["dc": "gra"], startsAt: "2026-09-21T15:00:00Z"), token: secret)
            #expect(try await fixture.store.state(of: gra.id).isPaused)
            #expect(try await fixture.store.serviceState().alerts.map(\.alert.paused) == [[gra.id], [gra.id]])
        }
    }

    @Test("an alert that is over never resumes")
    func neverResumes() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(Self.names)
        let secret = try await fixture.token(.admin)
        try await fixture.serve { client async throws in
            _ = try await post(client, message(["dc": "gra"], status: "resolved"), token: secret)
            #expect(try await fixture.store.state(of: running.id).isPaused == false)
            _ = try await post(client, message(["dc": "gra"]), token: secret)
            let before = try await fixture.store.entries(of: running.id, after: 0)
            _ = try await post(client, message(["dc": "gra"], status: "resolved"), token: secret)
            #expect(try await fixture.store.entries(of: running.id, after: 0) == before)
            #expect(try await fixture.store.state(of: running.id).isPaused)
        }
    }

    @Test(
        "labels say what an alert is about, and all of them have to fit",
        arguments: [
            (["device": "d-2"], true), (["instance": "198.51.100.2:9100"], true), (["link": "up"], true),
            (["datacentre": "gra", "range": "eco"], true), (["rollout": "1"], true),
            (["dc": "gra", "range": "adv"], false),
            (["device": "d-9"], false), (["severity": "page"], false), (["rollout": "2"], false), (["dc": ""], false),
        ])
    func labels(_ labels: [String: String], _ isAbout: Bool) async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(Self.names)
        let fixed = PlannedRollout(try await fixture.store.rollout(running.id), running.plan)
        #expect(AlertMatch.isAbout(fixed, labels) == isAbout)
    }

    @Test("what was left out of a message may be about any rollout")
    func truncated() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(Self.names)
        let secret = try await fixture.token(.operator)
        try await fixture.serve { client async throws in
            _ = try await post(client, message(["severity": "page"], truncated: 3), token: secret)
            #expect(try await pauses(running).count == 1)
        }
    }

    @Test("whoever may not pause does not by a hook, nor beyond the token's reach")
    func rights() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(Self.names, datacentre: "rbx")
        let viewer = try await fixture.token(.viewer)
        let scoped = try await fixture.token(.admin, datacentres: ["gra"])
        try await fixture.serve { client async throws in
            #expect(try await post(client, message(["dc": "rbx"])).status == 401)
            #expect(try await post(client, message(["dc": "rbx"]), token: "rlt_forged").status == 401)
            #expect(try await post(client, message(["dc": "rbx"]), token: viewer).status == 403)
            #expect(try await post(client, message(["dc": "rbx"]), token: scoped).text.contains("\"paused\":[]"))
            #expect(try await post(client, "{}", token: scoped).status == 400)
            #expect(try await pauses(running).isEmpty)
        }
    }

    @Test("a signed message is believed once, while it is new, and only as it was written")
    func signatures() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(Self.names)
        try await fixture.serve({ $0.hookSecret = Secret("shared") }) { client async throws in
            let now = fixture.clock.now().milliseconds / 1000
            func signed(_ body: String, _ secret: String = "shared", at time: Int64) -> [String] {
                let code = MessageCode.code(of: Array("\(time).\(body)".utf8), secret: Array(secret.utf8))
                return ["X-Rollout-Signature: t=\(time),v1=\(code)"]
            }
            let body = message(["dc": "gra"])
            for headers in [
                signed(body, "guessed", at: now), signed(body + " ", at: now), signed(body, at: now - 301),
                signed(body, at: now + 301), ["X-Rollout-Signature: v1=00"],
                ["X-Rollout-Signature: t=-9223372036854775808,v1=00"], ["X-Rollout-Signature: t=\(now),v1="],
            ] { #expect(try await post(client, body, headers: headers).status == 401) }
            #expect(try await pauses(running).isEmpty)
            #expect(try await post(client, body, headers: signed(body, at: now)).status == 200)
            #expect(try await pauses(running).count == 1)
            let again = try await post(client, body, headers: signed(body, at: now))
            #expect(again.status == 401 && again.text.contains("came before"))
        }
    }

    @Test("codes are those of RFC 4231")
    func vectors() {
        func code(_ secret: [UInt8], _ message: String) -> String {
            MessageCode.code(of: Array(message.utf8), secret: secret)
        }
        #expect(
            code([UInt8](repeating: 0x0b, count: 20), "Hi There")
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            code(Array("Jefe".utf8), "what do ya want for nothing?")
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            code([UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First")
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }
}

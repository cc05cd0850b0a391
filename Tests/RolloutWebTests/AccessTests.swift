import Foundation
import RolloutEngine
import RolloutSimulation
import Testing

@testable import RolloutWeb

@Suite("Who may do what", .timeLimit(.minutes(3)))
struct AccessTests {
    private static let names = ["d-1", "d-2", "d-3", "d-4", "d-5"]

    /// What each verb needs, and what is sent for it.
    private static let asks: [(String, TokenRole)] = [
        (#"{"verb":"pause"}"#, .operator), (#"{"verb":"resume"}"#, .operator), (#"{"verb":"retry"}"#, .operator),
        (#"{"verb":"rollback"}"#, .operator), (#"{"verb":"rollback","wave":1}"#, .operator),
        (#"{"verb":"rollback","devices":["d-1"]}"#, .operator),
        (#"{"verb":"promote","wave":1,"override":["traffic"],"reason":"seen before"}"#, .approver),
        (#"{"verb":"approve","wave":1,"reason":"looked at it"}"#, .approver),
        (#"{"verb":"withdraw","wave":1}"#, .approver),
        (#"{"verb":"abort"}"#, .operator),
    ]

    @Test(
        "every verb with every role: only those that may are journaled, with who and why", arguments: TokenRole.allCases
    )
    func matrix(_ role: TokenRole) async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(Self.names, approvals: [ApprovalRule(before: .wave)])
        let secret = try await fixture.token(role, name: "pat")
        try await fixture.serve { client async throws in
            for (ask, needed) in Self.asks {
                let before = try await fixture.store.entries(of: running.id, after: 0).count
                let answer = try await client.ask(
                    "/api/v1/rollouts/1/requests", "POST", token: secret, body: ask, type: "application/json")
                let entries = try await fixture.store.entries(of: running.id, after: 0)
                if role >= needed {
                    #expect(answer.status == 202, "\(ask)")
                    guard case .requested(let request) = entries.last?.fact else {
                        Issue.record("\(ask) is not in the journal")
                        continue
                    }
                    #expect(request.by == "pat")
                } else {
                    #expect(answer.status == 403, "\(ask)")
                    #expect(entries.count == before, "\(ask)")
                }
            }
        }
    }

    @Test("who created a rollout, or is not asked, cannot approve it; who may does so from its page")
    func approvals() async throws {
        let fixture = WebFixture()
        let rules = [ApprovalRule(before: .rollout, by: ["alice", "grace"])]
        let running = try await fixture.makeRollout(Self.names, approvals: rules)
        // As the fixture's rollouts, it was created by alice.
        let secrets = [
            "alice": try await fixture.token(.admin, name: "alice"),
            "eve": try await fixture.token(.admin, name: "eve"),
            "grace": try await fixture.token(.approver, name: "grace"),
        ]
        try await fixture.serve { client async throws in
            func ask(_ name: String, _ body: String) async throws -> WebClient.Answer {
                try await client.ask(
                    "/api/v1/rollouts/1/requests", "POST", token: secrets[name], body: body, type: "application/json")
            }
            let word = #"{"verb":"approve","reason":"looked at it"}"#
            let before = try await fixture.store.entries(of: running.id, after: 0).count
            let author = try await ask("alice", word)
            #expect(author.status == 403 && author.text.contains("alice created this rollout"))
            let other = try await ask("eve", word)
            #expect(other.status == 403 && other.text.contains("eve is not asked"))
            #expect(try await ask("grace", #"{"verb":"approve"}"#).status == 400)
            #expect(try await ask("grace", #"{"verb":"approve","wave":99,"reason":"x"}"#).status == 400)
            #expect(try await fixture.store.entries(of: running.id, after: 0).count == before)
            let page = try await client.ask("/rollouts/1", token: secrets["grace"]).text
            #expect(page.contains("the rollout waits for the approval of 1 of alice, grace"))
            #expect(page.contains("rollout approve 1 --reason"))
            #expect(try await ask("grace", word).status == 202)
            let state = try await fixture.store.state(of: running.id)
            #expect(state.approvals.map(\.by) == ["grace"])
            #expect(
                try await !client.ask("/rollouts/1", token: secrets["grace"]).text.contains("waits for the approval"))
        }
    }

    @Test("a token of one datacentre neither sees nor touches a rollout that reaches another")
    func scopes() async throws {
        let fixture = WebFixture()
        let gra = try await fixture.makeRollout(Self.names, title: "in-gra", datacentre: "gra")
        let rbx = try await fixture.makeRollout(Self.names, title: "in-rbx", datacentre: "rbx")
        let secret = try await fixture.token(.admin, datacentres: ["gra"])
        try await fixture.serve { client async throws in
            let cookie = try await client.ask("/sign-in", "POST", body: "token=\(secret)").cookie
            let paths = [
                "", "/events", "/devices", "/devices/d-1", "/links", "/choices",
            ]
            for path in paths {
                #expect(try await client.ask("/api/v1/rollouts/\(gra.id.number)\(path)", token: secret).status == 200)
                let answer = try await client.ask("/api/v1/rollouts/\(rbx.id.number)\(path)", token: secret)
                #expect(answer.status == 403, "\(path)")
                #expect(!answer.text.contains("rbx") && !answer.text.contains("d-1"), "\(path)")
            }
            for path in [
                "", "/live", "/events", "/devices", "/devices/d-1", "/verdicts.svg",
                "/ask?what=%7B%22verb%22%3A%22pause%22%7D",
            ] {
                let answer = try await client.ask("/rollouts/\(rbx.id.number)\(path)", cookie: cookie)
                #expect(answer.status == 403, "\(path)")
                #expect(!answer.text.contains("in-rbx"), "\(path)")
            }
            for (ask, _) in Self.asks {
                let answer = try await client.ask(
                    "/api/v1/rollouts/\(rbx.id.number)/requests", "POST", token: secret, body: ask,
                    type: "application/json")
                #expect(answer.status == 403, "\(ask)")
            }
            #expect(try await fixture.store.entries(of: rbx.id, after: 0).count == 1)
            let list = try await client.ask("/api/v1/rollouts", token: secret).text
            #expect(list.contains("in-gra") && !list.contains("in-rbx"))
            let page = try await client.ask("/", cookie: cookie).text
            #expect(page.contains("in-gra") && !page.contains("in-rbx"))
        }
    }

    @Test("a token of one product range does not reach a rollout of another")
    func ranges() async throws {
        let fixture = WebFixture()
        _ = try await fixture.makeRollout(Self.names, range: "adv")
        let secret = try await fixture.token(.admin, ranges: ["eco"])
        try await fixture.serve { client async throws in
            #expect(try await client.ask("/api/v1/rollouts/1", token: secret).status == 403)
        }
    }

    @Test("without a token, or with one that is unknown, revoked or has run out, nobody looks or acts")
    func noToken() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(Self.names)
        let revoked = try await fixture.token(.admin)
        let short = try await fixture.token(.admin, expiresAt: fixture.clock.now() + .minutes(1))
        try await fixture.serve { client async throws in
            #expect(try await client.ask("/api/v1/rollouts/1", token: revoked).status == 200)
            let cookie = try await client.ask("/sign-in", "POST", body: "token=\(revoked)").cookie
            #expect(try await client.ask("/rollouts/1", cookie: cookie).status == 200)
            _ = try await fixture.store.append(
                .tokenRevoked("t1"), by: "root", reason: nil, after: nil, at: fixture.clock.now())
            fixture.clock.pass(.minutes(1))
            for secret in [nil, "rlt_wrong", revoked, short, ""] {
                #expect(try await client.ask("/api/v1/rollouts/1", token: secret).status == 401)
                let ask = try await client.ask(
                    "/api/v1/rollouts/1/requests", "POST", token: secret, body: #"{"verb":"pause"}"#,
                    type: "application/json")
                #expect(ask.status == 401)
            }
            for path in ["/", "/rollouts/1", "/rollouts/1/live", "/rollouts/1/verdicts.svg"] {
                let answer = try await client.ask(path, cookie: cookie)
                #expect(
                    answer.status == 303 && answer.header("location")?.hasPrefix("/sign-in?next=") == true, "\(path)")
            }
            #expect(try await fixture.store.entries(of: running.id, after: 0).count == 1)
        }
    }

    @Test("who may look without a token still does not act without one")
    func openLooking() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(Self.names)
        try await fixture.serve({ $0.looksWithoutToken = true }) { client async throws in
            #expect(try await client.ask("/rollouts/1").status == 200)
            #expect(try await client.ask("/api/v1/rollouts/1").status == 200)
            let ask = try await client.ask(
                "/api/v1/rollouts/1/requests", "POST", body: #"{"verb":"pause"}"#, type: "application/json")
            #expect(ask.status == 401)
            #expect(
                try await client.ask("/rollouts/1/ask", "POST", body: "what=%7B%22verb%22%3A%22pause%22%7D").status
                    == 403)
            #expect(try await fixture.store.entries(of: running.id, after: 0).count == 1)
        }
    }

    @Test("a form without the session's own word, or from another page, does nothing")
    func forgedForms() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(Self.names)
        let secret = try await fixture.token(.operator, name: "bob")
        try await fixture.serve { client async throws in
            let signIn = try await client.ask("/sign-in", "POST", body: "token=\(secret)")
            #expect(signIn.status == 303)
            let cookie = try #require(signIn.cookie)
            let setting = try #require(signIn.header("set-cookie"))
            #expect(setting.contains("HttpOnly") && setting.contains("SameSite=Lax") && setting.contains("Path=/"))
            let page = try await client.ask("/rollouts/1/ask?what=%7B%22verb%22%3A%22pause%22%7D", cookie: cookie)
            let csrf = String(try #require(page.text.firstMatch(of: /name="csrf" value="([^"]+)"/)).1)
            let pause = "what=%7B%22verb%22%3A%22pause%22%7D"
            func post(_ body: String, _ headers: [String] = [], cookie sent: String? = cookie) async throws -> Int {
                try await client.ask("/rollouts/1/ask", "POST", cookie: sent, headers: headers, body: body).status
            }
            #expect(try await post(pause) == 403)
            #expect(try await post(pause + "&csrf=wrong") == 403)
            #expect(try await post(pause + "&csrf=\(csrf)", cookie: nil) != 303)
            #expect(try await post(pause + "&csrf=\(csrf)", ["Origin: https://elsewhere.example"]) == 403)
            #expect(try await post(pause + "&csrf=\(csrf)", ["Origin: null"]) == 403)
            #expect(try await post(pause + "&csrf=\(csrf)", ["Sec-Fetch-Site: cross-site"]) == 403)
            #expect(try await client.ask("/rollouts/1/ask?\(pause)&csrf=\(csrf)", cookie: cookie).status == 200)
            // A session is no token for programs: other pages could make a browser send it.
            let program = try await client.ask(
                "/api/v1/rollouts/1/requests", "POST", cookie: cookie, body: #"{"verb":"pause"}"#,
                type: "application/json")
            #expect(program.status == 401)
            #expect(try await fixture.store.entries(of: running.id, after: 0).count == 1)

            #expect(
                try await post(pause + "&csrf=\(csrf)&reason=a+look", ["Origin: http://127.0.0.1:\(client.port)"])
                    == 303)
            guard case .requested(let request) = try await fixture.store.entries(of: running.id, after: 0).last?.fact
            else {
                Issue.record("the pause is not in the journal")
                return
            }
            #expect(request.by == "bob" && request.reason == "a look" && request.verb == .pause)
            // Whoever signs out is out.
            #expect(try await client.ask("/sign-out", "POST", cookie: cookie, body: "csrf=\(csrf)").status == 303)
            #expect(try await client.ask("/rollouts/1", cookie: cookie).status == 303)
        }
    }

    @Test(
        "after signing in nobody is led to another server",
        arguments: ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"])
    func leadsNowhere(_ next: String) async throws {
        let fixture = WebFixture()
        let secret = try await fixture.token(.viewer)
        try await fixture.serve { client async throws in
            let answer = try await client.ask(
                "/sign-in", "POST", body: "token=\(secret)&next=\(PercentCoding.segment(next))")
            #expect(answer.header("location") == "/")
        }
    }

    @Test("whoever tries secrets is soon told to wait")
    func guesses() async throws {
        let fixture = WebFixture()
        try await fixture.serve { client async throws in
            var statuses: [Int] = []
            for number in 0..<14 {
                statuses.append(try await client.ask("/sign-in", "POST", body: "token=rlt_\(number)").status)
            }
            #expect(statuses.prefix(10).allSatisfy { $0 == 401 })
            #expect(statuses.suffix(3).allSatisfy { $0 == 429 })
        }
    }

    @Test(
        "what is asked wrongly says what there is",
        arguments: [
            (#"{"verb":"pauze"}"#, "none of"), (#"{"verb":"promote","override":["traffic"]}"#, "needs a reason"),
            (#"{"verb":"promote","override":["none"],"reason":"x"}"#, "there are: traffic"),
            (#"{"verb":"rollback","wave":9}"#, "there are 0 to 1"),
            (#"{"verb":"rollback","devices":["x"]}"#, "does not change"),
            (#"{"verb":"resume","only":"x"}"#, "no kind of pause"), ("no json", "expected JSON"),
            (#"{"verb":"rollback","wav":1}"#, "not described"), (#"{"verb":"rollback","wave":null}"#, "is null"),
            (#"{"verb":"abort","devices":["d-1"]}"#, "takes no 'devices'"),
            (#"{"verb":"pause","wave":1}"#, "takes no 'wave'"),
        ])
    func mistakes(_ ask: String, _ words: String) async throws {
        let fixture = WebFixture()
        _ = try await fixture.makeRollout(Self.names)
        let secret = try await fixture.token(.admin)
        try await fixture.serve { client async throws in
            let answer = try await client.ask(
                "/api/v1/rollouts/1/requests", "POST", token: secret, body: ask, type: "application/json")
            #expect(answer.status == 400)
            #expect(answer.text.contains(words))
        }
    }

    @Test("the line is stopped by an operator and released by an approver, both of everything, with a reason")
    func line() async throws {
        let fixture = WebFixture()
        _ = try await fixture.makeRollout(Self.names)
        let viewer = try await fixture.token(.viewer)
        let op = try await fixture.token(.operator, name: "olga")
        let scoped = try await fixture.token(.admin, datacentres: ["gra"])
        let approver = try await fixture.token(.approver)
        try await fixture.serve { client async throws in
            func post(_ stop: Bool, _ token: String, reason: String = "storm") async throws -> Int {
                try await client.ask(
                    "/api/v1/line", "POST", token: token, body: "{\"stop\":\(stop),\"reason\":\"\(reason)\"}",
                    type: "application/json"
                ).status
            }
            #expect(try await post(true, viewer) == 403)
            #expect(try await post(true, scoped) == 403)
            #expect(try await post(true, op, reason: " ") == 400)
            #expect(try await fixture.store.serviceState().lineStop == nil)
            #expect(try await post(true, op) == 200)
            #expect(try await fixture.store.serviceState().lineStop?.by == "olga")
            let cookie = try await client.ask("/sign-in", "POST", body: "token=\(op)").cookie
            for path in ["/", "/rollouts/1"] {
                #expect(try await client.ask(path, cookie: cookie).text.contains("The line is stopped</b> by olga"))
            }
            #expect(try await client.ask("/line", "POST", cookie: cookie, body: "stop=false&reason=x").status == 403)
            #expect(try await post(false, op) == 403)
            #expect(try await post(false, approver) == 200)
            #expect(try await fixture.store.serviceState().lineStop == nil)
        }
    }
}

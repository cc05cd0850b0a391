import Foundation
import FoundationXML
import RolloutEngine
import RolloutSimulation
import Testing

@testable import RolloutWeb

@Suite("Pages")
struct PageTests {
    static let hostile = "<img onerror=alert(1) src=x>"

    /// Every address that shows something of a rollout.
    private func addresses(_ id: RolloutID, _ device: String) -> [String] {
        [
            "/", "/rollouts/\(id.number)", "/rollouts/\(id.number)/events", "/rollouts/\(id.number)/devices",
            "/rollouts/\(id.number)/devices?state=trouble",
            "/rollouts/\(id.number)/devices/\(PercentCoding.segment(device))",
            "/rollouts/\(id.number)/verdicts.svg", "/sign-in", "/nothing/here/\(PercentCoding.segment(device))",
            "/sign-in?next=\(PercentCoding.segment(device))", "/rollouts/99",
            "/rollouts/\(id.number)/devices/\(PercentCoding.segment("</a><script>"))",
        ]
    }

    @Test("a device that is named like markup is shown by its name, on every page and in every update")
    func hostileNames() async throws {
        let fixture = WebFixture()
        let names = [
            Self.hostile, "\"><script>alert(1)</script>", "' onmouseover='alert(1)", "javascript:alert(1)", "gra-5",
        ]
        let running = try await fixture.makeRollout(names, title: "<script>alert(2)</script>")
        try await running.playTrouble()
        try await fixture.serve({ $0.looksWithoutToken = true }) { client async throws in
            for address in names.flatMap({ addresses(running.id, $0) }) {
                let answer = try await client.ask(address)
                #expect(!answer.text.contains("<img onerror"), "\(address)")
                #expect(!answer.text.contains("<script>alert"), "\(address)")
                #expect(!answer.text.contains("' onmouseover="), "\(address)")
                #expect(!answer.text.contains("href=\"javascript"), "\(address)")
            }
            let page = try await client.ask("/rollouts/\(running.id.number)")
            #expect(page.status == 200)
            #expect(page.text.contains("title=\"&lt;img onerror=alert(1) src=x&gt;: "))
            let wire = try WebClient.Wire(port: client.port)
            try await wire.send(Array("GET /rollouts/1/live HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
            let update = await wire.read(until: "\"parts\"")
            #expect(!update.contains("<img onerror"))
        }
    }

    @Test("no page has a script or a style within it, and every answer forbids them")
    func policies() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(["gra-1", "gra-2", "gra-3", "gra-4", "gra-5"])
        try await running.playTrouble()
        try await fixture.serve({ $0.looksWithoutToken = true }) { client async throws in
            for address in addresses(running.id, "gra-2") {
                let answer = try await client.ask(address)
                let policy = try #require(answer.header("content-security-policy"))
                #expect(policy.contains("default-src 'self'") || policy.contains("default-src 'none'"))
                #expect(!policy.contains("unsafe"))
                #expect(answer.header("x-content-type-options") == "nosniff")
                #expect(answer.header("x-frame-options") == "DENY")
                guard answer.header("content-type")?.hasPrefix("text/html") == true else { continue }
                #expect(answer.text.firstMatch(of: /<script(?! src="\/assets\/)/) == nil, "\(address)")
                #expect(answer.text.firstMatch(of: /<style|\sstyle=|\son[a-z]+=/) == nil, "\(address)")
            }
        }
    }

    @Test("every page is well-formed, so that no browser has to guess")
    func wellFormed() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout([Self.hostile, "gra-2", "gra-3", "gra-4", "gra-5"])
        try await running.playTrouble()
        let secret = try await fixture.token(.approver)
        try await fixture.serve { client async throws in
            let cookie = try await client.ask("/sign-in", "POST", body: "token=\(secret)").cookie
            for address in addresses(running.id, "gra-2") + ["/rollouts/1/ask?what=%7B%22verb%22%3A%22pause%22%7D"] {
                let answer = try await client.ask(address, cookie: cookie)
                guard answer.header("content-type")?.hasPrefix("text/html") == true else { continue }
                // As XML: void elements closed, attributes without values given one.
                var text = answer.text.replacing("<!doctype html>", with: "")
                text = text.replacing(/<(meta|link|input|img)([^>]*)>/) { "<\($0.1)\($0.2)/>" }
                text = text.replacing(" defer>", with: " defer=\"\">").replacing(" required", with: "")
                    .replacing(" autofocus", with: "").replacing(/aria-hidden(?!=)/) { _ in "" }
                let parser = XMLParser(data: Data(text.utf8))
                #expect(parser.parse(), "\(address): \(parser.parserError.debugDescription) line \(parser.lineNumber)")
            }
        }
    }

    @Test("a rollout's page says where it stands, why, and what can be done")
    func says() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(["gra-1", "gra-2", "gra-3", "gra-4", "gra-5"])
        try await running.playTrouble()
        try await fixture.serve({ $0.looksWithoutToken = true }) { client async throws in
            let page = try await client.ask("/rollouts/1").text
            for words in [
                "paused", "gate traffic failed on 2 devices", "host key changed",
                "rollout promote 1 --override traffic",
                "rollout rollback 1 --wave 1", "predicted", "cap", "41/s", "wave 1",
            ] { #expect(page.contains(words), "\(words)") }
            #expect(try await client.ask("/rollouts/1/verdicts.svg").text.contains("Gate traffic after wave 1"))
            let device = try await client.ask("/rollouts/1/devices/\(running.plan.waves[1].devices[0])").text
            #expect(device.contains("host key changed") && device.contains("tbf rate 200000000bit"))
        }
    }
}

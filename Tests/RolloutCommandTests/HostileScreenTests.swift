import Foundation
import RolloutEngine
import Testing

@testable import rollout

/// Whoever can name a device, answer for one or write a plan must not reach through a screen to the terminal behind it.
@Suite("Screens of hostile text")
struct HostileScreenTests {
    private static let plain = Style(color: false, ascii: false)

    /// The same value with an escape sequence and an override before every text that comes from elsewhere.
    private func hostile<Value: Codable>(_ value: Value) throws -> Value {
        var json = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        for word in [
            "gra", "eco", "up\"", "linux", "double", "small", "traffic", "alice", "tbf", "qdisc", "no ", "1 of ",
            "the ",
            "nothing", "uptime", "bit/s",
        ] {
            json.replace("\"\(word)", with: #""\u001b[2J\u009b1m\u202e\r\n\#(word)"#)
        }
        return try JSONDecoder().decode(Value.self, from: Data(json.utf8))
    }

    private func played() throws -> ScreenFixture {
        var fixture = try ScreenFixture()
        fixture.play()
        let finding = Verdict.Finding(
            subject: "gra-1", failed: true, before: 95, after: 9, limit: 66, unit: "bit/s", series: [95, 9])
        fixture.add(.evidence("gra-3", Evidence(items: [.init(title: "uptime", output: "up 3 days\ntbf")])))
        fixture.add(.judged(wave: 1, fixture.verdict(.fail, "traffic fell", findings: [finding])))
        fixture.add(.paused(PauseReason(.gateFailed, "traffic fell")))
        return fixture
    }

    private func overridden() throws -> ScreenFixture {
        var fixture = try played()
        let request = OperatorRequest(.promote(wave: 1, overriding: ["traffic"]), by: "alice", reason: "the boss")
        fixture.add(.requested(request))
        fixture.add(.wavePassed(wave: 1))
        return fixture
    }

    @Test("what a device, a plan or a journal says is shown as text and nothing more")
    func screens() throws {
        for fixture in [try played(), try overridden()] {
            let plan = try hostile(fixture.plan)
            let entries = try hostile(fixture.entries)
            let state = RolloutState(folding: entries)
            let record = RolloutRecord(
                id: RolloutID(7), title: plan.change.name, planDigest: Digest(of: "plan"),
                createdAt: ScreenFixture.start, createdBy: try hostile("alice"))
            let status = RolloutStatus(record, plan: plan, state: state, lease: nil, at: fixture.now)
            let evidence = entries.compactMap { entry -> (DeviceName, Evidence)? in
                if case .evidence(let device, let evidence) = entry.fact { (device, evidence) } else { nil }
            }
            let explain = ExplainScreen(
                status: status, state: state, plan: plan, evidence: evidence, style: Self.plain)
            let lines =
                PlanScreen(plan: plan, style: Self.plain).lines(diffs: .max)
                + StatusScreen(status: status, style: Self.plain).lines() + explain.lines()
                + entries.compactMap { EventLine(style: Self.plain).text($0) }
                + InventoryText.list(plan.devices.map(\.device))
                + plan.devices.flatMap { InventoryText.show($0.device) }
                + [Closing(status: status, code: .paused).text(Self.plain), try JSONOutput.line(entries)]
            #expect(lines.filter { $0.contains("u{1B}") }.count > 20)
            for line in lines { #expect(SafeText.line(line) == line) }
        }
    }

    @Test("JSON says the same with everything escaped that a terminal would obey")
    func json() throws {
        let text = "\u{1b}[31m \u{9b}2J \u{202e} \u{7f} \u{e0041} é 東 \"\\\n"
        let json = try JSONOutput.pretty(["a": text])
        #expect(SafeText.block(json) == json)
        #expect(json.contains(#"\u009b2J \u202e"#) && json.contains(#"\udb40\udc41 é 東"#))
        #expect(try JSONDecoder().decode([String: String].self, from: Data(json.utf8)) == ["a": text])
    }
}

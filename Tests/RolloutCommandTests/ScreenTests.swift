import RolloutEngine
import Testing

@testable import rollout

/// What people read, word for word: a screen is a promise too.
@Suite("Screens")
struct ScreenTests {
    private static let plain = Style(color: false, ascii: false)
    private static let ascii = Style(color: false, ascii: true)
    private static let colored = Style(color: true, ascii: false)

    private func played() throws -> ScreenFixture {
        var fixture = try ScreenFixture()
        fixture.play()
        return fixture
    }

    private func everyScreen(_ style: Style) throws -> [String] {
        let fixture = try played()
        let status = fixture.status()
        let explain = ExplainScreen(
            status: status, state: fixture.state, plan: fixture.plan, evidence: [], style: style)
        return PlanScreen(plan: fixture.plan, style: style).lines() + StatusScreen(status: status, style: style).lines()
            + explain.lines() + [Closing(status: status, code: .paused).text(style)]
    }

    @Test("a plan shows each difference once, odd ones out, waves with what bound them, and what keeps it safe")
    func plan() throws {
        let lines = PlanScreen(plan: try ScreenFixture().plan, style: Self.plain).lines()
        #expect(
            lines.joined(separator: "\n") == """
                change double · inventory small · 4 to change (gra 4)

                Diff A     3 devices  linux   +1 -1   gra-1, gra-2, gra-3
                  - qdisc eth0: tbf rate 100000000bit
                  + qdisc eth0: tbf rate 200000000bit
                Diff B     1 device   linux   +1 -1   gra-5
                  - qdisc eth0: tbf rate 50000000bit
                  + qdisc eth0: tbf rate 100000000bit
                Unreachable  1   gra-4
                  gra-4: no connection: timed out

                Waves                       devices  parallel  soak   bound by
                  0 canary eco gra                1         1     5m  canary · link up 40% of 80%
                  1        eco gra                3         3     5m  - · link up 65% of 80%

                Safety   revert timer on 4 of 4 devices, 10m
                         gates after each wave: traffic (rolls back)
                         link up: 300 Mbit/s now, 650 Mbit/s predicted, 800 Mbit/s allowed
                Plan: 4 change, 0 no change, 1 unreachable, 0 left out. 2 waves, about 11m4s.
                """)
    }

    @Test("devices that nothing would put back are named in red")
    func withoutTimer() throws {
        var plan = try ScreenFixture().plan
        let index = try #require(plan.devices.firstIndex { $0.device.name == "gra-2" })
        plan.devices[index].target?.hasRevertTimer = false
        let sentence = "No revert timer on gra-2: if the change cuts it off, nothing on it goes back; "
        var lines = PlanScreen(plan: plan, style: Self.plain).lines()
        #expect(lines.contains("Safety   revert timer on 3 of 4 devices, 10m"))
        #expect(
            lines.contains("         " + sentence + "not applied unless the policy says without_revert_timer: allow"))
        plan.policy.withoutRevertTimer = .allow
        lines = PlanScreen(plan: plan, style: Self.colored).lines()
        #expect(lines.contains("         \u{1B}[31m" + sentence + "the policy allows it\u{1B}[0m"))
    }

    @Test("devices that would restart to go back are named in red")
    func restarting() throws {
        var plan = try ScreenFixture().plan
        let index = try #require(plan.devices.firstIndex { $0.device.name == "gra-2" })
        plan.devices[index].target?.restartTakes = .minutes(15)
        let lines = PlanScreen(plan: plan, style: Self.colored).lines()
        #expect(
            lines.contains(
                "         \u{1B}[31mGoing back by itself is a restart on gra-2: what it forwards stops while it starts, up to 15m\u{1B}[0m"
            ))
    }

    @Test("a status names what is in doubt, until when it reverts, and the next command")
    func status() throws {
        let lines = StatusScreen(status: try played().status(), style: Self.plain).lines()
        #expect(
            lines.joined(separator: "\n") == """
                double #7   || paused   1/2 waves passed   1/4 confirmed   elapsed 5m12s
                ├─ ✔ wave 0  canary eco gra   1/1   gates passed (1 of 1)
                ├─ ◌ wave 1  eco gra          0/3   0 in flight, 1 unknown, 1 failed
                │  ├─ ✖ gra-2          failed, as it was   host key changed: the host key of 198.51.100.2:22 changed
                │  ├─ ? gra-3          UNKNOWN   it has to be asked: timeout: nothing within 10s
                │  ├─ ◷ 1 waiting
                gates  (wave 0) traffic ✔
                || budget: 1 of 3 devices failed in wave 1, the budget is 0: gra-2 (host key changed)
                left out when planned: gra-4
                Why, and what to do: rollout explain 7
                """)
    }

    @Test("before the first wave it is said for how long the fleet is only watched")
    func watching() throws {
        var fixture = try ScreenFixture()
        fixture.add(.driving(holder: "alice@noc pid 4711"))
        fixture.wait(.seconds(20))
        let wanted = "Watching the fleet for 40s more before the first wave: its gates need a before to compare with"
        #expect(StatusScreen(status: fixture.status(), style: Self.plain).lines().contains(wanted))
        #expect(!StatusScreen(status: fixture.status(driven: false), style: Self.plain).lines().contains(wanted))
        fixture.add(.waveStarted(wave: 0))
        #expect(!StatusScreen(status: fixture.status(), style: Self.plain).lines().contains(wanted))
    }

    @Test("a rollout with a device in doubt that nobody drives says so, even when it is paused")
    func unattended() throws {
        let lines = StatusScreen(status: try played().status(driven: false), style: Self.plain).lines()
        #expect(lines.contains("Nobody drives this rollout. Go on with: rollout apply --resume 7"))
        #expect(ExitStatus(restingAt: try played().status(driven: false)) == .unknownDevice)
    }

    @Test("an explanation gives the cause, the devices, and every choice with its command")
    func explain() throws {
        let fixture = try played()
        let lines = ExplainScreen(
            status: fixture.status(), state: fixture.state, plan: fixture.plan, evidence: [], style: Self.plain
        ).lines()
        #expect(
            lines.joined(separator: "\n") == """
                || paused  double #7. Nothing is in flight. 1 unknown.

                Because  1 of 3 devices failed in wave 1, the budget is 0: gra-2 (host key changed)
                         since 14:18:32 UTC

                Gates after wave 0: 1 of 1 passed.

                Devices in trouble:
                  ✖ gra-2            host key changed: the host key of 198.51.100.2:22 changed
                  ? gra-3            it has to be asked: timeout: nothing within 10s
                      if the change got through, it reverts by itself by 14:30:24 UTC at the latest

                Your choices, each with the exact command:
                  rollout retry 7 --failed   try failed and put-back devices again
                  rollout rollback 7         put everything back
                  rollout abort 7            stop for good; what is done stays
                If you do nothing: gra-3 reverts by itself when its timer runs out; nothing else changes.
                """)
    }

    @Test("an explanation says whose word is awaited, and how to give it")
    func awaited() throws {
        var fixture = try ScreenFixture()
        fixture.add(.created(planDigest: Digest(of: "plan"), by: "alice"))
        var plan = fixture.plan
        plan.policy.approvals = [ApprovalRule(before: .rollout, people: 2, by: ["grace", "ada"])]
        let record = RolloutRecord(
            id: RolloutID(7), title: plan.change.name, planDigest: Digest(of: "plan"), createdAt: ScreenFixture.start,
            createdBy: "alice")
        let status = RolloutStatus(record, plan: plan, state: fixture.state, lease: nil, at: fixture.now)
        let lines = ExplainScreen(
            status: status, state: fixture.state, plan: plan, evidence: [], style: Self.plain
        ).lines()
        #expect(lines.contains { $0.hasPrefix("Because  the rollout waits for the approval of 2 of ") }, "\(lines)")
        #expect(lines.contains { $0.contains("rollout approve 7 --reason") }, "\(lines)")
    }

    @Test("a failed gate shows its table, what the failing ones share, and how to go on")
    func failedGate() throws {
        var fixture = try ScreenFixture()
        let canary = fixture.plan.waves[0].devices[0]
        fixture.add(.driving(holder: "alice@noc pid 4711"))
        fixture.add(.waveStarted(wave: 0))
        fixture.confirm(canary)
        fixture.add(.soakStarted(wave: 0))
        fixture.wait(.minutes(5))
        let verdict = fixture.verdict(
            .fail, "traffic fell by more than 30% on gra-1",
            findings: [
                .init(
                    subject: "gra-1", failed: true, before: 95_000_000, after: 9_000_000, limit: 66_500_000,
                    unit: "bit/s", series: [95, 94, 20, 9, 9]),
                .init(
                    subject: "gra-2", before: 90_000_000, after: 91_000_000, limit: 63_000_000, unit: "bit/s",
                    series: [1, 6, 7, 8]),
                .init(
                    subject: "gra-3", before: 94_000_000, after: 95_000_000, limit: 65_800_000, unit: "bit/s",
                    series: [6, 7, 8]),
                .init(subject: "gra-5", isControl: true, before: 90_000_000, after: 91_000_000, unit: "bit/s"),
            ])
        fixture.add(.judged(wave: 0, verdict))
        fixture.add(.paused(PauseReason(.gateFailed, "after wave 0: gate traffic: \(verdict.reason)")))
        let lines = ExplainScreen(
            status: fixture.status(), state: fixture.state, plan: fixture.plan, evidence: [], style: Self.plain
        ).lines()
        #expect(
            lines.map { $0.replacing(#/ +$/#, with: "") }.joined(separator: "\n") == """
                || paused  double #7. Nothing is in flight. Nothing is unknown.

                Because  after wave 0: gate traffic: traffic fell by more than 30% on gra-1
                         since 14:18:24 UTC

                Gate traffic after wave 0  ✖ FAILED
                  traffic fell by more than 30% on gra-1
                    device                before (1m)     now           limit         over time
                  ✖ gra-1                 95 Mbit/s       9 Mbit/s      66.5 Mbit/s   ██▂▁▁
                    other 2               92 Mbit/s       93 Mbit/s     64.4 Mbit/s   ▇██
                    gra-5 (untouched)     90 Mbit/s       91 Mbit/s     -

                Your choices, each with the exact command:
                  rollout resume 7                                      soak and judge wave 0 again
                  rollout promote 7 --override traffic --reason "WHY"   go on anyway; who and why is recorded
                  rollout rollback 7 --wave 0                           put this wave back, then stay paused
                  rollout rollback 7                                    put everything back
                  rollout abort 7                                       stop for good; what is done stays
                If you do nothing: it stays as it is. No device reverts or changes by itself.
                """)
    }

    @Test("colour only paints: without it every word and icon is the same")
    func color() throws {
        let painted = try everyScreen(Self.colored).joined(separator: "\n")
        #expect(painted.contains("\u{1B}[31m"))
        #expect(
            painted.replacing(try Regex("\u{1B}\\[[0-9]*m"), with: "")
                == (try everyScreen(Self.plain).joined(separator: "\n")))
    }

    @Test("--ascii keeps to ASCII")
    func asciiOnly() throws {
        let text = try everyScreen(Self.ascii).joined(separator: "\n")
        let others = Set(text.unicodeScalars.filter { !$0.isASCII })
        #expect(others.isEmpty, "\(others)")
    }
}

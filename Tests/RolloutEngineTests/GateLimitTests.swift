import Foundation
import Testing

@testable import RolloutEngine

@Suite("Gates: how often they may come out other than pass")
struct GateLimitTests {
    private static let outcomes: [Verdict.Outcome] = [.pass, .fail, .inconclusive, .error]
    private static let window = AgentModel.window(0, 1)

    private func verdict(_ gate: GateName, _ outcome: Verdict.Outcome) -> Verdict {
        Verdict(
            gate: gate, outcome: outcome, reason: "because", findings: [], before: Self.window, after: Self.window)
    }

    @Test("no sequence of inconclusive, error and fail ever becomes a pass, and none is borne for ever")
    func sequences() {
        for seed: UInt64 in 0..<3000 {
            var random = SeededRandom(seed: seed)
            let rules = (0..<Int.random(in: 1...4, using: &random)).map { number in
                let actions: [GateAction] = [.observe, .pause, .rollBack]
                func some() -> Int { random.chance(40) ? 0 : Int.random(in: 1...3, using: &random) }
                return GateRule(
                    name: GateName(rawValue: "g\(number)"), condition: .interfaces,
                    onFail: actions[Int.random(in: 0..<3, using: &random)],
                    patience: random.chance(30) ? nil : GatePatience(inconclusive: some(), error: some(), fail: some()))
            }
            let binding = rules.filter { $0.onFail != .observe }
            let borneAtMost = binding.compactMap(\.patience).reduce(0) { $0 + $1.inconclusive + $1.error + $1.fail }
            var counts: [GateName: OutcomeCounts] = [:]
            var rounds = 0
            let passes = Int.random(in: 0...95, using: &random)
            while true {
                rounds += 1
                var outcomes: [GateName: Verdict.Outcome] = [:]
                var verdicts: [Verdict] = []
                for rule in rules {
                    let outcome = random.chance(passes) ? .pass : Self.outcomes[Int.random(in: 1..<4, using: &random)]
                    outcomes[rule.name] = outcome
                    counts[rule.name, default: OutcomeCounts()].add(outcome)
                    if !random.chance(2) { verdicts.append(verdict(rule.name, outcome)) }
                }
                let isJudged = binding.allSatisfy { rule in verdicts.contains { $0.gate == rule.name } }
                let isClean = binding.allSatisfy { outcomes[$0.name] == .pass } && isJudged
                let spent = binding.filter { rule in
                    guard let outcome = outcomes[rule.name], outcome != .pass,
                        verdicts.contains(where: { $0.gate == rule.name })
                    else { return false }
                    return (counts[rule.name]?[outcome] ?? 0) > (rule.patience?.limit(of: outcome) ?? 0)
                }
                switch VerdictAlgebra.combined(verdicts, rules: rules, overridden: [], counts: counts) {
                case .pass: #expect(isClean, "seed \(seed)")
                case .again(let reasons): #expect(!isClean && spent.isEmpty && !reasons.isEmpty, "seed \(seed)")
                case .fail(let action, _):
                    let failed = spent.filter { outcomes[$0.name] == .fail }
                    #expect(!failed.isEmpty, "seed \(seed)")
                    #expect(action == (failed.contains { $0.onFail == .rollBack } ? .rollBack : .pause))
                case .unclear: #expect(!isClean && !spent.contains { outcomes[$0.name] == .fail }, "seed \(seed)")
                }
                if isClean || !spent.isEmpty || !isJudged { break }
                #expect(rounds <= borneAtMost, "seed \(seed): borne for ever")
                if rounds > borneAtMost { break }
            }
        }
    }

    @Test("without limits everything is as it was: the first outcome counts")
    func noLimits() {
        let rule = GateRule(name: "a", condition: .reboot, onFail: .pause)
        for outcome in Self.outcomes.dropFirst() {
            var counts = OutcomeCounts()
            counts.add(outcome)
            let combined = VerdictAlgebra.combined(
                [verdict("a", outcome)], rules: [rule], overridden: [], counts: ["a": counts])
            if case .again = combined { Issue.record("\(outcome) is borne") }
            #expect(combined != .pass)
        }
    }

    /// A wave that soaks, and what the reconciler decides after each judgement; the state is folded anew each time, as after a
    /// crash.
    private func decisions(_ outcomes: [Verdict.Outcome], _ patience: GatePatience, onFail: GateAction = .pause) throws
        -> [Fact]
    {
        var policy = Samples.policy()
        policy.canary = CanaryRule(devices: 0)
        policy.gates[0].patience = patience
        policy.gates[0].onFail = onFail
        let plan = try Planner.plan(Samples.input([Samples.device("d1")], policy: policy))
        let device = try #require(plan.waves.first?.devices.first)
        var entries: [JournalEntry] = []
        var now = Samples.start
        func add(_ fact: Fact) {
            entries.append(JournalEntry(sequence: Int64(entries.count) + 1, at: now, fence: 1, fact: fact))
        }
        add(.waveStarted(wave: 0))
        for kind in [DeviceStep.Kind.push, .confirm] {
            let step = DeviceStep(device: device, kind: kind, attempt: 1)
            add(.intent(step))
            add(.outcome(step, .done(revertsAt: kind == .push ? now + .minutes(10) : nil)))
        }
        add(.soakStarted(wave: 0))
        var decided: [Fact] = []
        for outcome in outcomes {
            now = now + .minutes(5)
            let judging = Reconciler(plan: plan).next(
                RolloutState(folding: entries), at: now, watchedSince: Samples.start)
            guard judging.contains(.judge(wave: 0)) else { break }
            add(.judged(wave: 0, verdict("traffic", outcome)))
            let state = RolloutState(folding: entries)
            let facts = Reconciler(plan: plan).next(state, at: now, watchedSince: Samples.start).compactMap {
                action -> Fact? in if case .record(let fact) = action { fact } else { nil }
            }
            decided += facts
            for fact in facts { add(fact) }
        }
        return decided
    }

    @Test("an inconclusive gate is judged again after another soak as often as its limit says, then it pauses")
    func soaksAgain() throws {
        let patience = GatePatience(inconclusive: 2)
        let bad = try decisions([.inconclusive, .inconclusive, .inconclusive], patience)
        #expect(bad.count == 3 && bad.prefix(2) == [.soakStarted(wave: 0), .soakStarted(wave: 0)])
        guard case .paused(let reason)? = bad.last else {
            Issue.record("\(bad)")
            return
        }
        #expect(reason.kind == .gateUnclear)
        #expect(try decisions([.inconclusive, .pass], patience) == [.soakStarted(wave: 0), .wavePassed(wave: 0)])
        #expect(try decisions([.pass], patience) == [.wavePassed(wave: 0)])
        guard case .paused? = try decisions([.error], patience).first else {
            Issue.record("an error is borne")
            return
        }
    }

    @Test("a fail may be borne once, and acts the second time")
    func failsTwice() throws {
        let patience = GatePatience(fail: 1)
        let facts = try decisions([.fail, .fail], patience, onFail: .rollBack)
        #expect(facts.first == .soakStarted(wave: 0))
        #expect(facts.dropFirst().contains { if case .rollingBack = $0 { true } else { false } })
        #expect(try decisions([.fail, .pass], patience) == [.soakStarted(wave: 0), .wavePassed(wave: 0)])
    }

    @Test("outcomes that take turns are not borne longer for it")
    func takingTurns() throws {
        let patience = GatePatience(inconclusive: 1, error: 1, fail: 1)
        let facts = try decisions([.inconclusive, .error, .fail, .inconclusive, .pass], patience)
        #expect(facts.prefix(3) == [.soakStarted(wave: 0), .soakStarted(wave: 0), .soakStarted(wave: 0)])
        guard case .paused? = facts.last else {
            Issue.record("\(facts)")
            return
        }
        #expect(facts.count == 4)
    }

    @Test("a plan without limits reads as before, and one with limits keeps them")
    func stored() throws {
        let text = #"{"name":"a","condition":{"reboot":{}},"onFail":"pause"}"#
        let rule = try JSONDecoder().decode(GateRule.self, from: Data(text.utf8))
        #expect(rule == GateRule(name: "a", condition: .reboot, onFail: .pause))
        for rule in GateRule.cautious + GateRule.further + [
            GateRule(
                name: "x",
                condition: .probe(
                    Probe(.http(url: "http://x/", status: 200, pointer: "/a"), token: .environment("T")),
                    ValueLimits(maximum: 1, maximumRise: .amount(2), maximumFall: .share(.percent(3)))),
                onFail: .observe, patience: GatePatience(inconclusive: 2), flaps: 0)
        ] {
            let bytes = try JSONEncoder().encode(rule)
            #expect(try JSONDecoder().decode(GateRule.self, from: bytes) == rule)
            #expect(!String(decoding: bytes, as: UTF8.self).contains("\"_0\""))
        }
    }
}

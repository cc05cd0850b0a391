import Testing

@testable import RolloutEngine

@Suite("Gates: how verdicts combine")
struct VerdictAlgebraTests {
    private static let outcomes: [Verdict.Outcome] = [.pass, .fail, .inconclusive, .error]

    private func verdict(_ gate: GateName, _ outcome: Verdict.Outcome) -> Verdict {
        let window = AgentModel.window(0, 1)
        return Verdict(gate: gate, outcome: outcome, reason: "because", findings: [], before: window, after: window)
    }

    @Test("only passes pass: for every combination of outcomes, actions, overrides and missing verdicts")
    func laws() {
        for seed: UInt64 in 0..<3000 {
            var random = SeededRandom(seed: seed)
            let rules = (0..<Int.random(in: 1...5, using: &random)).map { number in
                let actions: [GateAction] = [.observe, .pause, .rollBack]
                return GateRule(
                    name: GateName(rawValue: "g\(number)"), condition: .interfaces,
                    onFail: actions[Int.random(in: 0..<3, using: &random)])
            }
            var outcomes: [GateName: Verdict.Outcome] = [:]
            var verdicts: [Verdict] = []
            for rule in rules where !random.chance(10) {
                let outcome = random.chance(50) ? .pass : Self.outcomes[Int.random(in: 0..<4, using: &random)]
                outcomes[rule.name] = outcome
                verdicts.append(verdict(rule.name, outcome))
            }
            verdicts.shuffle(using: &random)
            let overridden = rules.map(\.name).filter { _ in random.chance(15) }
            let combined = VerdictAlgebra.combined(verdicts, rules: rules, overridden: overridden)
            let binding = rules.filter { $0.onFail != .observe && !overridden.contains($0.name) }
            let failed = binding.filter { outcomes[$0.name] == .fail }
            switch combined {
            case .pass: #expect(binding.allSatisfy { outcomes[$0.name] == .pass }, "seed \(seed)")
            case .fail(let action, let reasons):
                #expect(reasons.count == failed.count && !failed.isEmpty)
                #expect(action == (failed.contains { $0.onFail == .rollBack } ? .rollBack : .pause))
            case .again: Issue.record("seed \(seed): nothing is borne without a limit")
            case .unclear(let reasons):
                #expect(failed.isEmpty && !reasons.isEmpty)
                #expect(binding.contains { outcomes[$0.name] != .pass })
            }
        }
    }

    @Test("a gate that was not judged is unclear, and the newest verdict of a gate counts")
    func missingAndRepeated() {
        let rules = [GateRule(name: "a", condition: .reboot, onFail: .pause)]
        #expect(
            VerdictAlgebra.combined([], rules: rules, overridden: []) == .unclear(reasons: ["gate a was not judged"]))
        let verdicts = [verdict("a", .inconclusive), verdict("a", .pass)]
        #expect(VerdictAlgebra.combined(verdicts, rules: rules, overridden: []) == .pass)
    }
}

@Suite("Gates: what failing devices share")
struct CommonTraitsTests {
    private func plan(_ devices: [Device], firmware: [String]) throws -> Plan {
        var plan = try Planner.plan(Samples.input(devices))
        for index in plan.devices.indices {
            let position = devices.firstIndex { $0.name == plan.devices[index].device.name } ?? 0
            plan.devices[index].target?.firmware = firmware[position]
        }
        return plan
    }

    @Test("a firmware and a link that only failing devices have are named, what all have is not")
    func shared() throws {
        let devices = (1...8).map { Samples.device("gra-eco-\($0)", links: $0 < 3 ? ["up-gra", "tor-3"] : ["up-gra"]) }
        let plan = try plan(devices, firmware: ["5.10", "5.10", "6.1", "6.1", "6.1", "6.1", "6.1", "6.1"])
        #expect(CommonTraits.shared(by: ["gra-eco-1", "gra-eco-2"], in: plan) == ["firmware 5.10", "link tor-3"])
        #expect(CommonTraits.shared(by: ["gra-eco-1", "gra-eco-5"], in: plan) == [])
        #expect(CommonTraits.shared(by: ["gra-eco-1"], in: plan) == [])
        #expect(CommonTraits.shared(by: [], in: plan) == [])
    }

    @Test("devices that were not touched yet prove nothing")
    func touched() throws {
        let devices = (1...8).map { Samples.device("gra-eco-\($0)") }
        let plan = try plan(devices, firmware: ["5.10", "5.10", "6.1", "6.1", "5.10", "5.10", "5.10", "5.10"])
        let failing: [DeviceName] = ["gra-eco-1", "gra-eco-2"]
        #expect(CommonTraits.shared(by: failing, in: plan) == [])
        let touched = devices.prefix(4).map(\.name)
        #expect(CommonTraits.shared(by: failing, in: plan, among: touched) == ["firmware 5.10"])
    }
}

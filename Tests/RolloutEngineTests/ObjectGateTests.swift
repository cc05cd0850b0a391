import Testing

@testable import RolloutEngine

/// Objects of agents with a known truth, read beside the interfaces of a `GateFixture`.
private struct ObjectFixture {
    var fixture = GateFixture()
    var rule: GateRule
    /// What an agent says of the gate's objects at a second; nil for an agent that was not asked.
    var says: (_ subject: String, _ second: Double) -> [ObjectReading]?

    var input: GateInput {
        var fixture = fixture
        fixture.rules = [rule]
        var input = fixture.input
        input.samples = input.samples.mapValues { samples in
            samples.map { sample in
                var sample = sample
                guard sample.unknown == nil else { return sample }
                let second = AgentModel.second(sample.at)
                sample.objects = says(sample.subject.name, second) ?? []
                return sample
            }
        }
        return input
    }

    var verdict: Verdict {
        get throws { try #require(GateEvaluator.judge(input).first) }
    }
}

private func usual(_ name: GateName) throws -> GateRule {
    try #require(GateRule.further.first { $0.name == name })
}

private func gone(_ name: String, _ code: UnknownReason.Code = .absent) -> [ObjectReading] {
    [ObjectReading(name: name, unknown: UnknownReason(code, "nothing"))]
}

@Suite("Gates: objects beside interfaces")
struct ObjectGateTests {
    private func peers(_ states: [Int64]) -> [ObjectReading] {
        states.enumerated().map { ObjectReading(name: "bgp 3", instance: "192.0.2.\($0 + 1)", value: .state($1)) }
            + gone("bgp") + gone("bgp 2")
    }

    @Test("peers that are established before and at the end pass; those that never were are not looked at")
    func peersStay() throws {
        let verdict = try ObjectFixture(rule: usual("bgp")) { _, _ in peers([6, 6, 1]) }.verdict
        #expect(verdict.outcome == .pass, "\(verdict.reason)")
        #expect(verdict.reason == "bgp: 8 are as they were before")
    }

    @Test("a peer that is lost fails, and is named with what it was", arguments: [1, 2, 3, 4, 5])
    func peerLost(state: Int64) throws {
        let verdict = try ObjectFixture(rule: usual("bgp")) { subject, second in
            peers(subject == "gra-eco-2" && second > 700 ? [6, state] : [6, 6])
        }.verdict
        #expect(verdict.outcome == .fail)
        #expect(verdict.reason.contains("gra-eco-2 bgp 192.0.2.2 (6 before, \(state) now)"), "\(verdict.reason)")
        #expect(verdict.findings.filter(\.failed).count == 1)
    }

    @Test(
        "a peer that is gone from a table that is answered is lost; when the agent does not answer the table, nobody knows"
    )
    func peerGone() throws {
        let gone = try ObjectFixture(rule: usual("bgp")) { subject, second in
            peers(subject == "gra-eco-2" && second > 700 ? [6] : [6, 6])
        }.verdict
        #expect(gone.outcome == .fail)
        #expect(gone.reason.contains("192.0.2.2 (6 before, gone now)"))
        let all = try ObjectFixture(rule: usual("bgp")) { subject, second in
            peers(subject == "gra-eco-2" && second > 700 ? [] : [6, 6])
                + (subject == "gra-eco-2" && second > 700 ? RolloutEngineTests.gone("bgp 3") : [])
        }.verdict
        #expect(all.outcome == .fail)
        for code in [UnknownReason.Code.timeout, .agentError] {
            let silent = try ObjectFixture(rule: usual("bgp")) { subject, second in
                subject == "gra-eco-2" && second > 700
                    ? RolloutEngineTests.gone("bgp 3", code) : peers([6, 6])
            }.verdict
            #expect(silent.outcome == .inconclusive, "\(silent.reason)")
            #expect(silent.reason.contains("gra-eco-2"))
        }
    }

    @Test("a peer that goes and comes back is flapping, which fails, unless the policy says otherwise")
    func flapping() throws {
        func verdict(_ flaps: Int?) throws -> Verdict {
            var rule = try usual("bgp")
            rule.flaps = flaps
            return try ObjectFixture(rule: rule) { subject, second in
                peers(subject == "gra-eco-2" && (700...730).contains(second) ? [6, 3] : [6, 6])
            }.verdict
        }
        let twice = try verdict(nil)
        #expect(twice.outcome == .fail)
        #expect(twice.reason.contains("flapping: 2 changes, 6 before, 6 now"), "\(twice.reason)")
        #expect(try verdict(0).outcome == .pass)
        #expect(try verdict(3).outcome == .pass)
        #expect(try verdict(2).outcome == .fail)
    }

    @Test(
        "an agent that has none of the objects is not known of; where they are optional it is left out, but not all can be"
    )
    func absent() throws {
        func verdict(optional: Bool, _ has: @escaping (String) -> Bool) throws -> Verdict {
            var rule = try usual("bgp")
            if case .object(var condition) = rule.condition {
                condition.isOptional = optional
                rule.condition = .object(condition)
            }
            return try ObjectFixture(rule: rule) { subject, _ in
                has(subject) ? peers([6]) : gone("bgp") + gone("bgp 2") + gone("bgp 3")
            }.verdict
        }
        #expect(try verdict(optional: false) { $0 != "gra-eco-2" }.outcome == .inconclusive)
        #expect(try verdict(optional: true) { $0 != "gra-eco-2" }.outcome == .pass)
        let none = try verdict(optional: true) { _ in false }
        #expect(none.outcome == .inconclusive)
        #expect(none.reason.contains("no device of this wave has any"))
    }

    @Test("silence is never a pass: an agent that was not asked, and one that fell silent, are not known of")
    func silent() throws {
        for name in GateRule.further.map(\.name) where !["tc_drops", "utilisation", "reachability"].contains(name) {
            let verdict = try ObjectFixture(rule: usual(name)) { _, _ in nil }.verdict
            #expect(verdict.outcome == .inconclusive, "\(name): \(verdict.reason)")
            var quiet = ObjectFixture(rule: try usual(name)) { _, _ in peers([6]) }
            quiet.fixture = GateFixture { agent, isTreated, number in
                if isTreated && number == 1 { agent.silentSince = 650 }
            }
            #expect(try quiet.verdict.outcome == .inconclusive)
        }
    }

    @Test("a processor is judged by its mean over the soak, and over its cores")
    func processor() throws {
        func verdict(_ load: @escaping (Double) -> [Double]) throws -> Verdict {
            try ObjectFixture(rule: usual("cpu")) { subject, second in
                let busy = subject == "gra-eco-3" ? load(second) : [20, 20]
                return busy.enumerated().map {
                    ObjectReading(name: "cpu", instance: "\($0 + 1)", value: .level($1))
                } + gone("cpu 2")
            }.verdict
        }
        #expect(try verdict { _ in [100, 20] }.outcome == .pass)
        #expect(try verdict { $0 > 700 && $0 < 720 ? [100, 100] : [20, 20] }.outcome == .pass)
        let busy = try verdict { $0 > 605 ? [95, 93] : [20, 20] }
        #expect(busy.outcome == .fail)
        #expect(busy.reason.contains("gra-eco-3 cpu (20 % before, 94 % now, limit 90 %)"), "\(busy.reason)")
        #expect(try verdict { _ in [.nan, 20] }.outcome == .inconclusive)
        #expect(try verdict { _ in [] }.outcome == .inconclusive)
    }

    @Test("the first kind of object that an agent has is the one that is judged")
    func alternatives() throws {
        let verdict = try ObjectFixture(rule: usual("cpu")) { subject, _ in
            gone("cpu") + gone("cpu 2")
                + [0, 0, subject == "gra-eco-1" ? 97 : 12].enumerated().map {
                    ObjectReading(name: "cpu 3", instance: "9.\($0).0.0", value: .level($1))
                }
        }.verdict
        #expect(verdict.outcome == .fail)
        #expect(verdict.findings.filter(\.failed).map(\.subject) == ["gra-eco-1 cpu"])
    }

    @Test("routes may be fewer by a twentieth and more by any number")
    func routes() throws {
        func outcome(_ after: Double, before: Double = 1000) throws -> Verdict.Outcome {
            try ObjectFixture(rule: usual("routes")) { subject, second in
                let count = subject == "gra-eco-1" && second > 600 ? after : before
                return [ObjectReading(name: "routes", value: .level(count))]
            }.verdict.outcome
        }
        #expect(try outcome(1000) == .pass)
        #expect(try outcome(951) == .pass)
        #expect(try outcome(940) == .fail)
        #expect(try outcome(0) == .fail)
        #expect(try outcome(5000) == .pass)
        #expect(try outcome(0, before: 0) == .pass)
        #expect(try outcome(10, before: 0) == .pass)
    }

    @Test("limits that need a before are not known without one; absolute ones are")
    func noBefore() throws {
        func outcome(_ limits: ValueLimits, _ level: Double) throws -> Verdict.Outcome {
            let source = ObjectCondition.Source([1, 3, 1], isColumn: false, kind: .gauge, unit: "routes")
            let rule = GateRule(
                name: "x", condition: .object(ObjectCondition([source], limits: limits)), onFail: .pause)
            return try ObjectFixture(rule: rule) { _, second in
                second < 605 ? nil : [ObjectReading(name: "x", value: .level(level))]
            }.verdict.outcome
        }
        #expect(try outcome(ValueLimits(maximumFall: .amount(5)), 10) == .inconclusive)
        #expect(try outcome(ValueLimits(maximum: 20), 10) == .pass)
        #expect(try outcome(ValueLimits(maximum: 20), 30) == .fail)
        #expect(try outcome(ValueLimits(minimum: 20), 10) == .fail)
        let share = ValueLimits(maximumRise: .share(.percent(20)))
        func judged(_ before: Double, _ after: Double) -> (failed: Bool, limit: Double?, unknown: UnknownReason?) {
            share.judge(before: .success(before), after: .success(after))
        }
        #expect(judged(100, 119).failed == false && judged(100, 121).failed)
        #expect(judged(0, 0).unknown == nil && judged(0, 1).unknown != nil)
        #expect(try outcome(ValueLimits(maximum: 20, maximumRise: .amount(5)), 30) == .fail)
    }

    @Test(
        "queues that drop more than before fail; one that is new or gone is not known, unless it drops less than the limit"
    )
    func queues() throws {
        func verdict(_ drops: @escaping (_ subject: String, _ second: Double) -> [String: Double]) throws -> Verdict {
            try ObjectFixture(rule: usual("queue_drops")) { subject, second in
                drops(subject, second).sorted { $0.key < $1.key }.map {
                    ObjectReading(name: "queue_drops", instance: $0.key, value: .counter(.bits64(UInt64($0.value))))
                }
            }.verdict
        }
        #expect(try verdict { _, second in ["18.1": second * 30] }.outcome == .pass)
        let bad = try verdict { subject, second in
            ["18.1": second * 2, "18.2": subject == "gra-eco-4" ? second * 2 + max(0, second - 600) * 20 : second * 2]
        }
        #expect(bad.outcome == .fail)
        #expect(bad.reason.contains("gra-eco-4 queue_drops 18.2 (2/s before, 22/s now, limit 7/s)"), "\(bad.reason)")
        let quietNewcomer = try verdict { _, second in
            second < 600 ? ["18.1": second] : ["18.1": second, "18.9": second - 600]
        }
        #expect(quietNewcomer.outcome == .pass, "\(quietNewcomer.reason)")
        let newcomer = try verdict { _, second in
            second < 600 ? ["18.1": second] : ["18.1": second, "18.9": (second - 600) * 20]
        }
        #expect(newcomer.outcome == .inconclusive)
        let vanished = try verdict { _, second in second < 600 ? ["18.1": second, "18.9": second] : ["18.1": second] }
        #expect(vanished.outcome == .inconclusive)
        #expect(vanished.reason.contains("18.9"), "\(vanished.reason)")
    }

    @Test("what fails beside the wave fails no verdict, and thousands of healthy queues are one finding a device")
    func findings() throws {
        let verdict = try ObjectFixture(rule: usual("queue_drops")) { subject, second in
            (0..<40).map { queue in
                let extra = subject == "gra-hg-1" ? max(0, second - 600) * 20 : 0
                return ObjectReading(
                    name: "queue_drops", instance: "1.\(queue)", value: .counter(.bits64(UInt64(second + extra))))
            }
        }.verdict
        #expect(verdict.outcome == .pass)
        #expect(verdict.findings.count <= 9 + 21)
        #expect(verdict.findings.contains { $0.isControl && $0.failed })
    }

    @Test("while a wave is under way a lost peer is an alarm at once, and a busy processor is none")
    func alarms() throws {
        var lost = ObjectFixture(rule: try usual("bgp")) { subject, second in
            peers(subject == "gra-eco-2" && second > 640 ? [6, 1] : [6, 6])
        }
        lost.fixture.end = 660
        let alarms = GateEvaluator.alarms(lost.input)
        #expect(alarms.map(\.action) == [.rollBack])
        #expect(alarms.first?.reason.contains("gra-eco-2 bgp 192.0.2.2 (6 before, 1 now)") == true)
        var busy = ObjectFixture(rule: try usual("cpu")) { _, second in
            [ObjectReading(name: "cpu", instance: "1", value: .level(second > 600 ? 100 : 1))]
        }
        busy.fixture.end = 660
        #expect(GateEvaluator.alarms(busy.input).isEmpty)
    }
}

@Suite("Gates: counters of objects with a known truth")
struct ObjectRateTests {
    /// A queue that drops at a steady rate, with all that goes wrong between it and us.
    private struct Queue {
        var rate = 40.0
        var is32Bit = false
        var start: UInt64 = 0
        var cache = 0.0
        var restarts: [Double] = []
        /// Moments at which the number is given to another queue, before which it was away for a minute.
        var replaced: [Double] = []
        var loss = 0

        func samples(every poll: Double, seed: UInt64) -> [CounterSample] {
            var agent = AgentModel()
            agent.restarts = restarts
            agent.lossPercent = loss
            agent.cache = cache
            return agent.samples(every: poll, to: 900, seed: seed).map { sample in
                var sample = sample
                guard sample.unknown == nil else { return sample }
                let now = AgentModel.second(sample.at)
                let seen = cache > 0 ? (now / cache).rounded(.down) * cache : now
                let isAway = replaced.contains { now >= $0 - 60 && now < $0 }
                guard !isAway else {
                    sample.objects = gone("x")
                    return sample
                }
                let born = restarts.filter { $0 <= seen }.max() ?? 0
                // The one that has the number now began to count long ago, or just now.
                let base =
                    UInt64(replaced.count { $0 <= now }) * 1_000_000 + (restarts.contains { $0 <= seen } ? 0 : start)
                let value = base + UInt64(max(0, seen - born) * rate)
                let counter: Counter = is32Bit ? .bits32(UInt32(truncatingIfNeeded: value)) : .bits64(value)
                sample.objects = [ObjectReading(name: "x", instance: "7.1", value: .counter(counter))]
                return sample
            }
        }
    }

    @Test(
        "no rate is ever made up: for 400 agents with restarts, wraps, caches, losses and numbers that are given anew")
    func neverMadeUp() {
        var known = 0
        for seed: UInt64 in 0..<400 {
            var random = SeededRandom(seed: seed)
            var queue = Queue(rate: Double(Int.random(in: 1...4000, using: &random)))
            queue.is32Bit = random.chance(50)
            queue.cache = random.chance(30) ? 3 : 0
            queue.loss = random.chance(50) ? 10 : 0
            if queue.is32Bit { queue.start = random.chance(50) ? 4_294_967_296 - 500_000 : 0 }
            if random.chance(40) { queue.restarts = [Double(Int.random(in: 100...800, using: &random))] }
            if random.chance(40) { queue.replaced = [Double(Int.random(in: 100...800, using: &random))] }
            let poll = [2.0, 5, 10][Int.random(in: 0..<3, using: &random)]
            let samples = queue.samples(every: poll, seed: seed)
            let series = ObjectReadings(of: "x", in: samples).rates(of: "7.1")
            for start in stride(from: 0.0, to: 800, by: 90) {
                guard let average = series.average(in: AgentModel.window(start, start + 90)),
                    let rate = average.discards
                else { continue }
                // Behind a cache less than that says little, and no gate goes by so little.
                if queue.cache > 0, average.seconds < 30 { continue }
                known += 1
                // A cache moves a refresh into or out of the window.
                let tolerance = queue.rate * (queue.cache > 0 ? 0.35 : 0.02) + 0.6
                #expect(abs(rate - queue.rate) <= tolerance, "seed \(seed): \(rate) instead of \(queue.rate)")
            }
        }
        #expect(known > 2500)
    }

    @Test("an instance that was away and is back is not compared with what had its number before")
    func awayAndBack() {
        var queue = Queue()
        queue.replaced = [450]
        let series = ObjectReadings(of: "x", in: queue.samples(every: 5, seed: 1)).rates(of: "7.1")
        #expect(series.average(in: AgentModel.window(300, 600))?.discards.map { abs($0 - 40) < 1 } == true)
        #expect(series.gaps.map(\.reason.code).contains(.discontinuity))
    }

    @Test("a level where a counter is expected, and a counter where a level is, are not taken for each other")
    func kinds() {
        let samples = AgentModel().samples(every: 10, to: 100).map { sample in
            var sample = sample
            sample.objects = [ObjectReading(name: "x", value: .level(Double(sample.uptime ?? 0)))]
            return sample
        }
        let readings = ObjectReadings(of: "x", in: samples)
        #expect(readings.rates(of: "").average(in: AgentModel.window(0, 100)) == nil)
        let counters = samples.map { sample in
            var sample = sample
            sample.objects = [ObjectReading(name: "x", value: .counter(.bits32(7)))]
            return sample
        }
        let level = ObjectReadings(of: "x", in: counters).levels(of: "", .each)
        let mean = level.mean(in: AgentModel.window(0, 100), upToEnd: nil)
        #expect(mean == .failure(UnknownReason(.agentError, "the agent gave something else than a number")))
    }
}

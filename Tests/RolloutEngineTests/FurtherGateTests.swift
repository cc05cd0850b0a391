import Testing

@testable import RolloutEngine

@Suite("Gates: reachability, utilisation, flapping interfaces, drops of tc, probes")
struct FurtherGateTests {
    private func verdict(_ fixture: GateFixture, _ rule: GateRule, _ alter: (inout GateInput) -> Void = { _ in }) throws
        -> Verdict
    {
        try fixture.verdict(of: rule, alter)
    }

    private func usual(_ name: GateName) throws -> GateRule {
        try #require((GateRule.cautious + GateRule.further).first { $0.name == name })
    }

    @Test("an agent that answered before and is silent at the end fails; one that never answered is not known")
    func reachability() throws {
        let rule = try usual("reachability")
        #expect(try verdict(GateFixture(), rule).outcome == .pass)
        func silent(since: Double) -> GateFixture {
            GateFixture { agent, isTreated, number in if isTreated && number == 1 { agent.silentSince = since } }
        }
        let lost = try verdict(silent(since: 700), rule)
        #expect(lost.outcome == .fail)
        #expect(lost.reason == "does not answer any more: gra-eco-2")
        #expect(try verdict(silent(since: -1), rule).outcome == .inconclusive)
        let lossy = GateFixture { agent, _, _ in agent.lossPercent = 3 }
        #expect(try verdict(lossy, rule).outcome == .pass)
    }

    @Test("an interface that fills its shaped rate all through the soak fails, one that does so for a while does not")
    func utilisation() throws {
        let rule = try usual("utilisation")
        func outcome(_ rate: @escaping (Double) -> Double, shapedTo limit: UInt64) throws -> Verdict.Outcome {
            let fixture = GateFixture { agent, isTreated, number in
                if isTreated && number == 0 { agent.rate = rate }
                agent.cache = 0
            }
            return try verdict(fixture, rule) { input in
                for device in input.treated { input.shapedRates[device.name] = ["eth0": BitsPerSecond(limit)] }
            }.outcome
        }
        #expect(try outcome({ _ in 99_500_000 }, shapedTo: 100_000_000) == .fail)
        #expect(try outcome({ _ in 90_000_000 }, shapedTo: 100_000_000) == .pass)
        #expect(try outcome({ $0 > 700 && $0 < 740 ? 10_000_000 : 99_500_000 }, shapedTo: 100_000_000) == .pass)
        // Whatever the interface itself could do.
        #expect(try outcome({ _ in 99_500_000 }, shapedTo: 1_000_000_000) == .pass)
        let nothing = try verdict(GateFixture(), rule)
        #expect(nothing.outcome == .pass && nothing.reason == "no interface of this wave is shaped as a whole")
        let silent = GateFixture { agent, isTreated, number in if isTreated && number == 0 { agent.silentSince = 605 } }
        let unknown = try verdict(silent, rule) { input in
            for device in input.treated { input.shapedRates[device.name] = ["eth0": BitsPerSecond(100_000_000)] }
        }
        #expect(unknown.outcome == .inconclusive)
        let unwatched = try verdict(GateFixture(), rule) { input in
            input.shapedRates["gra-eco-1"] = ["eth7": BitsPerSecond(100_000_000)]
        }
        #expect(unwatched.outcome == .inconclusive && unwatched.reason.contains("eth7"))
    }

    @Test("an interface that goes down and comes back is flapping, also when only ifLastChange says so")
    func flappingInterface() throws {
        let rule = try usual("interfaces")
        func outcome(_ flaps: Int?, _ alter: (inout InterfaceReading, Double) -> Void) throws -> Verdict {
            var rule = rule
            rule.flaps = flaps
            return try verdict(GateFixture(), rule) { input in
                input.samples[.device("gra-eco-1")] = input.samples[.device("gra-eco-1")]?.map { sample in
                    var sample = sample
                    let second = AgentModel.second(sample.at)
                    if !sample.interfaces.isEmpty { alter(&sample.interfaces[0], second) }
                    return sample
                }
            }
        }
        let seen = try outcome(nil) { reading, second in if (700...720).contains(second) { reading.operStatus = 2 } }
        #expect(seen.outcome == .fail)
        #expect(seen.reason == "flapping: gra-eco-1 (up, having been down meanwhile)", "\(seen.reason)")
        let unseen = try outcome(nil) { reading, second in reading.lastChange = second > 705 ? 40_070_200 : 900 }
        #expect(unseen.outcome == .fail)
        let steady = try outcome(nil) { reading, _ in reading.lastChange = 900 }
        #expect(steady.outcome == .pass)
        // There are agents whose ifLastChange moves by itself.
        let restless = try outcome(nil) { reading, second in reading.lastChange = UInt32(second * 100) }
        #expect(restless.outcome == .pass)
        // A bounce that the change itself made, before the soak began, is over.
        let before = try outcome(nil) { reading, second in if (600..<605).contains(second) { reading.operStatus = 2 } }
        #expect(before.outcome == .pass)
        let borne = try outcome(0) { reading, second in if (700...720).contains(second) { reading.operStatus = 2 } }
        #expect(borne.outcome == .pass)
    }

    /// Drops of a device's queue as it says itself, once a minute.
    private func drops(_ rate: @escaping (Double) -> Double, on name: DeviceName) -> [CounterSample] {
        let ledger = AgentModel.Ledger(rate, to: 900)
        return stride(from: 5.0, through: 900, by: 20).map { second in
            CounterSample(
                subject: .queues(name), at: AgentModel.instant(second), uptime: UInt32(10_000 + second * 100),
                objects: [
                    ObjectReading(
                        name: WatchedObject.queueDrops, instance: "eth0 1:",
                        value: .counter(.bits64(ledger.total(until: second))))
                ])
        }
    }

    @Test("what tc drops of its own is judged against before, and silence of the session is not known")
    func tcDrops() throws {
        let rule = GateRule(
            name: "tc_drops", condition: .tcDrops(maximumPerSecond: 5, every: .seconds(20)), onFail: .pause)
        func verdict(_ bad: Double) throws -> Verdict {
            try self.verdict(GateFixture(), rule) { input in
                for device in input.treated {
                    let isBad = device.name == "gra-eco-3"
                    input.samples[.queues(device.name)] = drops(
                        { isBad && $0 > 600 ? bad : 3 }, on: device.name)
                }
            }
        }
        #expect(try verdict(4).outcome == .pass)
        let bad = try verdict(30)
        #expect(bad.outcome == .fail)
        #expect(bad.reason.contains("gra-eco-3 drops eth0 1: (3/s before, 30/s now, limit 8/s)"), "\(bad.reason)")
        #expect(try self.verdict(GateFixture(), rule).outcome == .inconclusive)
    }

    @Test("a probe is judged by its mean; wrong answers are errors, silence is not known, and neither is a pass")
    func probes() throws {
        func outcome(_ limits: ValueLimits, _ value: @escaping (Double) -> ProbeAnswer) throws -> Verdict {
            let probe = Probe(.command(["/bin/x"]), every: .seconds(20))
            let rule = GateRule(name: "latency", condition: .probe(probe, limits), onFail: .pause)
            return try verdict(GateFixture(), rule) { input in
                input.samples[.probe("latency")] = stride(from: 3.0, through: 900, by: 20).map { second in
                    let at = AgentModel.instant(second)
                    switch value(second) {
                    case .value(let value):
                        let reading = ObjectReading(name: "latency", value: .level(value))
                        return CounterSample(subject: .probe("latency"), at: at, objects: [reading])
                    case .unknown(let reason):
                        return CounterSample(subject: .probe("latency"), at: at, unknown: reason)
                    }
                }
            }
        }
        let maximum = ValueLimits(maximum: 10)
        #expect(try outcome(maximum) { _ in .value(9) }.outcome == .pass)
        let high = try outcome(maximum) { .value($0 > 600 ? 30 : 3) }
        #expect(high.outcome == .fail)
        #expect(high.reason == "out of its limits: latency (3 before, 30 now, limit 10)", "\(high.reason)")
        #expect(
            try outcome(ValueLimits(maximumRise: .share(.percent(50)))) { .value($0 > 600 ? 30 : 3) }.outcome == .fail)
        #expect(try outcome(maximum) { _ in .value(.nan) }.outcome != .pass)
        for (code, expected) in [
            (UnknownReason.Code.agentError, Verdict.Outcome.error), (.notAsked, .error), (.timeout, .inconclusive),
            (.absent, .inconclusive),
        ] {
            let verdict = try outcome(maximum) { $0 > 600 ? .unknown(UnknownReason(code, "x")) : .value(1) }
            #expect(verdict.outcome == expected, "\(code)")
        }
        let rule = GateRule(name: "latency", condition: .probe(Probe(.command(["/x"])), maximum), onFail: .pause)
        #expect(try verdict(GateFixture(), rule).outcome == .inconclusive)
    }
}

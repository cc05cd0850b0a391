import Testing

@testable import RolloutEngine

@Suite("Gates: verdicts over a wave")
struct GatesTests {
    @Test("a healthy wave passes every gate, with numbers in the reasons")
    func healthy() {
        var fixture = GateFixture()
        fixture.links = [link(4_000_000_000)]
        let verdicts = GateEvaluator.judge(fixture.input)
        #expect(verdicts.map(\.gate) == ["traffic", "errors", "discards", "interfaces", "reboot", "links"])
        for verdict in verdicts { #expect(verdict.outcome == .pass, "\(verdict.gate): \(verdict.reason)") }
        #expect(verdicts[0].reason == "traffic of the wave is 100% of before, of 6 untouched interfaces 100%")
        #expect(verdicts[0].findings.count == 10)
        #expect(verdicts[0].findings.allSatisfy { $0.series.count > 10 })
        #expect(verdicts[5].reason == "up-gra at 50% of what it may carry")
    }

    @Test("a wave that is strangled to 40 % fails on traffic, and names its devices first")
    func strangled() throws {
        let fixture = GateFixture { agent, isTreated, _ in
            if isTreated { agent.rate = { $0 < GateFixture.touched ? 80_000_000 : 32_000_000 } }
        }
        let verdict = try fixture.verdict("traffic")
        #expect(verdict.outcome == .fail)
        #expect(verdict.reason.contains("a drop of 60%, allowed is 30%"), "\(verdict.reason)")
        #expect(verdict.findings.prefix(4).allSatisfy { $0.failed && !$0.isControl })
        #expect(verdict.findings.dropFirst(4).allSatisfy { !$0.failed })
    }

    @Test("a canary alone is judged too", arguments: [1, 2, 6])
    func canary(control: Int) throws {
        let good = GateFixture(treated: 1, control: control)
        #expect(try good.verdict("traffic").outcome == .pass)
        let bad = GateFixture(treated: 1, control: control) { agent, isTreated, _ in
            if isTreated { agent.rate = { $0 < GateFixture.touched ? 80_000_000 : 30_000_000 } }
        }
        #expect(try bad.verdict("traffic").outcome == .fail)
    }

    @Test("traffic that falls everywhere at night passes")
    func night() throws {
        let fixture = GateFixture { agent, _, _ in agent.rate = { $0 < 600 ? 80_000_000 : 30_000_000 } }
        #expect(try fixture.verdict("traffic").outcome == .pass)
    }

    @Test("a wave that did not rise with all others has fallen")
    func capped() throws {
        let fixture = GateFixture { agent, isTreated, _ in
            if !isTreated { agent.rate = { $0 < 600 ? 80_000_000 : 200_000_000 } }
        }
        #expect(try fixture.verdict("traffic").outcome == .fail)
    }

    @Test("a soak of three polls is enough where traffic flows, also on a fleet that is polled every 2 s")
    func shortSoak() {
        for (factor, outcome) in [(1.0, Verdict.Outcome.pass), (0.4, .fail)] {
            var fixture = GateFixture { agent, isTreated, _ in
                agent.cache = 1
                agent.rate = { isTreated && $0 >= GateFixture.touched ? 80_000_000 * factor : 80_000_000 }
            }
            fixture.poll = 2
            fixture.end = 612
            var input = fixture.input
            input.before = AgentModel.window(588, 600)
            input.after = AgentModel.window(606, 612)
            let verdicts = GateEvaluator.judge(input)
            #expect(verdicts[0].outcome == outcome, "\(verdicts[0].reason)")
            for verdict in verdicts.dropFirst() { #expect(verdict.outcome == .pass, "\(verdict.reason)") }
        }
    }

    @Test("growth of the wave is welcome")
    func growth() throws {
        let fixture = GateFixture { agent, isTreated, _ in
            if isTreated { agent.rate = { $0 < 600 ? 80_000_000 : 900_000_000 } }
        }
        #expect(try fixture.verdict("traffic").outcome == .pass)
    }

    @Test("one device whose traffic vanishes is named, while the wave as a whole is well")
    func vanished() throws {
        let fixture = GateFixture { agent, isTreated, number in
            if isTreated && number == 2 { agent.rate = { $0 < 600 ? 80_000_000 : 1_000_000 } }
        }
        let verdict = try fixture.verdict("traffic")
        #expect(verdict.outcome == .fail)
        #expect(verdict.reason == "traffic all but vanished on gra-eco-3 (88.1 Mbit/s before, 1.1 Mbit/s now)")
        #expect(verdict.findings.filter(\.failed).map(\.subject) == ["gra-eco-3"])
    }

    @Test("traffic that stops altogether is a drop to zero, not missing data")
    func stopped() throws {
        let fixture = GateFixture { agent, isTreated, number in
            if isTreated && number == 0 { agent.rate = { $0 < 600 ? 80_000_000 : 0 } }
        }
        #expect(try fixture.verdict("traffic").outcome == .fail)
    }

    @Test("a device that was often quiet before has not lost its traffic when it is quiet again")
    func restless() throws {
        let fixture = GateFixture { agent, isTreated, number in
            if isTreated && number == 0 {
                agent.rate = { $0 > 600 || Int($0 / 150) % 2 == 1 ? 1_000_000 : 200_000_000 }
            }
        }
        #expect(try fixture.verdict("traffic").outcome == .pass)
    }

    @Test("without an untouched device there is nothing to compare with")
    func noControl() throws {
        let verdict = try GateFixture(control: 0).verdict("traffic")
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.reason == "there is no untouched device with traffic to compare with")
    }

    @Test("when untouched devices lose their traffic too, nothing is concluded from it")
    func farmDown() throws {
        let fixture = GateFixture { agent, _, _ in agent.rate = { $0 < 600 ? 80_000_000 : 800_000 } }
        #expect(try fixture.verdict("traffic").outcome == .inconclusive)
    }

    @Test("an outage of the untouched devices excuses no drop of the wave, also when it ended before the soak did")
    func farmDownForAWhile() throws {
        let fixture = GateFixture { agent, isTreated, _ in
            agent.rate = {
                if isTreated { return $0 < GateFixture.touched ? 80_000_000 : 10_000_000 }
                return $0 < 600 || $0 > 860 ? 80_000_000 : 0
            }
        }
        let verdict = try fixture.verdict("traffic")
        #expect(verdict.outcome == .inconclusive, "\(verdict.reason)")
        #expect(verdict.reason == "untouched devices lost their traffic too, for a while at least: no comparison")
    }

    @Test("what an interface carried while it was down at times is no measure of what it may lose")
    func downBefore() throws {
        let fixture = GateFixture { agent, isTreated, number in
            guard isTreated && number == 1 else { return }
            (agent.downSince, agent.downUntil) = (120, 600)
            agent.rate = { $0 < 120 ? 80_000_000 : $0 < 600 ? 0 : 20_000_000 }
        }
        let verdict = try fixture.verdict("traffic")
        #expect(verdict.outcome == .inconclusive, "\(verdict.reason)")
        #expect(verdict.reason.contains("gra-eco-2") && verdict.reason.contains("it was down"), "\(verdict.reason)")
    }

    @Test("a wave that carries nothing worth mentioning is not judged by its traffic")
    func tooLittle() throws {
        let fixture = GateFixture { agent, isTreated, _ in if isTreated { agent.rate = { _ in 4000 } } }
        let verdict = try fixture.verdict("traffic")
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.reason.contains("10 kbit/s"))
    }

    @Test("a silent device of the wave never lets it pass, and is named with the reason")
    func silent() {
        for since in [-1.0, 605, 700, 850] {
            let fixture = GateFixture { agent, isTreated, number in
                if isTreated && number == 1 { agent.silentSince = since }
            }
            for verdict in GateEvaluator.judge(fixture.input) where verdict.gate != "links" {
                #expect(verdict.outcome == .inconclusive, "since \(since): \(verdict.gate) \(verdict.reason)")
                #expect(verdict.reason.contains("gra-eco-2"), "\(verdict.reason)")
                #expect(verdict.reason.contains("timeout"), "\(verdict.reason)")
            }
        }
    }

    @Test("silence of everything is no pass, on no gate")
    func allSilent() {
        for since in [-1.0, 600] {
            var fixture = GateFixture { agent, _, _ in agent.silentSince = since }
            var link = link(1_000_000_000)
            link.silentSince = since
            fixture.links = [link]
            for verdict in GateEvaluator.judge(fixture.input) {
                #expect(verdict.outcome == .inconclusive, "\(verdict.gate): \(verdict.reason)")
            }
        }
        var none = GateFixture().input
        none.samples = [:]
        for verdict in GateEvaluator.judge(none) where verdict.gate != "links" {
            #expect(verdict.outcome == .inconclusive)
        }
    }

    @Test("a device of which no interface is watched is missing data; a wave of none is an error")
    func unwatched() {
        var input = GateFixture().input
        input.treated[0].interfaces = []
        for verdict in GateEvaluator.judge(input) where verdict.gate != "links" && verdict.gate != "reboot" {
            #expect(verdict.outcome == .inconclusive, "\(verdict.gate)")
            #expect(verdict.reason.contains("gra-eco-1"))
        }
        input.treated = []
        for verdict in GateEvaluator.judge(input) where verdict.gate != "links" {
            #expect(verdict.outcome == .error, "\(verdict.gate)")
        }
    }

    @Test("errors are compared with before plus the limit")
    func errors() throws {
        func outcome(_ before: Double, _ after: Double) throws -> Verdict {
            try GateFixture { agent, isTreated, number in
                if isTreated && number == 0 { agent.errors = { $0 < 600 ? before : after } }
            }.verdict("errors")
        }
        #expect(try outcome(0, 0.5).outcome == .pass)
        #expect(try outcome(40, 40.5).outcome == .pass)
        #expect(try outcome(40, 3).outcome == .pass)
        let verdict = try outcome(0.1, 5)
        #expect(verdict.outcome == .fail)
        #expect(verdict.reason == "errors rose by more than 1/s on gra-eco-1 (0.1/s before, 5/s now)")
    }

    @Test("what the IP layer drops counts as discards, also where the interface counts none")
    func ipDiscards() throws {
        var fixture = GateFixture { agent, isTreated, number in
            agent.ipDiscards = { isTreated && number == 0 && $0 >= 600 ? 200 : 0 }
        }
        #expect(try fixture.verdict("discards").outcome == .fail)
        fixture.rules = [GateRule(name: "discards", condition: .discards(maximumPerSecond: 300), onFail: .pause)]
        #expect(try fixture.verdict("discards").outcome == .pass)
    }

    @Test("an unknown before never turns a high count into a pass or a fail")
    func noBaseline() throws {
        let fixture = GateFixture { agent, isTreated, number in
            if isTreated && number == 0 { agent.errors = { $0 < 600 ? 0 : 50 } }
        }
        var input = fixture.input
        input.samples[.device("gra-eco-1")]?.removeAll { $0.at < AgentModel.instant(600) }
        let verdict = try #require(GateEvaluator.judge(input).first { $0.gate == "errors" })
        #expect(verdict.outcome == .inconclusive)
    }

    @Test("an interface that was up and is down fails; one that was down before does not")
    func interfaces() throws {
        let down = GateFixture { agent, isTreated, number in if isTreated && number == 3 { agent.downSince = 700 } }
        let verdict = try down.verdict("interfaces")
        #expect(verdict.outcome == .fail)
        #expect(verdict.reason == "no longer up: gra-eco-4 (ifOperStatus 2)")
        let always = GateFixture { agent, isTreated, number in if isTreated && number == 3 { agent.downSince = 0 } }
        #expect(try always.verdict("interfaces").outcome == .pass)
        let control = GateFixture { agent, isTreated, number in if !isTreated && number == 3 { agent.downSince = 700 } }
        let beside = try control.verdict("interfaces")
        #expect(beside.outcome == .pass)
        #expect(beside.findings.contains { $0.isControl && $0.failed })
    }

    @Test("a restart since before the wave fails; one before it, and the wrap of sysUpTime, do not")
    func reboot() throws {
        func outcome(_ restart: Double?, uptime: UInt64 = 40_000_000) throws -> Verdict.Outcome {
            try GateFixture { agent, isTreated, number in
                guard isTreated && number == 0 else { return }
                agent.startUptime = uptime
                if let restart { agent.restarts = [restart] }
            }.verdict("reboot").outcome
        }
        #expect(try outcome(nil) == .pass)
        #expect(try outcome(650) == .fail)
        #expect(try outcome(604) == .fail)
        #expect(try outcome(300) == .pass)
        #expect(try outcome(nil, uptime: (1 << 32) - 70_000) == .pass)
    }

    @Test("a link over its headroom fails, and one that is not read is inconclusive")
    func links() throws {
        var fixture = GateFixture()
        fixture.links = [link(9_000_000_000)]
        let verdict = try fixture.verdict("links")
        #expect(verdict.outcome == .fail)
        #expect(verdict.reason == "over the headroom: up-gra (carries 9 Gbit/s, may carry 8 Gbit/s)")
        fixture.links[0].silentSince = 600
        #expect(try fixture.verdict("links").outcome == .inconclusive)
        fixture.links = []
        #expect(try fixture.verdict("links").outcome == .pass)
    }

    @Test("the same samples give the same verdicts, in whatever order the devices were read")
    func deterministic() {
        let fixture = GateFixture()
        #expect(GateEvaluator.judge(fixture.input) == GateEvaluator.judge(fixture.input))
        var other = fixture.input
        other.samples = Dictionary(uniqueKeysWithValues: fixture.input.samples.shuffled())
        #expect(GateEvaluator.judge(other) == GateEvaluator.judge(fixture.input))
    }

    private func link(_ rate: Double) -> AgentModel {
        var agent = AgentModel()
        agent.subject = .link("up-gra")
        agent.interface = "up"
        agent.rate = { _ in rate }
        return agent
    }
}

@Suite("Gates: many nights of restless traffic")
struct GateStatisticsTests {
    /// Verdicts of the traffic gate over seeds, with a change of the treated devices' rates after they are touched.
    private func outcomes(_ seeds: Range<UInt64>, factor: Double, treated: Int = 6, control: Int = 8) throws
        -> [Verdict.Outcome: Int]
    {
        var counts: [Verdict.Outcome: Int] = [:]
        for seed in seeds {
            var fixture = GateFixture(treated: treated, control: control) { agent, isTreated, number in
                let noise = NoisyTraffic(seed: seed &* 7919 &+ UInt64(number) &+ (isTreated ? 500 : 0))
                agent.rate = { $0 >= GateFixture.touched && isTreated ? noise($0) * factor : noise($0) }
                agent.lossPercent = 3
            }
            fixture.seed = seed
            fixture.rules = [GateRule.cautious[0]]
            counts[try fixture.verdict("traffic").outcome, default: 0] += 1
        }
        return counts
    }

    @Test("500 nights without a change: no wave fails")
    func nothingChanged() throws {
        let counts = try outcomes(0..<500, factor: 1)
        #expect(counts[.fail, default: 0] == 0)
        #expect(counts[.pass, default: 0] >= 490, "\(counts)")
    }

    @Test("a drop of 60 % fails in every one of 100 nights, also for a canary alone")
    func strangled() throws {
        #expect(try outcomes(0..<100, factor: 0.4) == [.fail: 100])
        let canary = try outcomes(0..<100, factor: 0.4, treated: 1)
        #expect(canary[.pass, default: 0] <= 2, "\(canary)")
        #expect(canary[.fail, default: 0] >= 85, "\(canary)")
    }
}

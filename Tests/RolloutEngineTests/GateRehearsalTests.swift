import Testing

@testable import RolloutEngine

@Suite("Gates: rehearsal on past nights")
struct GateRehearsalTests {
    /// Two hours of twelve restless devices.
    private func rehearsal(is32Bit: Bool = false, spread: Double = 0.3) -> GateRehearsal {
        var samples: [WatchedAgent.Subject: [CounterSample]] = [:]
        var devices: [Device] = []
        for number in 0..<12 {
            var agent = AgentModel()
            agent.subject = .device(DeviceName(rawValue: "gra-eco-\(number + 1)"))
            agent.cache = 3
            agent.is32Bit = is32Bit
            agent.highSpeed = 1000
            let traffic = (0..<8).map { NoisyTraffic(seed: UInt64(number * 10 + $0 + 1), spread: spread) }
            agent.rate = { traffic[min(7, Int($0 / 1000))]($0.truncatingRemainder(dividingBy: 1000)) }
            samples[agent.subject] = agent.samples(every: 10, to: 7200, seed: UInt64(number + 1))
            devices.append(Samples.device(agent.subject.description))
        }
        return GateRehearsal(
            devices: devices, samples: samples, rules: GateRule.cautious.filter { $0.condition != .links },
            watch: WatchRule(poll: .seconds(10), baseline: .minutes(10)), soak: .minutes(10), waveSize: 4, trials: 30,
            seed: 5)
    }

    @Test(
        "calm nights are let through, a loss of all traffic never is, whatever width the counters have",
        arguments: [false, true])
    func sees(is32Bit: Bool) throws {
        let rehearsal = rehearsal(is32Bit: is32Bit)
        let history = try #require(rehearsal.history)
        #expect(history.spreads.count == 12)
        let nothing = try rehearsal.play(.none, history: history)
        #expect(nothing.count { $0.passes } >= 29)
        #expect(try rehearsal.play(.drop(.percent(100)), history: history, alarmsOf: 3).allSatisfy(\.fails))
        #expect(try rehearsal.play(.drop(.percent(80)), history: history).allSatisfy { !$0.passes })
        #expect(try rehearsal.play(.discards(50), history: history, alarmsOf: 2).allSatisfy { !$0.passes })
    }

    @Test("the loss of one device of a wave is made up for that one alone, and seen before the end or at it")
    func lone() throws {
        let rehearsal = rehearsal()
        let outcomes = try rehearsal.play(.lone(.percent(100)), history: nil, alarmsOf: 4)
        #expect(outcomes.allSatisfy { $0.fails })
        for outcome in outcomes.prefix(4) { #expect(outcome.alarmAfter != nil || outcome.noticedAfter != nil) }
        var report = GateRehearsalReport()
        report.add(.lone(.percent(100)), outcomes, rules: rehearsal.rules, block: .minutes(20), alarmsOf: 4)
        #expect(report.rows[0].alarmed + report.rows[0].noticed == 4)
        // What would fail of the whole wave is lost in its median when it is of one alone.
        #expect(try rehearsal.play(.drop(.percent(60)), history: nil).count { $0.fails } >= 25)
        #expect(try rehearsal.play(.lone(.percent(60)), history: nil).count { $0.fails } <= 2)
        let nothing = try rehearsal.play(.none, history: nil, alarmsOf: 4)
        #expect(nothing.allSatisfy { $0.alarmAfter == nil })
    }

    @Test("the same seed plays the same nights, another one others")
    func deterministic() throws {
        var rehearsal = rehearsal()
        rehearsal.trials = 5
        let first = try rehearsal.play(.none, history: nil)
        #expect(try rehearsal.play(.none, history: nil) == first)
        rehearsal.seed = 6
        #expect(try rehearsal.play(.none, history: nil).map(\.start) != first.map(\.start))
    }

    @Test("what is learned from comes before every night that is played")
    func learnsFirst() throws {
        var rehearsal = rehearsal()
        let whole = try #require(rehearsal.history)
        let half = AgentModel.instant(3600)
        rehearsal.learnsUntil = half
        let early = TrafficHistory(
            of: rehearsal.devices, in: rehearsal.samples.mapValues { $0.filter { $0.at < half } },
            before: .minutes(10), after: .minutes(10))
        #expect(rehearsal.history == early)
        #expect(rehearsal.history != whole)
        let starts = try rehearsal.play(.none, history: nil).map(\.start)
        #expect(starts.allSatisfy { $0 >= half + .minutes(10) })
    }

    @Test("agents that are silent for a while pause as silence, and what fails later is still seen")
    func silence() throws {
        var rehearsal = rehearsal()
        // So short that every wave begins between 640 and 700 s.
        rehearsal.samples = rehearsal.samples.mapValues { samples in
            samples.filter { AgentModel.second($0.at) <= 1310 }.map { sample in
                guard (640...730).contains(AgentModel.second(sample.at)) else { return sample }
                return CounterSample(
                    subject: sample.subject, at: sample.at, unknown: UnknownReason(.timeout, "no answer"))
            }
        }
        rehearsal.trials = 5
        for outcome in try rehearsal.play(.none, history: nil, alarmsOf: 5) {
            #expect(outcome.silentAfter != nil)
            #expect(outcome.alarmAfter == nil)
        }
        for outcome in try rehearsal.play(.discards(50), history: nil, alarmsOf: 5) {
            let silent = try #require(outcome.silentAfter)
            #expect(try #require(outcome.alarmAfter) > silent)
        }
    }

    @Test("an injected drop takes exactly its share of what the counters grew by, through a wrap too")
    func injected() throws {
        for is32Bit in [false, true] {
            var agent = AgentModel()
            agent.is32Bit = is32Bit
            agent.startOctets = (1 << 32) - 700_000_000
            agent.highSpeed = 1000
            var samples = agent.samples(every: 10, to: 200)
            samples.inject(.drop(.percent(50)), from: AgentModel.instant(100))
            let series = RateSeries(of: "eth0", in: samples)
            let before = try #require(series.average(in: AgentModel.window(0, 100))?.bitsOut)
            let after = try #require(series.average(in: AgentModel.window(100, 200))?.bitsOut)
            #expect(abs(before - 80_000_000) < 10)
            #expect(abs(after - 40_000_000) < 10)
        }
    }

    @Test("a history that is too short or too small says so")
    func tooLittle() {
        var rehearsal = rehearsal()
        rehearsal.waveSize = 11
        #expect(throws: GateRehearsal.Trouble.self) { try rehearsal.play(.none, history: nil) }
        rehearsal.waveSize = 4
        rehearsal.soak = .minutes(120)
        #expect(throws: GateRehearsal.Trouble.self) { try rehearsal.play(.none, history: nil) }
    }

    @Test("CSV of counters and of rates is read, and mistakes are named with their line")
    func csv() throws {
        func read(_ text: String) throws(InputError) -> HistoryReadings {
            try HistoryReadings(csv: Array(text.utf8), file: "h.csv")
        }
        let counters = try read(
            "time,device,interface,in_octets,out_octets\n1770000000,a,eth0,1,2\n1770000010,a,eth0,1001,12502\n")
        #expect(counters.devices.map(\.name) == ["a"])
        let samples = try #require(counters.samples[.device("a")])
        let window = Verdict.Window(from: samples[0].at, to: samples[1].at)
        #expect(RateSeries(of: "eth0", in: samples).average(in: window)?.bitsOut == 10_000)
        let rates = try read(
            "time,device,interface,in_rate,out_rate\n1770000000,a,eth0,0,0\n1770000010,a,eth0,800,8000\n")
        #expect(
            RateSeries(of: "eth0", in: try #require(rates.samples[.device("a")])).average(in: window)?.bitsOut == 8000)
        for (text, place) in [
            ("", "h.csv:1"), ("time,device\n", "h.csv:1"),
            ("time,device,interface,in_octets,out_octets,x\n", "h.csv:1"),
            ("time,device,interface,in_octets,out_octets\nyesterday,a,eth0,1,2\n", "h.csv:2"),
            ("time,device,interface,in_octets,out_octets\n1770000000,a,eth0,1,2\n1770000000,a,eth0,1,2\n", "h.csv:3"),
            ("time,device,interface,in_octets,out_octets\n1770000000,a,eth0,-1,2\n", "h.csv:2"),
            ("time,device,interface,in_octets,out_octets\n1770000000,a,eth0,1\n", "h.csv:2"),
        ] {
            #expect { try read(text) } throws: { ($0 as? InputError)?.complaints[0].location.description == place }
        }
    }
}

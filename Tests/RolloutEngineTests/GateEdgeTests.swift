import Foundation
import Testing

@testable import RolloutEngine

/// Where a gate must not go one step further: what is too little, too old, half known or nobody's fault.
@Suite("Gates: where too little is known")
struct GateEdgeTests {
    private func verdict(_ fixture: GateFixture, _ gate: GateName, _ alter: (inout GateInput) -> Void = { _ in }) throws
        -> Verdict
    {
        let rule = try #require((GateRule.cautious + GateRule.further).first { $0.name == gate })
        return try fixture.verdict(of: rule, alter)
    }

    // MARK: Traffic

    @Test("a history that knows one device of four does not weigh the wave")
    func fewKnown() throws {
        let fixture = GateFixture { agent, isTreated, _ in
            if isTreated { agent.rate = { $0 < GateFixture.touched ? 80_000_000 : 48_000_000 } }
        }
        func reason(knowing names: Set<DeviceName>) throws -> String {
            try verdict(fixture, "traffic") { input in
                let known = input.control.map(\.name) + input.treated.map(\.name).filter(names.contains)
                input.history = TrafficHistory(
                    before: .minutes(10), after: .minutes(5), spans: 99,
                    spreads: known.map { .init(device: $0, interface: "eth0", deviation: 0.05) })
            }.reason
        }
        #expect(try !reason(knowing: ["gra-eco-1"]).contains("weighed"))
        #expect(try reason(knowing: ["gra-eco-1", "gra-eco-2", "gra-eco-3"]).contains("weighed"))
    }

    @Test("what carries too little to be judged does not make a wave larger than what was lost")
    func tooLittleCarried() throws {
        let fixture = GateFixture { agent, isTreated, number in
            if isTreated { agent.rate = { number > 0 ? 4000 : $0 < GateFixture.touched ? 80_000_000 : 4_000_000 } }
        }
        let verdict = try verdict(fixture, "traffic")
        #expect(verdict.outcome == .fail)
        #expect(verdict.reason.contains("all but vanished on gra-eco-1"), "\(verdict.reason)")
    }

    @Test("one interval is no lost traffic, two are")
    func oneInterval() {
        func alarms(until end: Double) -> [GateAlarm] {
            var fixture = GateFixture { agent, isTreated, _ in
                agent.cache = 0
                if isTreated { agent.rate = { $0 < GateFixture.touched ? 80_000_000 : 0 } }
            }
            fixture.end = end
            var input = fixture.input
            // All are read at the same seconds, so that intervals can be counted.
            for device in input.treated {
                var agent = fixture.treated[0]
                agent.subject = .device(device.name)
                input.samples[.device(device.name)] = agent.samples(every: 10, to: end)
            }
            return GateEvaluator.alarms(input).filter { $0.gate == "traffic" }
        }
        #expect(alarms(until: 611).isEmpty)
        #expect(!alarms(until: 641).isEmpty)
    }

    @Test("a drop that untouched devices show among themselves is unclear")
    func scattered() throws {
        let factors = [0.4, 0.7, 1.0, 1.5, 2.5, 1.2]
        let fixture = GateFixture { agent, isTreated, number in
            agent.rate = { $0 < GateFixture.touched ? 80_000_000 : 80_000_000 * (isTreated ? 0.6 : factors[number]) }
        }
        let verdict = try verdict(fixture, "traffic")
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.reason.contains("untouched devices differ that much too"), "\(verdict.reason)")
    }

    // MARK: States

    private func interfaces(_ alter: @escaping (inout CounterSample, Double) -> Void) throws -> Verdict {
        try verdict(GateFixture(), "interfaces") { input in
            input.samples[.device("gra-eco-1")] = input.samples[.device("gra-eco-1")]?.map { sample in
                var sample = sample
                alter(&sample, AgentModel.second(sample.at))
                return sample
            }
        }
    }

    @Test("an interface that was down before may bounce; one of which nothing is known from before is not known")
    func downBefore() throws {
        let bounces = try interfaces { sample, second in
            if second <= 600 || (700...720).contains(second) { sample.interfaces[0].operStatus = 2 }
        }
        #expect(bounces.outcome == .pass, "\(bounces.reason)")
        let unknown = try interfaces { sample, second in
            if second <= 600 { sample.interfaces = [] } else { sample.interfaces[0].operStatus = 2 }
        }
        #expect(unknown.outcome == .inconclusive, "\(unknown.reason)")
        #expect(unknown.reason.contains("whether it was up before is not known"))
        // Up at the end, and down meanwhile: nobody knows whether that is new.
        let bounced = try interfaces { sample, second in
            if second <= 600 { sample.interfaces = [] }
            if (700...720).contains(second) { sample.interfaces[0].operStatus = 2 }
        }
        #expect(bounced.outcome == .inconclusive, "\(bounced.reason)")
    }

    @Test("after a restart ifLastChange is another one, and nothing flapped")
    func restartIsNoFlap() throws {
        let fixture = GateFixture { agent, isTreated, number in
            if isTreated && number == 0 { agent.restarts = [700] }
        }
        let verdict = try verdict(fixture, "interfaces") { input in
            input.samples[.device("gra-eco-1")] = input.samples[.device("gra-eco-1")]?.map { sample in
                var sample = sample
                if !sample.interfaces.isEmpty {
                    sample.interfaces[0].lastChange = AgentModel.second(sample.at) < 700 ? 39_000_000 : 500
                }
                return sample
            }
        }
        #expect(verdict.outcome == .pass, "\(verdict.reason)")
    }

    @Test("a change is counted from what was known last before the window")
    func firstChange() {
        func changes(_ flags: [(Double, Bool)]) -> Int {
            FlapCount.changes(
                flags.map { (at: AgentModel.instant($0.0), isGood: $0.1) }, in: AgentModel.window(610, 900))
        }
        #expect(changes([(590, true), (620, false)]) == 1)
        #expect(changes([(590, true), (620, false), (700, true), (901, false)]) == 2)
        #expect(changes([(620, false), (700, false)]) == 0)
        #expect(changes([]) == 0)
    }

    // MARK: The judged time

    @Test("less than a third of the judged time is too little to pass, more is enough")
    func third() throws {
        func errors(unreadUntil second: Double) throws -> Verdict {
            try verdict(GateFixture(), "errors") { input in
                input.samples[.device("gra-eco-1")]?.removeAll {
                    (GateFixture.touched..<second).contains(AgentModel.second($0.at))
                }
            }
        }
        let little = try errors(unreadUntil: 805)
        #expect(little.outcome == .inconclusive)
        #expect(little.reason.contains("of 290 s are known"), "\(little.reason)")
        #expect(try errors(unreadUntil: 780).outcome == .pass)
    }

    @Test("a device is judged by the time since it was touched itself")
    func ownTime() throws {
        let fixture = GateFixture { agent, isTreated, number in
            if isTreated && number == 0 { agent.errors = { (600..<740).contains($0) ? 50 : 0 } }
        }
        func outcome(_ gate: GateName, touchedAt second: Double) throws -> Verdict.Outcome {
            try verdict(fixture, gate) { $0.changedAt["gra-eco-1"] = AgentModel.instant(second) }.outcome
        }
        #expect(try outcome("errors", touchedAt: 600) == .fail)
        #expect(try outcome("errors", touchedAt: 750) == .pass)
        // It answered well, but hardly since.
        #expect(try outcome("reachability", touchedAt: 750) == .pass)
        #expect(try outcome("reachability", touchedAt: 895) == .inconclusive)
    }

    // MARK: Counts, reachability, utilisation

    @Test("what the IP layer of a device with two interfaces drops is a finding of its own")
    func ipLayer() throws {
        let fixture = GateFixture { agent, isTreated, number in
            if isTreated && number == 0 { agent.ipDiscards = { $0 < GateFixture.touched ? 0 : 50 } }
        }
        let verdict = try verdict(fixture, "discards") { input in
            input.treated[0].interfaces = ["eth0", "eth1"]
            input.samples[.device("gra-eco-1")] = input.samples[.device("gra-eco-1")]?.map { sample in
                var sample = sample
                if var other = sample.interfaces.first {
                    other.name = "eth1"
                    sample.interfaces.append(other)
                }
                return sample
            }
        }
        #expect(verdict.outcome == .fail)
        #expect(verdict.findings.filter(\.failed).map(\.subject) == ["gra-eco-1 IP layer"], "\(verdict.reason)")
    }

    @Test("an agent that was asked once is neither there nor gone")
    func askedOnce() throws {
        let fixture = GateFixture { agent, isTreated, number in
            if isTreated && number == 0 { agent.silentSince = 605 }
        }
        let verdict = try verdict(fixture, "reachability") { input in
            let first = input.samples[.device("gra-eco-1")]?.first { AgentModel.second($0.at) >= 611 }
            input.samples[.device("gra-eco-1")]?.removeAll { AgentModel.second($0.at) >= 600 && $0.at != first?.at }
        }
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.reason.contains("it was not asked twice"), "\(verdict.reason)")
    }

    @Test("two intervals do not say whether a shaped interface is full")
    func twoIntervals() throws {
        func outcome(readAt seconds: [Double]) throws -> Verdict {
            let fixture = GateFixture { agent, _, _ in agent.cache = 0 }
            return try verdict(fixture, "utilisation") { input in
                input.shapedRates["gra-eco-1"] = ["eth0": BitsPerSecond(1_000_000_000)]
                var agent = fixture.treated[0]
                agent.cache = 0
                input.samples[.device("gra-eco-1")] = ([400, 500, 600] + seconds).flatMap {
                    agent.samples(every: 1000, from: $0, to: $0 + 1)
                }
            }
        }
        let two = try outcome(readAt: [650, 760, 890])
        #expect(two.outcome == .inconclusive)
        #expect(two.reason.contains("intervals are known, 3 are needed"), "\(two.reason)")
        #expect(try outcome(readAt: [650, 710, 770, 830, 890]).outcome == .pass)
    }

    // MARK: Objects

    private func objects(
        _ condition: ObjectCondition, before: [ObjectReading]?, after: [ObjectReading]
    ) throws -> Verdict {
        var fixture = GateFixture()
        fixture.rules = [GateRule(name: "x", condition: .object(condition), onFail: .pause)]
        var input = fixture.input
        input.samples = input.samples.mapValues { samples in
            samples.map { sample in
                var sample = sample
                sample.objects = AgentModel.second(sample.at) < 605 ? before ?? [] : after
                return sample
            }
        }
        return try #require(GateEvaluator.judge(input).first)
    }

    private func states(_ stays: [Int64] = [], mayBe: [Int64] = [], optional: Bool = false) -> ObjectCondition {
        ObjectCondition(
            [ObjectCondition.Source([1, 3, 1], isColumn: false, kind: .state, unit: "")], stays: stays, mayBe: mayBe,
            isOptional: optional)
    }

    private func state(_ state: Int64) -> [ObjectReading] { [ObjectReading(name: "x", value: .state(state))] }

    @Test("a state that must not be fails also where it was so before; one that was not good and is not is not known")
    func forbidden() throws {
        #expect(try objects(states(mayBe: [1]), before: state(3), after: state(3)).outcome == .fail)
        #expect(try objects(states(mayBe: [1]), before: state(1), after: state(1)).outcome == .pass)
        #expect(try objects(states([1]), before: state(3), after: state(3)).outcome == .pass)
        #expect(try objects(states([1]), before: nil, after: state(3)).outcome == .inconclusive)
        #expect(try objects(states([1]), before: nil, after: state(1)).outcome == .pass)
    }

    @Test("what may be missing may not be unanswered")
    func optional() throws {
        func after(_ code: UnknownReason.Code) -> [ObjectReading] {
            [ObjectReading(name: "x", unknown: UnknownReason(code, "nothing"))]
        }
        let unanswered = try objects(states([1], optional: true), before: after(.timeout), after: after(.timeout))
        #expect(unanswered.outcome == .inconclusive)
        #expect(unanswered.reason.contains("gra-eco-1"), "\(unanswered.reason)")
    }

    @Test("an agent is judged by the kind of object that it had before the wave")
    func kindOfBefore() throws {
        let sources = [1, 2].map { ObjectCondition.Source([1, 3, $0], isColumn: false, kind: .gauge, unit: "%") }
        let condition = ObjectCondition(sources, limits: ValueLimits(maximumRise: .amount(5)))
        func value(_ source: Int, _ level: Double) -> [ObjectReading] {
            let names = (0..<2).map { ObjectCondition.name(of: "x", source: $0) }
            return names.enumerated().map {
                $0 == source
                    ? ObjectReading(name: $1, value: .level(level))
                    : ObjectReading(name: $1, unknown: UnknownReason(.absent, "nothing"))
            }
        }
        // It answers the first kind too by now, which it did not before: of that there is no before to compare with.
        let both = value(0, 90).prefix(1) + value(1, 10).suffix(1)
        #expect(try objects(condition, before: value(1, 10), after: Array(both)).outcome == .pass)
        #expect(try objects(condition, before: value(1, 10), after: value(1, 30)).outcome == .fail)
    }
}

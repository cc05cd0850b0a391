import Foundation
import Testing

@testable import RolloutEngine

/// A small fleet with known traffic, its samples, and a wave to judge: touched at 600 s, soaked from 610 s to 900 s.
struct GateFixture {
    var treated: [AgentModel]
    var control: [AgentModel]
    var links: [AgentModel] = []
    var linkCap: UInt64 = 8_000_000_000
    var rules: [GateRule] = GateRule.cautious
    var poll = 10.0
    var end = 900.0
    var seed: UInt64 = 1

    static let touched = 600.0

    /// Devices that carry 80 Mbit/s.
    init(
        treated: Int = 4, control: Int = 6, _ alter: (inout AgentModel, _ isTreated: Bool, Int) -> Void = { _, _, _ in }
    ) {
        func agents(_ count: Int, _ prefix: String, _ isTreated: Bool) -> [AgentModel] {
            (0..<count).map { number in
                var agent = AgentModel()
                agent.subject = .device(DeviceName(rawValue: "\(prefix)-\(number + 1)"))
                agent.cache = 3
                agent.cachePhase = Double(number % 7) * 0.37
                alter(&agent, isTreated, number)
                return agent
            }
        }
        self.treated = agents(treated, "gra-eco", true)
        self.control = agents(control, "gra-hg", false)
    }

    var input: GateInput {
        var samples: [CounterSample] = []
        for (number, agent) in (treated + control + links).enumerated() {
            let phase = Double(number % 9) * poll / 9
            samples += agent.samples(every: poll, to: end, phase: phase, seed: seed &* 1000 &+ UInt64(number))
        }
        samples.sort { ($0.at, $0.subject.description) < ($1.at, $1.subject.description) }
        func devices(_ agents: [AgentModel]) -> [Device] {
            agents.map { Samples.device($0.subject.description) }
        }
        let planned = links.map { agent in
            PlannedLink(
                link: Link(
                    name: LinkName(rawValue: agent.subject.description), capacity: BitsPerSecond(10_000_000_000),
                    counters: LinkCounters(address: "198.51.100.254", interface: agent.interface)),
                measured: nil, cap: BitsPerSecond(linkCap), predicted: nil)
        }
        let treated = devices(treated)
        return GateInput(
            wave: Wave(
                index: 1, after: [0], canary: false, range: "eco", datacentre: "gra", devices: treated.map(\.name),
                soak: .seconds(290), binding: .none, predicted: []), treated: treated,
            control: devices(control), links: planned, rules: rules,
            watch: WatchRule(poll: .milliseconds(Int64(poll * 1000)), baseline: .seconds(600)),
            samples: Dictionary(grouping: samples, by: \.subject),
            before: AgentModel.window(0, Self.touched),
            after: AgentModel.window(min(Self.touched + 10, end - 1), end),
            changedAt: Dictionary(
                uniqueKeysWithValues: treated.map { ($0.name, AgentModel.instant(Self.touched)) }))
    }

    /// What one rule says, after something was altered in what it is given.
    func verdict(of rule: GateRule, _ alter: (inout GateInput) -> Void) throws -> Verdict {
        var fixture = self
        fixture.rules = [rule]
        var input = fixture.input
        alter(&input)
        return try #require(GateEvaluator.judge(input).first)
    }

    func verdict(_ gate: GateName) throws -> Verdict {
        try #require(GateEvaluator.judge(input).first { $0.gate == gate })
    }
}

/// Traffic as restless as on real links: bursts of some seconds to minutes on a slow wave, seeded.
struct NoisyTraffic {
    private var levels: [Double] = []

    init(seed: UInt64, mean: Double = 80_000_000, spread: Double = 0.4) {
        var random = SeededRandom(seed: seed)
        func unit() -> Double { Double(random.next() >> 11) / Double(1 << 53) }
        var drift = 0.0
        for _ in 0..<500 {
            // An autoregressive walk in logarithms, one step every 2 s: neighbours resemble each other.
            let normal = (-2 * log(max(unit(), 1e-12))).squareRoot() * cos(2 * .pi * unit())
            drift = 0.9 * drift + spread * 0.436 * normal
            levels.append(mean * exp(drift))
        }
    }

    func callAsFunction(_ second: Double) -> Double { levels[max(0, min(levels.count - 1, Int(second / 2)))] }
}

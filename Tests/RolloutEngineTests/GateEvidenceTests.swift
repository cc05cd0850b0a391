import Foundation
import Testing

@testable import RolloutEngine

@Suite("Gates: evidence and replay")
struct GateEvidenceTests {
    /// A plan whose wave and devices are those of a gate input, so that evidence is found as it is from a store.
    private func plan(_ input: GateInput) -> Plan {
        var wave = input.wave
        wave.predicted = input.links.map { LinkPrediction(link: $0.link.name, load: BitsPerSecond(0), cap: $0.cap) }
        var policy = Samples.policy()
        policy.gates = input.rules
        policy.watch = input.watch
        var plan = Plan(
            tool: "test", createdAt: Samples.start, inputs: [], inventory: "test",
            change: Change(name: "double", intents: []), policy: policy, limit: nil,
            devices: (input.treated + input.control).map { PlannedDevice(device: $0, target: nil) }, skipped: [],
            links: input.links, datacentres: [], waves: [wave], warnings: [])
        plan.history = input.history
        return plan
    }

    private func evidence(_ input: GateInput, from samples: [CounterSample]? = nil) throws -> GateEvidence {
        // A store gives back what was read of everything, also after the verdict and long before.
        let stored = (samples ?? input.samples.values.flatMap { $0 }).sorted { $0.at < $1.at }
        return try GateEvidence(
            for: GateEvaluator.judge(input), ofWave: 1, of: plan(input), rollout: RolloutID(7),
            planDigest: Digest(of: "plan"), tool: "test", samples: stored)
    }

    private func input(_ seed: UInt64) -> GateInput {
        var random = SeededRandom(seed: seed)
        var fixture = GateFixture(treated: 1 + Int(seed % 5), control: Int(seed % 7)) { agent, isTreated, number in
            let noise = NoisyTraffic(seed: seed &* 31 &+ UInt64(number) &+ (isTreated ? 500 : 0))
            agent.rate = { $0 > 600 && isTreated && seed % 3 == 0 ? noise($0) * 0.3 : noise($0) }
            agent.lossPercent = Int(seed % 9)
            agent.duplicatePercent = 2
            agent.is32Bit = number % 2 == 0
            if seed % 4 == 0 && number == 1 { agent.silentSince = 700 }
            if seed % 5 == 0 && number == 0 { agent.restarts = [650] }
        }
        fixture.seed = random.next() % 1000
        if seed % 2 == 0 {
            var link = AgentModel()
            link.subject = .link("up-gra")
            link.interface = "up"
            fixture.links = [link]
        }
        var input = fixture.input
        if seed % 3 != 1 {
            input.history = TrafficHistory(
                before: .minutes(10), after: .minutes(5), spans: 9,
                spreads: (input.treated + input.control).map {
                    TrafficHistory.Spread(device: $0.name, interface: "eth0", deviation: 0.1 + Double(seed % 4) / 10)
                })
        }
        return input
    }

    @Test("evidence that went through a file is judged to the same verdicts, byte for byte, for 40 random waves")
    func same() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        for seed: UInt64 in 0..<40 {
            let input = input(seed)
            let file = try evidence(input)
            let read = try GateEvidence(try file.bytes(), from: "evidence")
            let replay = try read.replay()
            #expect(replay.isSame, "seed \(seed)")
            #expect(try encoder.encode(replay.now) == encoder.encode(GateEvaluator.judge(input)), "seed \(seed)")
        }
    }

    @Test("readings that came after the verdict change nothing, and one that is gone is noticed")
    func stored() throws {
        let input = input(3)
        var samples = input.samples.values.flatMap { $0 }.sorted { $0.at < $1.at }
        var late = try #require(samples.last)
        late.at = late.at + .minutes(1)
        #expect(try evidence(input, from: samples + [late]).replay().isSame)
        samples.remove(at: samples.count / 2)
        #expect(throws: EvidenceTrouble.self) { try evidence(input, from: samples) }
    }

    @Test("one altered counter, one line less, or one byte less is refused with its line")
    func tampered() throws {
        let bytes = try evidence(input(2)).bytes()
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let counted = try #require(lines.firstIndex { $0.contains(#""index":2"#) })
        lines[counted] = lines[counted].replacing(#""index":2"#, with: #""index":3"#, maxReplacements: 1)
        func refusal(_ lines: [String]) -> InputError? {
            do {
                _ = try GateEvidence(Data(lines.joined(separator: "\n").utf8), from: "evidence")
                return nil
            } catch { return error }
        }
        #expect(refusal(lines)?.description.contains("evidence:1: the evidence was changed") ?? false)
        var cut = text.split(separator: "\n").map(String.init)
        cut.removeLast()
        #expect(refusal(cut)?.description.contains("evidence:\(cut.count): the evidence is cut") ?? false)
        cut[cut.count - 1].removeLast()
        #expect(refusal(cut)?.description.contains("evidence:\(cut.count): this reading cannot be read") ?? false)
        #expect(refusal(["SQLite format 3"]) != nil)
    }

    @Test("evidence of some gates alone is judged to the same verdicts, from the readings that these look at")
    func some() throws {
        for seed: UInt64 in 0..<12 {
            let whole = try evidence(input(seed))
            for names: [GateName] in [["traffic"], ["reboot", "errors"]] {
                let part = try GateEvidence(try whole.only(names).bytes(), from: "part.evidence")
                #expect(Set(part.setting.verdicts.map(\.gate)) == Set(names))
                #expect(Set(part.setting.rules.map(\.name)) == Set(names))
                #expect(part.samples.count <= whole.samples.count && !part.samples.isEmpty)
                let replay = try part.replay()
                #expect(replay.isSame, "seed \(seed): \(replay.differences)")
                #expect(replay.version == GateEvaluator.version)
            }
            #expect {
                try whole.only(["nosuch"])
            } throws: { "\($0)".hasPrefix("gate nosuch was not judged: traffic, errors,") }
        }
    }

    @Test("verdicts of an earlier version, without what they rest on, are still read")
    func old() throws {
        var verdict = try #require(GateEvaluator.judge(GateFixture().input).first)
        verdict.basis = nil
        let bytes = try JSONEncoder().encode(verdict)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("basis"))
        #expect(try JSONDecoder().decode(Verdict.self, from: bytes) == verdict)
        #expect(throws: EvidenceTrouble.self) {
            try GateEvidence(
                for: [verdict], ofWave: 1, of: plan(GateFixture().input), rollout: RolloutID(7),
                planDigest: Digest(of: "plan"), tool: "test", samples: [])
        }
    }
}

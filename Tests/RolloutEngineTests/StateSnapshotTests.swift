import Foundation
import Testing

@testable import RolloutEngine

/// What is kept of a journal says what its facts say, whatever they are.
@Suite("Snapshot of a journal")
struct StateSnapshotTests {
    @Test(
        "from any fact on, a snapshot and the rest come to what all facts come to", arguments: 0..<120 as Range<UInt64>)
    func anyFacts(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let entries = AnyFacts.journal(of: 160, &random)
        var state = RolloutState()
        for entry in entries {
            state.apply(entry)
            let kept = try StateSnapshot(of: state)
            #expect(kept.sequence == state.sequence)
            #expect(kept.state == state, "seed \(seed), fact \(entry.sequence)")
        }
        let cut = Int.random(in: 0..<entries.count, using: &random)
        var resumed = try #require(try StateSnapshot(of: RolloutState(folding: entries[...cut])).state)
        for entry in entries { resumed.apply(entry) }
        #expect(resumed == state, "seed \(seed), cut at \(cut)")
    }

    @Test(
        "the same holds along rollouts with crashes, refusals, bad gates and operators",
        arguments: 0..<40 as Range<UInt64>)
    func walks(seed: UInt64) throws {
        var policy = Samples.policy()
        policy.budgets.wave = .init(devices: 3, reaction: .rollBackWave)
        let plan = try Planner.plan(Samples.input(Samples.fleet(), policy: policy))
        var walk = RolloutWalk(plan, seed: seed, faults: .all)
        walk.run()
        var state = RolloutState()
        for entry in walk.entries {
            state.apply(entry)
            #expect(try StateSnapshot(of: state).state == state, "seed \(seed), fact \(entry.sequence)")
        }
    }

    @Test("devices that went as they should are a short line each, however their rollout stands")
    func short() throws {
        var state = RolloutState()
        func add(_ fact: Fact) {
            state.apply(
                JournalEntry(sequence: state.sequence + 1, at: Samples.start + .seconds(1), fence: 1, fact: fact))
        }
        add(.waveStarted(wave: 0))
        for number in 0..<1000 {
            for kind in [DeviceStep.Kind.push, .confirm] {
                let step = DeviceStep(device: DeviceName(rawValue: "d\(number)"), kind: kind, attempt: 1)
                add(.intent(step))
                add(.outcome(step, .done(revertsAt: kind == .push ? Samples.start + .minutes(10) : nil)))
            }
        }
        let kept = try StateSnapshot(of: state)
        #expect(kept.bytes.count < 100 * 1000)
        #expect(kept.state == state)
        // So are those that were put back and taken up again, however often.
        for attempt in 2...4 {
            let names = (0..<1000).map { DeviceName(rawValue: "d\($0)") }
            add(.rollingBack(.wave(0), devices: names, because: "somebody asked"))
            for name in names {
                let step = DeviceStep(device: name, kind: .rollBack, attempt: attempt - 1)
                add(.intent(step))
                add(.outcome(step, .found(.base)))
            }
            add(.requested(OperatorRequest(.retryFailed, by: "somebody")))
            for name in names {
                let step = DeviceStep(device: name, kind: .push, attempt: attempt)
                add(.intent(step))
                add(.outcome(step, .found(.target)))
            }
        }
        let again = try StateSnapshot(of: state)
        #expect(state["d7"].earlierAttempts.count == 3)
        #expect(again.bytes.count < 200 * 1000)
        #expect(again.state == state)
    }

    @Test("what passed waves were judged by stays in the journal alone once a later one is judged")
    func findings() {
        var state = RolloutState()
        func add(_ fact: Fact) {
            state.apply(JournalEntry(sequence: state.sequence + 1, at: Samples.start, fence: 1, fact: fact))
        }
        let window = Verdict.Window(from: Samples.start, to: Samples.start)
        func verdict(_ outcome: Verdict.Outcome) -> Verdict {
            Verdict(
                gate: "traffic", outcome: outcome, reason: "why",
                findings: [Verdict.Finding(subject: "d1", before: 1, after: 2, unit: "bit/s")], before: window,
                after: window)
        }
        for wave in 0..<2 { add(.waveStarted(wave: wave)) }
        add(.judged(wave: 0, verdict(.pass)))
        add(.judged(wave: 1, verdict(.pass)))
        // Nobody let the first one through yet.
        #expect(state[wave: 0].verdicts.map(\.findings.count) == [1])
        add(.wavePassed(wave: 0))
        add(.judged(wave: 1, verdict(.fail)))
        #expect(state[wave: 0].verdicts.map(\.findings.count) == [0])
        #expect(state[wave: 0].verdicts.map(\.reason) == ["why"])
        #expect(state[wave: 1].verdicts.map(\.findings.count) == [1])
    }

    @Test("bytes that are cut off, of another version, or of another fact are as good as none")
    func damaged() throws {
        var random = SeededRandom(seed: 7)
        let kept = try StateSnapshot(of: RolloutState(folding: AnyFacts.journal(of: 60, &random)))
        #expect(kept.state != nil)
        for end in 0..<kept.bytes.count {
            let cut = StateSnapshot(version: kept.version, sequence: kept.sequence, bytes: kept.bytes.prefix(end))
            #expect(cut.state == nil, "cut at \(end)")
        }
        let others = [
            StateSnapshot(version: kept.version + 1, sequence: kept.sequence, bytes: kept.bytes),
            StateSnapshot(version: kept.version - 1, sequence: kept.sequence, bytes: kept.bytes),
            StateSnapshot(version: kept.version, sequence: kept.sequence + 1, bytes: kept.bytes),
            StateSnapshot(version: kept.version, sequence: kept.sequence, bytes: kept.bytes + kept.bytes),
            StateSnapshot(version: kept.version, sequence: kept.sequence, bytes: Data()),
        ]
        for other in others { #expect(other.state == nil) }
        for _ in 0..<2000 {
            var bytes = kept.bytes
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            // Whatever comes of it, it comes to an end.
            _ = StateSnapshot(version: kept.version, sequence: kept.sequence, bytes: bytes).state
        }
    }

    /// A snapshot of an older program is trusted by a newer one of the same version: what it holds must be what the newer one
    /// would have made of the same facts.
    @Test("what facts come to is that of this version")
    func version() throws {
        var texts = ""
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let state = RolloutState(folding: AnyFacts.journal(of: 120, &random))
            let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(state), options: .fragmentsAllowed)
            texts += Self.canonical(json) + "\n"
        }
        #expect(
            "\(StateSnapshot.version) \(Digest(of: texts).short)" == "6 aee7b53a3935",
            "facts come to something else than before, or it is stored in another form: raise StateSnapshot.version, and note the new digest here"
        )
    }

    /// A text that is the same for the same content: sets and dictionaries are written in any order.
    private static func canonical(_ value: Any) -> String {
        switch value {
        case let object as [String: Any]:
            "{" + object.map { "\($0.key):\(canonical($0.value))" }.sorted().joined(separator: ",") + "}"
        case let array as [Any]: "[" + array.map(canonical).sorted().joined(separator: ",") + "]"
        default: "\(value)"
        }
    }
}

import Foundation
import RolloutEngine
import Testing

@Suite("Every journal store", .timeLimit(.minutes(10)))
struct ConformanceTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(
        "a new rollout has its number, its record, its plan byte by byte, and its first fact",
        arguments: Adapter.allCases)
    func creates(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let plan = Data((0...255).map { UInt8($0) })
        let digest = Digest(of: plan)
        let first = try await store.create(plan: plan, digest: digest, title: "one", by: "ada", at: noon)
        let second = try await store.create(plan: plan, digest: digest, title: "two", by: "bob", at: noon + .seconds(1))
        #expect([first, second] == [RolloutID(1), RolloutID(2)])
        #expect(try await store.rollouts().map(\.title) == ["two", "one"])
        let expected = RolloutRecord(id: first, title: "one", planDigest: digest, createdAt: noon, createdBy: "ada")
        #expect(try await store.rollout(first) == expected)
        #expect(try await store.plan(of: second) == plan)
        let created = JournalEntry(sequence: 1, at: noon, fence: 0, fact: .created(planDigest: digest, by: "ada"))
        #expect(try await store.entries(of: first, after: 0) == [created])
    }

    @Test("two plans of one digest keep their own bytes", arguments: Adapter.allCases)
    func plansOfOneDigest(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let digest = Digest(of: "same")
        let one = try await store.create(plan: Data("1".utf8), digest: digest, title: "a", by: "ada", at: noon)
        let two = try await store.create(plan: Data("2".utf8), digest: digest, title: "b", by: "ada", at: noon)
        #expect(try await store.plan(of: one) == Data("1".utf8))
        #expect(try await store.plan(of: two) == Data("2".utf8))
    }

    @Test("every question about an unknown rollout says that there is none", arguments: Adapter.allCases)
    func unknownRollout(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = RolloutID(7)
        let lease = Lease(rollout: id, holder: "ada", fence: 1, expiresAt: noon + .seconds(9))
        let request = OperatorRequest(.pause, by: "ada")
        let calls: [() async throws -> Void] = [
            { _ = try await store.rollout(id) }, { _ = try await store.plan(of: id) },
            { _ = try await store.entries(of: id, after: 0) }, { _ = try await store.snapshot(of: id) },
            { try await store.keep(StateSnapshot(version: 1, sequence: 1, bytes: Data()), of: id) },
            { _ = try await store.state(of: id) },
            { _ = try await store.record(request, for: id, at: noon) },
            { _ = try await store.append([], to: id, under: lease, claiming: [], releasing: [], at: noon) },
            { _ = try await store.take(id) }, { _ = try await store.lease(of: id) },
            { try await store.append(samples: [], to: id) }, { _ = try await store.samples(of: id, since: noon) },
        ]
        for call in calls {
            let error = await trouble(call)
            #expect(error?.code == .notFound)
            #expect(error?.message.contains("#7") == true)
        }
    }

    @Test("facts keep their order, their content and the fence under which they came", arguments: Adapter.allCases)
    func appends(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        let facts = Samples.facts
        let added = try await store.append(
            facts, to: id, under: lease, claiming: [], releasing: [], at: noon + .seconds(2))
        #expect(added.map(\.fact) == facts)
        #expect(added.map(\.sequence) == Array(2...Int64(facts.count) + 1))
        #expect(added.allSatisfy { $0.fence == lease.fence && $0.at == noon + .seconds(2) })
        #expect(try await store.entries(of: id, after: 1) == added)
        #expect(try await store.entries(of: id, after: added.last?.sequence ?? 0).isEmpty)
    }

    @Test(
        "of the snapshots that come, the one is kept that came of the most facts there are, or of another version",
        arguments: Adapter.allCases)
    func snapshots(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let other = try await store.makeRollout()
        let lease = try await store.take(id)
        for number in 1...9 { try await store.push(DeviceName(rawValue: "d\(number)"), id, lease) }
        func kept(_ sequence: Int64, version: Int = 7, _ text: String) -> StateSnapshot {
            StateSnapshot(version: version, sequence: sequence, bytes: Data(text.utf8))
        }
        #expect(try await store.snapshot(of: id) == nil)
        try await store.keep(kept(5, "five"), of: id)
        #expect(try await store.snapshot(of: id) == kept(5, "five"))
        try await store.keep(kept(4, "four"), of: id)
        try await store.keep(kept(5, "five again"), of: id)
        // Nobody can know what eleven facts come to where there are ten.
        try await store.keep(kept(11, "eleven"), of: id)
        #expect(try await store.snapshot(of: id) == kept(5, "five"))
        try await store.keep(kept(10, "ten"), of: id)
        #expect(try await store.snapshot(of: id) == kept(10, "ten"))
        try await store.keep(kept(6, version: 8, "six"), of: id)
        #expect(try await store.snapshot(of: id) == kept(6, version: 8, "six"))
        #expect(try await store.snapshot(of: other) == nil)
    }

    @Test("what is known of a rollout is what its facts come to, whatever is kept of them", arguments: Adapter.allCases)
    func states(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        func add(_ facts: [Fact]) async throws -> RolloutState {
            _ = try await store.append(facts, to: id, under: lease, claiming: [], releasing: [], at: noon)
            return RolloutState(folding: try await store.entries(of: id, after: 0))
        }
        let first = try await add(Array(Samples.facts.prefix(6)))
        #expect(try await store.state(of: id) == first)
        try await store.keep(try StateSnapshot(of: first), of: id)
        #expect(try await store.state(of: id) == first)
        let second = try await add(Samples.facts)
        #expect(try await store.state(of: id) == second)
        for bytes in ["", "{}", "\n\n", "d1\t"] {
            let sequence = try #require(try await store.snapshot(of: id)).sequence + 1
            try await store.keep(
                StateSnapshot(version: StateSnapshot.version, sequence: sequence, bytes: Data(bytes.utf8)), of: id)
            #expect(try await store.state(of: id) == second)
        }
    }

    @Test("an operator needs no lease, and what is asked carries fence 0", arguments: Adapter.allCases)
    func operators(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        try await store.push("gra-eco-01", id, lease)
        let request = OperatorRequest(.resume(.operator), by: "bob", reason: "checked by phone")
        let entry = try await store.record(request, for: id, at: noon)
        #expect(entry == JournalEntry(sequence: 3, at: noon, fence: 0, fact: .requested(request)))
        #expect(try await store.entries(of: id, after: 2) == [entry])
    }

    @Test("the lease is one holder's until it runs out at the instant it says", arguments: Adapter.allCases)
    func leaseRunsOut(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        #expect(try await store.lease(of: id) == nil)
        let first = try await store.take(id, "ada@gra pid 1")
        #expect(first.expiresAt == noon + .seconds(30))
        let refused = await trouble { _ = try await store.take(id, "bob@rbx pid 2", at: noon + .milliseconds(29_999)) }
        #expect(refused?.code == .leaseHeld)
        #expect(refused?.message.contains("ada@gra pid 1") == true)
        let second = try await store.take(id, "bob@rbx pid 2", at: noon + .seconds(30))
        #expect(second.fence > first.fence)
        #expect(try await store.lease(of: id) == second)
        let late = await trouble { _ = try await store.renew(first, lasting: .seconds(30), at: noon + .seconds(31)) }
        #expect(late?.code == .leaseLost)
    }

    @Test("a lease that ran out gives no right to append, even if nobody took it", arguments: Adapter.allCases)
    func ranOut(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        try await store.push("gra-eco-01", id, lease, at: noon + .milliseconds(29_999))
        let error = await trouble { try await store.push("gra-eco-02", id, lease, at: noon + .seconds(30)) }
        #expect(error?.code == .leaseLost)
        #expect(try await store.entries(of: id, after: 0).count == 2)
    }

    @Test("a renewed lease counts from then on, also for the lease as it was before", arguments: Adapter.allCases)
    func renews(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        let renewed = try await store.renew(lease, lasting: .seconds(30), at: noon + .seconds(20))
        #expect(renewed.fence == lease.fence)
        #expect(renewed.expiresAt == noon + .seconds(50))
        try await store.push("gra-eco-01", id, lease, at: noon + .seconds(45))
    }

    @Test("a lease that ran out can be renewed as long as nobody else took it", arguments: Adapter.allCases)
    func renewsLate(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        let renewed = try await store.renew(lease, lasting: .seconds(30), at: noon + .minutes(60))
        #expect(renewed.fence == lease.fence)
        try await store.push("gra-eco-01", id, renewed, at: noon + .minutes(60))
        try await store.release(renewed)
        let error = await trouble { _ = try await store.renew(lease, lasting: .seconds(30), at: noon) }
        #expect(error?.code == .leaseLost)
    }

    @Test("what was decided on facts that are not the last ones is not appended", arguments: Adapter.allCases)
    func overtaken(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        let fact = Fact.waveStarted(wave: 0)
        func append(after last: Int64) async throws -> [JournalEntry] {
            try await store.append([fact], to: id, after: last, under: lease, claiming: [], releasing: [], at: noon)
        }
        #expect(try await append(after: 1).map(\.sequence) == [2])
        _ = try await store.record(OperatorRequest(.pause, by: "bob"), for: id, at: noon)
        let error = await trouble { _ = try await append(after: 2) }
        #expect(error?.code == .overtaken)
        #expect(try await store.entries(of: id, after: 0).count == 3)
        #expect(try await append(after: 3).map(\.sequence) == [4])
    }

    @Test("a stolen lease leaves its old holder unable to append, renew or give it back", arguments: Adapter.allCases)
    func steals(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let old = try await store.take(id, "ada@gra pid 1")
        let new = try await store.take(id, "bob@rbx pid 2", steal: true)
        #expect(new.fence > old.fence)
        let error = await trouble { try await store.push("gra-eco-01", id, old) }
        #expect(error?.code == .leaseLost)
        #expect(error?.message.contains("bob@rbx pid 2") == true)
        #expect(await trouble { _ = try await store.renew(old, lasting: .seconds(9), at: noon) }?.code == .leaseLost)
        try await store.release(old)
        #expect(try await store.lease(of: id) == new)
        try await store.push("gra-eco-01", id, new)
        #expect(try await store.entries(of: id, after: 1).map(\.fence) == [new.fence])
    }

    @Test(
        "fences grow for ever: over giving back, taking again, and the same holder twice", arguments: Adapter.allCases)
    func fencesGrow(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let first = try await store.take(id)
        try await store.release(first)
        #expect(try await store.lease(of: id) == nil)
        #expect(await trouble { try await store.push("gra-eco-01", id, first) }?.code == .leaseLost)
        let second = try await store.take(id)
        let third = try await store.take(id)
        #expect(first.fence < second.fence && second.fence < third.fence)
        #expect(await trouble { try await store.push("gra-eco-01", id, second) }?.code == .leaseLost)
    }

    @Test("another rollout's lease gives no right", arguments: Adapter.allCases)
    func foreignLease(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let one = try await store.makeRollout()
        let two = try await store.makeRollout()
        _ = try await store.take(two)
        let lease = try await store.take(one)
        #expect(await trouble { try await store.push("gra-eco-01", two, lease) }?.code == .leaseLost)
    }

    @Test(
        "a claimed failure domain stops another rollout, and nothing of its append stays", arguments: Adapter.allCases)
    func domains(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let one = try await store.makeRollout()
        let two = try await store.makeRollout()
        let leaseOne = try await store.take(one)
        let leaseTwo = try await store.take(two)
        let pair = FailureDomain(kind: "pair", value: "eco-01")
        let rack = FailureDomain(kind: "rack", value: "r7")
        let claimOne = DomainClaim(domain: pair, device: "gra-eco-01")
        _ = try await store.append(
            [.waveStarted(wave: 0)], to: one, under: leaseOne, claiming: [claimOne], releasing: [], at: noon)

        let wanted = [DomainClaim(domain: rack, device: "gra-eco-02"), DomainClaim(domain: pair, device: "gra-eco-02")]
        let error = await trouble {
            _ = try await store.append(
                [.waveStarted(wave: 0)], to: two, under: leaseTwo, claiming: wanted, releasing: [], at: noon)
        }
        #expect(error?.code == .domainHeld)
        // A place under a cap is no failure domain of a person: who lost it takes another one.
        let place = FailureDomain(kind: "peak-debt", value: "1")
        let taken = DomainClaim(domain: place, device: "gra-eco-01")
        _ = try await store.append([], to: one, under: leaseOne, claiming: [taken], releasing: [], at: noon)
        let late = await trouble {
            _ = try await store.append(
                [.waveStarted(wave: 0)], to: two, under: leaseTwo,
                claiming: [DomainClaim(domain: place, device: "gra-eco-02")], releasing: [], at: noon)
        }
        #expect(late?.code == .placeTaken)
        _ = try await store.append([], to: one, under: leaseOne, claiming: [], releasing: [taken], at: noon)
        for word in ["pair eco-01", "#1", "gra-eco-01"] { #expect(error?.message.contains(word) == true) }
        #expect(try await store.entries(of: two, after: 0).count == 1)
        #expect(try await store.claims() == [HeldClaim(claim: claimOne, rollout: one)])

        _ = try await store.append([], to: one, under: leaseOne, claiming: [], releasing: [claimOne], at: noon)
        _ = try await store.append([], to: two, under: leaseTwo, claiming: wanted, releasing: [], at: noon)
        #expect(try await store.claims().map(\.rollout) == [two, two])
    }

    @Test(
        "claims are a rollout's own: taken twice is once, and others cannot give them up", arguments: Adapter.allCases)
    func ownClaims(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let one = try await store.makeRollout()
        let two = try await store.makeRollout()
        let leaseOne = try await store.take(one)
        let leaseTwo = try await store.take(two)
        let claim = DomainClaim(domain: FailureDomain(kind: "rack", value: "r1"), device: "gra-eco-01")
        for _ in 0..<2 {
            _ = try await store.append([], to: one, under: leaseOne, claiming: [claim], releasing: [], at: noon)
        }
        _ = try await store.append([], to: two, under: leaseTwo, claiming: [], releasing: [claim], at: noon)
        #expect(try await store.claims() == [HeldClaim(claim: claim, rollout: one)])
    }

    @Test("without the right to append, no claim is taken or given up", arguments: Adapter.allCases)
    func claimsNeedTheLease(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let old = try await store.take(id)
        _ = try await store.take(id, "bob", steal: true)
        let claim = DomainClaim(domain: FailureDomain(kind: "rack", value: "r1"), device: "gra-eco-01")
        let error = await trouble {
            _ = try await store.append([], to: id, under: old, claiming: [claim], releasing: [], at: noon)
        }
        #expect(error?.code == .leaseLost)
        #expect(try await store.claims().isEmpty)
    }

    @Test(
        "what is said beside the rollouts keeps its order, its words and its tie to what was said before",
        arguments: Adapter.allCases)
    func serviceJournal(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        #expect(try await store.serviceEntries(after: 0).isEmpty)
        #expect(try await store.serviceState() == ServiceState())
        var chain = ServiceChain.start
        var added: [ServiceEntry] = []
        for (index, fact) in try Samples.serviceFacts().enumerated() {
            let now = noon + .seconds(Int64(index))
            let reason = index % 2 == 0 ? "because\n\"\(index)\" /é" : nil
            let entry = try await store.append(fact, by: "ada", reason: reason, after: nil, at: now)
            #expect(entry == (try chain.entry(fact, by: "ada", reason: reason, at: now)))
            chain = ServiceChain(sequence: entry.sequence, digest: entry.chain)
            added.append(entry)
        }
        let read = try await store.serviceEntries(after: 0)
        #expect(read == added)
        #expect(read.map(\.sequence) == Array(1...Int64(added.count)))
        #expect(try await store.serviceEntries(after: 4) == Array(added.dropFirst(4)))
        #expect(try await store.serviceEntries(after: Int64(added.count)).isEmpty)
        var walked = ServiceChain.start
        for entry in read { #expect(try walked.take(entry) == nil) }
        #expect(walked == chain)
    }

    @Test(
        "what was decided on entries that are not the last ones is not said beside the rollouts either",
        arguments: Adapter.allCases)
    func serviceJournalOvertaken(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        func append(after last: Int64?) async throws {
            _ = try await store.append(.lineStopped, by: "ada", reason: nil, after: last, at: noon)
        }
        try await append(after: 0)
        #expect(await trouble { try await append(after: 0) }?.code == .overtaken)
        try await append(after: 1)
        try await append(after: nil)
        #expect(await trouble { try await append(after: 2) }?.code == .overtaken)
        #expect(await trouble { try await append(after: 9) }?.code == .corrupt)
        #expect(try await store.serviceEntries(after: 0).count == 3)
    }

    @Test("many who speak at once beside the rollouts make one chain", arguments: Adapter.allCases)
    func serviceJournalAtOnce(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    _ = try await store.append(
                        index % 2 == 0 ? .lineStopped : .lineReleased, by: "\(index)", reason: nil, after: nil, at: noon
                    )
                }
            }
            try await group.waitForAll()
        }
        var chain = ServiceChain.start
        for entry in try await store.serviceEntries(after: 0) { #expect(try chain.take(entry) == nil) }
        #expect(chain.sequence == 40)
    }

    @Test("samples come back as they were, oldest first, from the instant asked for", arguments: Adapter.allCases)
    func samples(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let other = try await store.makeRollout()
        let samples = Samples.samples
        try await store.append(samples: samples.reversed(), to: id)
        try await store.append(samples: [samples[0]], to: other)
        #expect(try await store.samples(of: id, since: noon) == samples)
        #expect(try await store.samples(of: id, since: noon + .seconds(1)) == Array(samples.dropFirst()))
        #expect(try await store.samples(of: id, since: noon + .seconds(99)).isEmpty)
    }

    @Test("many tasks at once: every sequence once, no gap", arguments: Adapter.allCases)
    func concurrent(_ adapter: Adapter) async throws {
        let store = try scratch.store(adapter)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        let sequences = try await withThrowingTaskGroup(of: Int64.self) { group in
            for index in 0..<60 {
                group.addTask {
                    if index % 3 == 0 {
                        return try await store.record(OperatorRequest(.pause, by: "\(index)"), for: id, at: noon)
                            .sequence
                    }
                    return try await store.append(
                        [.waveStarted(wave: index)], to: id, under: lease, claiming: [], releasing: [], at: noon
                    )[0].sequence
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sequences.sorted() == Array(2...61))
        #expect(try await store.entries(of: id, after: 0).map(\.sequence) == Array(1...61))
    }
}

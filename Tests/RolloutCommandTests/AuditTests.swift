import Foundation
import RolloutEngine
import RolloutSimulation
import Testing

@testable import rollout

@Suite("rollout audit verify")
struct AuditTests {
    private func entries() throws -> [ServiceEntry] {
        var chain = ServiceChain.start
        return try [ServiceFact.lineStopped, .lineReleased, .lineStopped].map { fact in
            let entry = try chain.entry(fact, by: "ada", reason: nil, at: Instant(milliseconds: 1_700_000_000_000))
            chain = ServiceChain(sequence: entry.sequence, digest: entry.chain)
            return entry
        }
    }

    @Test("a whole chain says its end; that end, noted, is found again when more was written")
    func whole() throws {
        let entries = try entries()
        for count in 0...3 {
            let finding = try AuditVerifyCommand.walk(Array(entries.prefix(count)), nil)
            #expect(finding.trouble == nil && finding.entries == Int64(count))
            let digest = count == 0 ? ServiceChain.start.digest : entries[count - 1].chain
            #expect(finding.end == "\(count):\(digest)")
            let noted = ServiceChain(sequence: Int64(count), digest: digest)
            #expect(try AuditVerifyCommand.walk(entries, noted).trouble == nil)
        }
    }

    @Test("a broken chain says where; what was cut off at the end, or made anew, shows beside an end that was noted")
    func broken() throws {
        var entries = try entries()
        let last = ServiceChain(sequence: 3, digest: entries[2].chain)
        #expect(
            try AuditVerifyCommand.walk(Array(entries.dropLast()), last).trouble?.contains("ends with entry 2") == true)
        let other = ServiceChain(sequence: 2, digest: Digest(of: "another"))
        #expect(try AuditVerifyCommand.walk(entries, other).trouble?.contains("made anew") == true)
        entries[1].by = "eve"
        let finding = try AuditVerifyCommand.walk(entries, nil)
        #expect(finding.entries == 1 && finding.trouble?.contains("entry 2 is not what was written") == true)
    }

    @Test(
        "who overrode a gate, and why, is held by the chain too: a fact that was changed or cut off after its seal shows"
    )
    func sealed() async throws {
        let store = MemoryJournalStore()
        let now = Instant(milliseconds: 1_700_000_000_000)
        let id = try await store.create(plan: Data(), digest: Digest(of: "plan"), title: "t", by: "ada", at: now)
        func override(_ reason: String) async throws {
            let request = OperatorRequest(.promote(wave: 0, overriding: ["traffic"]), by: "bob", reason: reason)
            _ = try await store.record(request, for: id, at: now)
        }
        try await override("looked at it")
        try await JournalSealer(store).seal(id, by: "serve", at: now)
        try await JournalSealer(store).seal(id, by: "serve", at: now)
        try await override("and again")
        try await JournalSealer(store).seal(id, by: "serve", at: now)
        let entries = try await store.serviceEntries(after: 0)
        // Nothing new is not sealed again.
        #expect(entries.count == 2)
        func trouble(in other: any JournalStore) async throws -> String? {
            let walk = try AuditVerifyCommand.walk(entries, nil)
            let finding = try await AuditVerifyCommand.compare(entries, in: other, after: walk)
            #expect(finding.rollouts == 1)
            return finding.trouble
        }
        #expect(try await trouble(in: store) == nil)
        // The same but for one word, and without the last fact.
        for reasons in [["looked at it", "and once more"], ["looked at it"], []] {
            let other = MemoryJournalStore()
            _ = try await other.create(plan: Data(), digest: Digest(of: "plan"), title: "t", by: "ada", at: now)
            for reason in reasons {
                let request = OperatorRequest(.promote(wave: 0, overriding: ["traffic"]), by: "bob", reason: reason)
                _ = try await other.record(request, for: id, at: now)
            }
            #expect(try await trouble(in: other)?.contains("rollout #1 is not what was sealed") == true)
        }
        #expect(try await trouble(in: MemoryJournalStore())?.contains("#1") == true)
    }
}

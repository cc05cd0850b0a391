import Foundation
import GRDB
import RolloutEngine
import Testing

@testable import RolloutStore

@Suite("The SQLite store and processes that die or compete", .timeLimit(.minutes(10)))
struct SQLiteCrashTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("kill -9 at any moment loses no acknowledged fact and leaves no gap")
    func killed() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        let id = try await store.makeRollout()
        var acknowledged: Set<Int64> = []
        var generator = SystemRandomNumberGenerator()
        for round in 0..<12 {
            let fence = try await takeForWriter(store, id)
            let writer = try CrashWriter("driver", scratch.path, "\(id.number)", "\(fence)", "\(Int.max)")
            // Every other one may be killed before it wrote anything.
            if round.isMultiple(of: 2) { writer.wait(for: 3) }
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...250, using: &generator)))
            writer.kill()
            acknowledged.formUnion(writer.acknowledged())
            let sequences = try await SQLiteJournalStore(path: scratch.path).entries(of: id, after: 0).map(\.sequence)
            #expect(sequences == Array(1...Int64(sequences.count)))
            #expect(acknowledged.isSubset(of: sequences))
        }
        #expect(acknowledged.count > 12, "the writers were killed before they wrote anything")
        #expect(try await integrity(store) == "ok")
    }

    @Test("a driver and an operator in two processes append at once: each fact once, no gap")
    func twoProcesses() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        let id = try await store.makeRollout()
        let fence = try await takeForWriter(store, id)
        let driver = try CrashWriter("driver", scratch.path, "\(id.number)", "\(fence)", "150")
        let person = try CrashWriter("operator", scratch.path, "\(id.number)", "150")
        let (driven, asked) = (driver.acknowledged(), person.acknowledged())
        #expect(driven.count == 150)
        #expect(asked.count == 150)
        #expect((driven + asked).sorted() == Array(2...301))
        let entries = try await store.entries(of: id, after: 1)
        #expect(entries.filter { $0.fence == 0 }.map(\.sequence) == asked)
        #expect(entries.filter { $0.fence == fence }.map(\.sequence) == driven)
    }

    @Test("a process whose lease is stolen cannot append one more fact")
    func stolen() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        let id = try await store.makeRollout()
        let fence = try await takeForWriter(store, id)
        let writer = try CrashWriter("driver", scratch.path, "\(id.number)", "\(fence)", "5000")
        while try await store.entries(of: id, after: 5).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let thief = try await store.take(id, "bob@rbx pid 2", steal: true, at: Instant(milliseconds: 1_000_000))
        let atTheft = try await store.entries(of: id, after: 0).count
        #expect(writer.acknowledged().last == Int64(atTheft))
        #expect(try await store.entries(of: id, after: 0).count == atTheft)
        try await store.push("gra-eco-02", id, thief, at: Instant(milliseconds: 1_000_000))
    }

    @Test("processes that create one store at the same time all succeed")
    func createdAtOnce() async throws {
        let path = scratch.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { _ = try await SQLiteJournalStore(path: path).rollouts() }
            }
            try await group.waitForAll()
        }
        // Rollout 1 is not there, so the writers end at once, having opened the store.
        let other = scratch.folder + "/other/rollout.db"
        let writers = try (0..<4).map { _ in try CrashWriter("operator", other, "1", "0") }
        for writer in writers { #expect(writer.acknowledged().isEmpty) }
        #expect(try await integrity(SQLiteJournalStore(path: other)) == "ok")
    }

    @Test("an append is finished or not begun, whatever happens to the task that asked for it")
    func cancelled() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await store.push("gra-eco-01", id, lease)
        }
        try await task.value
        #expect(try await store.entries(of: id, after: 1).count == 1)
    }

    /// The lease under which the writer says that it appends.
    private func takeForWriter(_ store: SQLiteJournalStore, _ id: RolloutID) async throws -> Int64 {
        try await store.acquireLease(
            of: id, holder: "crash writer", lasting: .minutes(60), steal: true, at: Instant(milliseconds: 1_000_000)
        ).fence
    }

    private func integrity(_ store: SQLiteJournalStore) async throws -> String? {
        try await store.file.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
    }
}

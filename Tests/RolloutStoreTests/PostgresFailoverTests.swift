import Foundation
import PostgresBench
import RolloutEngine
import Testing

@testable import RolloutStore

@Suite(
    "The store in PostgreSQL when a standby takes over", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: PostgresServer.isAvailable, "a server of PostgreSQL 15 can only be started as root"))
struct PostgresFailoverTests {
    @Test(
        "kill -9 of a primary with a synchronous standby in the middle of appends: nothing acknowledged is lost, no gap"
    )
    func synchronous() async throws {
        let pair = try await Self.pair(isSynchronous: true)
        let store = try PostgresJournalStore(url: pair.url)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        let acknowledged = try await PostgresCrashTests.pushes(to: id, in: store, lease) {
            try await Task.sleep(for: .milliseconds(Int.random(in: 300...900)))
            pair.primary.crash()
            let before = try pair.standby.sql(Self.count, in: pair.url(at: pair.standby))
            try pair.standby.promote()
            try await pair.wait(
                for: "SELECT count(*) > \(before) + 5 FROM rollout.entries", toBe: "t", at: pair.standby,
                in: pair.url(at: pair.standby))
        }
        let entries = try await store.entries(of: id, after: 1)
        #expect(entries.map(\.sequence) == Array(2...Int64(entries.count) + 1))
        #expect(entries.map { PostgresCrashTests.number(of: $0) } == Array(1...entries.count))
        for entry in entries { #expect(acknowledged[entry.sequence] == PostgresCrashTests.number(of: entry)) }
    }

    @Test("a fact that waits for a standby that is gone is not taken for kept because it is found on the primary")
    func withoutStandby() async throws {
        let pair = try await Self.pair(isSynchronous: true)
        let store = try PostgresJournalStore(url: pair.url)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        _ = try await PostgresCrashTests.push(1, to: id, in: store, lease)
        pair.standby.stop()
        for _ in 1...2 {
            let error = await trouble { _ = try await PostgresCrashTests.push(2, to: id, in: store, lease) }
            #expect(error?.code == .unavailable)
        }
        #expect(try pair.primary.sql(Self.count, in: pair.url(at: pair.primary)) == "3")
        try pair.standby.start()
        let entry = try await PostgresCrashTests.insist {
            try await PostgresCrashTests.push(2, to: id, in: store, lease)
        }
        #expect(entry.sequence == 3)
        pair.primary.crash()
        try pair.standby.promote()
        let kept = try await PostgresCrashTests.insist { try await store.entries(of: id, after: 1) }
        #expect(kept.map { PostgresCrashTests.number(of: $0) } == [1, 2])
    }

    @Test("a standby that had not got the last facts: who knew of them writes nothing more and says what was lost")
    func asynchronous() async throws {
        let pair = try await Self.pair(isSynchronous: false)
        let (store, page) = (try PostgresJournalStore(url: pair.url), try PostgresJournalStore(url: pair.url))
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        _ = try await PostgresCrashTests.push(1, to: id, in: store, lease)
        try await pair.waitForStandby()
        pair.standby.stop()
        for number in 2...3 { _ = try await PostgresCrashTests.push(number, to: id, in: store, lease) }
        _ = try await page.append(.lineStopped, by: "ada", reason: nil, after: nil, at: noon)
        pair.primary.crash()
        try pair.standby.start()
        try pair.standby.promote()
        for read in [false, true] {
            let error = await trouble {
                try await PostgresCrashTests.insist {
                    if read { _ = try await store.entries(of: id, after: 4) }
                    if !read { _ = try await PostgresCrashTests.push(4, to: id, in: store, lease) }
                }
            }
            #expect(error?.code == .corrupt)
            let said = error?.message ?? ""
            #expect(said.contains("rollout #1 ends with fact 2, but fact 4 was kept"), "\(said)")
            #expect(said.contains("rollout apply --resume 1"), "\(said)")
        }
        let service = await trouble { _ = try await page.serviceEntries(after: 0) }
        #expect(service?.code == .corrupt)
        #expect(service?.message.contains("ends with entry 0, but entry 1 was kept") == true)
        #expect(try pair.standby.sql(Self.count, in: pair.url(at: pair.standby)) == "2")
        // Whoever begins anew knows of nothing else, and goes on from what is there.
        let next = try PostgresJournalStore(url: pair.url)
        let taken = try await next.take(id, "bob@rbx pid 2", steal: true)
        #expect(try await PostgresCrashTests.push(5, to: id, in: next, taken).sequence == 3)
    }

    @Test("a primary that comes back after a standby took over: nobody's writing counts there")
    func oldPrimary() async throws {
        let pair = try await Self.pair(isSynchronous: true)
        let old = try PostgresJournalStore(url: pair.url)
        let id = try await old.makeRollout()
        let lease = try await old.take(id)
        _ = try await PostgresCrashTests.push(1, to: id, in: old, lease)
        pair.primary.crash()
        try pair.standby.promote()
        let next = try PostgresJournalStore(url: pair.url)
        let taken = try await PostgresCrashTests.insist { try await next.take(id, "bob@rbx pid 2", steal: true) }
        #expect(taken.fence > lease.fence)
        _ = try await PostgresCrashTests.push(2, to: id, in: next, taken)
        try pair.primary.start()
        // The old driver finds its lease there, and nobody to acknowledge.
        let alone = await trouble { _ = try await PostgresCrashTests.push(9, to: id, in: old, lease) }
        #expect(alone?.code == .unavailable)
        // Who knows that a standby took over does not go back.
        try pair.standby.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'rollout %'")
        let stale = await trouble { _ = try await PostgresCrashTests.push(3, to: id, in: next, taken) }
        #expect(stale?.code == .unavailable)
        #expect(stale?.message.contains("answers on timeline 1, expected 2") == true, "\(stale?.message ?? "")")
        #expect(stale?.message.contains("pg_ctl stop") == true)
        pair.primary.stop()
        _ = try await PostgresCrashTests.insist { try await PostgresCrashTests.push(3, to: id, in: next, taken) }
        // The old driver finds the new primary now, and that it was followed by somebody else.
        let fenced = await trouble {
            try await PostgresCrashTests.insist { _ = try await PostgresCrashTests.push(9, to: id, in: old, lease) }
        }
        #expect(fenced?.code == .leaseLost)
        let kept = try await next.entries(of: id, after: 1)
        #expect(kept.map { PostgresCrashTests.number(of: $0) } == [1, 2, 3])
    }

    private static let count = "SELECT count(*) FROM rollout.entries"

    private static func pair(isSynchronous: Bool) async throws -> ReplicatedPair {
        try await ReplicatedPair(isSynchronous: isSynchronous) {
            _ = try PostgresMigrator(try PostgresLocation($0)).migrate()
        }
    }
}

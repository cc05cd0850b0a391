import Foundation
import PostgresBench
import RolloutEngine
import Testing

@testable import RolloutStore

@Suite(
    "The store in PostgreSQL", .timeLimit(.minutes(10)),
    .enabled(if: PostgresServer.isAvailable, "a server of PostgreSQL 15 can only be started as root"))
struct PostgresStoreTests {
    let server: PostgresServer

    init() throws { server = try PostgresServer.shared.get() }

    @Test("a fact is kept in the very text that the file store keeps")
    func sameText() async throws {
        let url = try server.makeTables()
        let store = try PostgresJournalStore(url: url)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        _ = try await store.append(Samples.facts, to: id, under: lease, claiming: [], releasing: [], at: noon)
        let kept = try server.sql(
            "SELECT coalesce(exact, fact::text) FROM rollout.entries ORDER BY sequence", in: url)
        let texts = kept.split(separator: "\n")
        #expect(texts.count == Samples.facts.count + 1)
        let encoder = StoredFact.encoder
        let written = try Samples.facts.map { try StoredFact.text(of: $0, encoder) }
        #expect(texts.dropFirst().elementsEqual(written, by: { $0 == $1 }))
    }

    @Test("what a device says with NUL in it comes back as it was, and is readable JSON for dashboards")
    func zeroBytes() async throws {
        let url = try server.makeTables()
        let store = try PostgresJournalStore(url: url)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        let said = "a\0b \\u0000 \\\0"
        let fact = Fact.evidence("gra-eco-01", Evidence(items: [.init(title: "dump", output: said)]))
        _ = try await store.append([fact], to: id, under: lease, claiming: [], releasing: [], at: noon)
        #expect(try await store.entries(of: id, after: 1).map(\.fact) == [fact])
        let shown = try server.sql(
            """
            SELECT fact #>> '{evidence,evidence,items,0,output}' FROM rollout.entries WHERE sequence = 2
            """, in: url)
        #expect(shown == "a\u{FFFD}b \\u0000 \\\u{FFFD}")
    }

    @Test(
        "facts, plans and rollouts cannot be changed or removed, whoever tries",
        arguments: [
            "UPDATE rollout.entries SET kind = 'x'", "DELETE FROM rollout.entries", "TRUNCATE rollout.entries",
            "DELETE FROM rollout.plans", "UPDATE rollout.plans SET digest = 'x'", "TRUNCATE rollout.rollouts CASCADE",
            "DELETE FROM rollout.rollouts",
        ])
    func forGood(_ statement: String) async throws {
        let url = try server.makeTables()
        _ = try await PostgresJournalStore(url: url).makeRollout()
        let refusal = #expect(throws: PostgresServer.Refusal.self) { try server.sql(statement, in: url) }
        #expect(refusal?.said.contains("never changed or removed") == true)
    }

    @Test("a database without tables, or with older or newer ones, is refused with the command that helps")
    func otherTables() async throws {
        let url = try server.makeDatabase()
        let bare = await trouble { _ = try await PostgresJournalStore(url: url).rollouts() }
        #expect(bare?.code == .unavailable)
        #expect(bare?.message.contains("rollout db migrate") == true)

        _ = try PostgresMigrator(try PostgresLocation(url)).migrate()
        let newer = PostgresJournalStore(try PostgresLocation(url), version: PostgresSchema.newest + 1)
        let missing = await trouble { _ = try await newer.rollouts() }
        #expect(missing?.code == .unavailable)
        #expect(missing?.message.contains("rollout db migrate") == true)

        let next = PostgresSchema.newest + 1
        try server.sql("INSERT INTO rollout.schema_version VALUES (\(next), 'later', \(next))", in: url)
        let older = await trouble { _ = try await PostgresJournalStore(url: url).rollouts() }
        #expect(older?.code == .tooNew)
        #expect(throws: StoreError.self) { try PostgresMigrator(try PostgresLocation(url)).migrate() }
    }

    @Test("a schema of another program is left alone")
    func strangers() throws {
        let url = try server.makeDatabase()
        try server.sql("CREATE SCHEMA rollout", in: url)
        let error = #expect(throws: StoreError.self) { try PostgresMigrator(try PostgresLocation(url)).migrate() }
        #expect(error?.code == .corrupt)
    }

    @Test("a user for whom commits are not on disk gets them on disk all the same")
    func durable() async throws {
        let url = try server.makeTables()
        let database = url.dropFirst("postgres://postgres@/".count).prefix { $0 != "?" }
        try server.sql("ALTER DATABASE \(database) SET synchronous_commit = off")
        let location = try PostgresLocation(url)
        let settings = PostgresSession.Settings(purpose: "test", statementLimit: .seconds(5), isDurable: true)
        let session = try PostgresSession(location, settings)
        #expect(try session.query("SHOW synchronous_commit").text(0, 0) == "off")
        try PostgresDemands(trouble: PostgresTrouble(name: location.name), version: 1).durability(session)
        #expect(try session.query("SHOW synchronous_commit").text(0, 0) == "on")
    }

    @Test("a server that acknowledges before it is on disk is refused, with the reason")
    func notDurable() async throws {
        let hasty = try PostgresServer(options: ["fsync=off"])
        let store = try hasty.makeStore()
        let error = await trouble { _ = try await store.makeRollout() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("fsync is off") == true)
    }

    @Test("a session that the server ended is opened anew, and nobody notices")
    func endedSessions() async throws {
        let url = try server.makeTables()
        let store = try PostgresJournalStore(url: url)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        for number in 1...5 {
            // Waits until they are gone: one that ends amid a commit is another matter, and is noticed.
            try server.sql(
                """
                SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE 'rollout %'
                """, in: url)
            try await store.push(DeviceName(rawValue: "d\(number)"), id, lease)
        }
        #expect(try await store.entries(of: id, after: 0).count == 6)
    }

    @Test("who waits for facts is woken by those of another process, and by no time that passes")
    func wakes() async throws {
        let url = try server.makeTables()
        let (here, there) = (try PostgresJournalStore(url: url), try PostgresJournalStore(url: url))
        let id = try await here.makeRollout()
        let other = try await here.makeRollout()
        // What is there already is not waited for; and by then it is listened.
        await here.waitForFacts(of: id, after: 0, atMost: .seconds(30))
        for _ in 0..<20 { await here.waitForFacts(of: id, after: 1, atMost: .milliseconds(100)) }
        let clock = ContinuousClock()
        let start = clock.now
        async let waiting: Void = here.waitForFacts(of: id, after: 1, atMost: .seconds(30))
        try await Task.sleep(for: .milliseconds(600))
        _ = try await there.record(OperatorRequest(.pause, by: "bob"), for: other, at: noon)
        try await Task.sleep(for: .milliseconds(600))
        let spoken = clock.now
        _ = try await there.record(OperatorRequest(.pause, by: "bob"), for: id, at: noon)
        await waiting
        #expect(start.duration(to: clock.now) > .milliseconds(1200), "the words to another rollout woke it")
        #expect(spoken.duration(to: clock.now) < .seconds(20))
    }

    @Test("samples of several days lie in partitions of their own, and come back when one of them is dropped")
    func partitions() async throws {
        let url = try server.makeTables()
        let store = try PostgresJournalStore(url: url)
        let id = try await store.makeRollout()
        let day = Timespan.minutes(24 * 60)
        func sample(_ number: Int64) -> CounterSample {
            CounterSample(
                subject: .device("gra-eco-01"), at: noon + day * number,
                interfaces: [InterfaceReading(name: "e0", inOctets: .bits64(UInt64(number)))])
        }
        try await store.append(samples: (0..<3).map { sample($0) }, to: id)
        let parts = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'rollout.readings'::regclass"
        #expect(try server.sql(parts, in: url) == "3")
        try server.sql("DROP TABLE rollout.samples_2023_11_14, rollout.readings_2023_11_14", in: url)
        #expect(try await store.samples(of: id, since: noon) == [sample(1), sample(2)])
        try await store.append(samples: [sample(0)], to: id)
        #expect(try await store.samples(of: id, since: noon) == [sample(0), sample(1), sample(2)])
    }

    @Test("thousands of samples come back in their order")
    func manySamples() async throws {
        let store = try server.makeStore()
        let id = try await store.makeRollout()
        let samples = (0..<12_345).map { number in
            CounterSample(
                subject: .device(DeviceName(rawValue: "d\(number)")), at: noon + .milliseconds(Int64(number / 7)),
                interfaces: [InterfaceReading(name: "e0", outOctets: .bits64(UInt64(number)))])
        }
        try await store.append(samples: samples, to: id)
        #expect(try await store.samples(of: id, since: noon) == samples)
    }

    @Test("the file with the tables ships with the program, and is of the version that it says")
    func shipped() throws {
        for (migration, version) in zip(PostgresSchema.migrations, 1...) {
            #expect(migration.version == version)
            #expect(try PostgresSchema.sql(of: migration).contains("rollout."))
        }
    }
}

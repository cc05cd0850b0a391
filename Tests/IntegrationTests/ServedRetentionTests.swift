import Foundation
import PostgresBench
import RolloutEngine
import Synchronization
import Testing

@testable import RolloutStore
@testable import rollout

/// What the service drops and rolls up by itself, beside rollouts that are driven.
@Suite(
    "Retention by the service", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: PostgresServer.isAvailable, "a server of PostgreSQL 15 can only be started as root"))
struct ServedRetentionTests {
    private let server: PostgresServer
    private let url: String
    private let store: PostgresJournalStore
    private let id: RolloutID
    private let log = Lines()
    private let now: Instant

    init() async throws {
        server = try PostgresServer.shared.get()
        url = try server.makeDatabase()
        _ = try await StoreMaintenance(url).migrate()
        store = try PostgresJournalStore(url: url)
        now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        id = try await store.create(plan: Data("{}".utf8), digest: Digest(of: "{}"), title: "t", by: "ada", at: now)
        for day in Int64(0)...9 { try await store.append(samples: [sample(daysAgo: day)], to: id) }
    }

    @Test(
        "the service itself rolls up and drops, and ends at once when it is told to; with --no-retention it leaves both"
    )
    func process() async throws {
        let folder = NSTemporaryDirectory() + "rollout-retention-" + UUID().uuidString.prefix(8)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let program = RolloutProgram(state: folder, environment: ["ROLLOUT_STORE": url])
        let idle = try program.start(["serve", "--no-retention"])
        try await idle.prints("serving as")
        idle.process.terminate()
        #expect(await idle.wait().code == 0)
        #expect(try days().count == 10)
        let refused = try await program.run("serve", "--keep-samples", "0")
        #expect(refused.code == 64 && refused.output.contains("--no-retention"), "\(refused.output)")
        let serve = try program.start(["serve", "--keep-samples", "3"])
        try await serve.prints("samples are kept from \(day(3, "-")) on")
        serve.process.terminate()
        let end = await serve.wait()
        #expect(end.code == 0, "\(end.output)")
        #expect(try days() == kept(3))
    }

    @Test(
        "days that are older than they have to be kept go, of several services one works, and a rollout that is driven goes on"
    )
    func drops() async throws {
        let services = try (0..<3).map { _ in try retention(keeping: 4) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            try await waits { try days() == kept(4) }
            // Beside it the journal is written to, and samples of a day that is gone come late.
            _ = try await store.record(OperatorRequest(.pause, by: "ada"), for: id, at: now)
            try await store.append(samples: [sample(daysAgo: 8)], to: id)
            group.cancelAll()
        }
        #expect(log.all.contains("samples are kept from \(day(4, "-")) on"), "\(log.all)")
        #expect(!log.all.contains { $0.contains("not rolled up") }, "\(log.all)")
    }

    @Test("samples of a day that is gone are taken however often it is dropped again")
    func lateSamples() async throws {
        _ = try await StoreMaintenance(url).retain(SampleRetention(samples: 4), at: now)
        #expect(try days() == kept(4))
        let dropping = Task { [now] in
            let session = try session()
            while !Task.isCancelled {
                try session.query(
                    "CALL rollout_projection.retain(4, 400, 400, rollout_projection.instant($1))",
                    [.integer(now.milliseconds)])
                await Task.yield()
            }
        }
        for _ in 0..<50 { try await store.append(samples: [sample(daysAgo: 8)], to: id) }
        dropping.cancel()
        try await dropping.value
    }

    @Test("while it rolls up for long, the line is stopped all the same, and it ends when it is told to")
    func longRollUp() async throws {
        // No lock ends this by itself.
        try server.sql(
            """
            CREATE FUNCTION rollout_projection.dawdle() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END';
            CREATE TRIGGER dawdle AFTER INSERT ON rollout_projection.series
                FOR EACH STATEMENT EXECUTE FUNCTION rollout_projection.dawdle();
            """, in: url)
        let serving = Task { [service = try retention(keeping: 4)] in try await service.run() }
        let isWaiting =
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rollout retain' AND wait_event = 'PgSleep' "
            + "AND datname = current_database()"
        try await waits { try server.sql(isWaiting, in: url) == "1" }
        _ = try await store.append(.lineStopped, by: "ada", reason: "now", after: nil, at: now)
        try await store.append(samples: [sample(daysAgo: 0)], to: id)
        serving.cancel()
        _ = await serving.result
        #expect(try days().count == 10)
    }

    @Test("a day that somebody reads for long is kept, no other waits for it, and nobody's samples wait")
    func readForLong() async throws {
        let reader = try session()
        try reader.query("BEGIN")
        try reader.query("SELECT count(*) FROM rollout.readings_\(day(9))")
        let serving = Task { [service = try retention(keeping: 4)] in try await service.run() }
        // Dropping waits for the reader of one day; those of the other tables and days go.
        try await waits {
            try await store.append(samples: [sample(daysAgo: 0)], to: id)
            return try days("samples") == kept(4) && days() == [day(9)] + kept(4)
        }
        try reader.query("COMMIT")
        try await waits { try days() == kept(4) }
        serving.cancel()
        _ = await serving.result
        #expect(!log.all.contains { $0.contains("not rolled up") }, "\(log.all)")
    }

    @Test("a store that is away is said once, and the service lives on and drops when it is back")
    func away() async throws {
        let own = try PostgresServer()
        let url = try own.makeDatabase()
        _ = try await StoreMaintenance(url).migrate()
        own.stop()
        let serving = Task { [service = try retention(keeping: 4, of: url)] in try await service.run() }
        try await waits { log.all.contains { $0.contains("not rolled up and dropped, tried again in") } }
        try await Task.sleep(for: .milliseconds(300))
        try own.start()
        try await waits { log.all.contains("samples are rolled up again") }
        #expect(log.all.count <= 5, "\(log.all)")
        serving.cancel()
        _ = await serving.result
    }

    // MARK: Tools

    private func retention(keeping days: Int, of url: String? = nil) throws -> ServedRetention {
        ServedRetention(
            maintenance: try StoreMaintenance(url ?? self.url), retention: SampleRetention(samples: days),
            clock: Standing(at: now),
            pause: .milliseconds(50), log: { [log] in log.add($0) })
    }

    private func sample(daysAgo day: Int64) -> CounterSample {
        CounterSample(
            subject: .device("gra-eco-01"), at: now + Timespan.minutes(-24 * 60) * day,
            interfaces: [InterfaceReading(name: "e0", inOctets: .bits64(UInt64(day)))])
    }

    /// The day so many days ago, as partitions have it in their names.
    private func day(_ ago: Int64, _ separator: String = "_") -> String {
        String((now + Timespan.minutes(-24 * 60) * ago).description.prefix(10)).replacing("-", with: separator)
    }

    /// The days that are left when so many before this one are kept.
    private func kept(_ count: Int64) -> [String] { (0...count).reversed().map { day($0) } }

    private func days(_ table: String = "readings") throws -> [String] {
        try server.sql(
            "SELECT right(inhrelid::regclass::text, 10) FROM pg_inherits WHERE inhparent = 'rollout.\(table)'::regclass ORDER BY 1",
            in: url
        ).split(separator: "\n").map(String.init)
    }

    private func session() throws -> PostgresSession {
        try PostgresSession(
            try PostgresLocation(url),
            PostgresSession.Settings(purpose: "test", statementLimit: .seconds(60), isDurable: false))
    }

    private func waits(_ isSo: () async throws -> Bool) async throws {
        for _ in 0..<600 {
            if try await isSo() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("it never came: \(log.all)")
    }

    /// Lines that were logged.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock(\.self) }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    /// A clock on which it is always this time, and on which who sleeps really does.
    private struct Standing: EngineClock {
        let at: Instant
        func now() -> Instant { at }
        func uptime() -> Timespan { .zero }
        func sleep(until instant: Instant) async { try? await Task.sleep(for: (instant - at).duration) }
    }
}

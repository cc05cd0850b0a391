import FaultyWire
import Foundation
import PostgresBench
import RolloutEngine
import Synchronization
import Testing

@testable import RolloutStore

@Suite(
    "The store in PostgreSQL when the server or a process dies", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: PostgresServer.isAvailable, "a server of PostgreSQL 15 can only be started as root"))
struct PostgresCrashTests {
    @Test("kill -9 of the server in the middle of appends: no acknowledged fact is lost, and none is there twice")
    func serverKilled() async throws {
        let server = try PostgresServer()
        let store = try server.makeStore()
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        let acknowledged = try await Self.pushes(to: id, in: store, lease) {
            for round in 1...6 {
                try await Self.wait(until: 3 * round, in: store, id)
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...400)))
                server.crash()
                try server.start()
            }
        }
        let entries = try await Self.insist { try await store.entries(of: id, after: 1) }
        #expect(acknowledged.count >= 18, "hardly anything was written: \(acknowledged.count)")
        #expect(entries.map(\.sequence) == Array(2...Int64(entries.count) + 1))
        #expect(entries.map { Self.number(of: $0) } == Array(1...entries.count))
        for entry in entries { #expect(acknowledged[entry.sequence] == Self.number(of: entry)) }
    }

    @Test("an append to a server that stands still is given up in time, and is there once when that goes on")
    func serverFrozen() async throws {
        let server = try PostgresServer()
        let store = try server.makeStore()
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        _ = try await Self.push(1, to: id, in: store, lease)
        server.freeze()
        let clock = ContinuousClock()
        let start = clock.now
        // The order to write lies with the server, which has not read it yet.
        let first = await trouble { _ = try await Self.push(2, to: id, in: store, lease) }
        #expect(first?.code == .unavailable)
        #expect(start.duration(to: clock.now) < .seconds(60))
        let second = await trouble { _ = try await Self.push(2, to: id, in: store, lease) }
        #expect(second?.code == .unavailable)
        server.thaw()
        let entry = try await Self.insist { try await Self.push(2, to: id, in: store, lease) }
        #expect(entry.sequence == 3)
        _ = try await Self.push(3, to: id, in: store, lease)
        try await Task.sleep(for: .seconds(1))
        #expect(try await store.entries(of: id, after: 1).map { Self.number(of: $0) } == [1, 2, 3])
    }

    @Test("a connection that is cut anywhere between order and answer: each fact is there once, in its order")
    func cut() async throws {
        let server = try PostgresServer(onLoopback: true)
        let url = try server.makeTables()
        let direct = try PostgresJournalStore(url: url)
        let proxy = WireProxy(to: server.port)
        let database = url.dropFirst("postgres://postgres@/".count).prefix { $0 != "?" }
        let through = "postgres://postgres@127.0.0.1:\(proxy.port)/\(database)?sslmode=disable&gssencmode=disable"
        // What comes back until the first answer to an append, and a little more.
        let handshake = try await carried(by: proxy, to: through, direct)
        for bytes in stride(from: handshake.before - 30, through: handshake.after + 60, by: 23) {
            let id = try await direct.makeRollout()
            let lease = try await direct.take(id)
            proxy.fault = WireProxy.Fault(kind: .reset, bytes: bytes)
            let store = try PostgresJournalStore(url: through)
            let healing = Task {
                try await Task.sleep(for: .milliseconds(60))
                proxy.fault = nil
            }
            for number in 1...4 {
                let entry = try await Self.insist { try await Self.push(number, to: id, in: store, lease) }
                #expect(entry.sequence == Int64(number) + 1)
            }
            try await healing.value
            let kept = try await direct.entries(of: id, after: 1).map { Self.number(of: $0) }
            #expect(kept == [1, 2, 3, 4], "cut after \(bytes) bytes")
            await store.close()
        }
    }

    /// How many bytes came from the server before and after a first append.
    private func carried(by proxy: WireProxy, to url: String, _ direct: PostgresJournalStore) async throws
        -> (before: Int, after: Int)
    {
        let id = try await direct.makeRollout()
        let store = try PostgresJournalStore(url: url)
        // A lease goes over the same session.
        let lease = try await store.take(id)
        let before = proxy.carried.fromServer
        _ = try await Self.push(1, to: id, in: store, lease)
        let after = proxy.carried.fromServer
        await store.close()
        return (before / 2, after)
    }

    @Test("a server that is away is said to be so at once, by name and without delay, and is found when it is back")
    func serverAway() async throws {
        let server = try PostgresServer()
        let store = try server.makeStore()
        let id = try await store.makeRollout()
        server.stop()
        let clock = ContinuousClock()
        for _ in 0..<5 {
            let start = clock.now
            let error = await trouble {
                _ = try await store.record(OperatorRequest(.pause, by: "ada"), for: id, at: noon)
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains(store.name) == true)
            #expect(start.duration(to: clock.now) < .seconds(20))
        }
        try server.start()
        let entry = try await Self.insist {
            try await store.record(OperatorRequest(.pause, by: "ada"), for: id, at: noon)
        }
        #expect(entry.sequence == 2)
    }

    @Test("kill -9 of a process in the middle of appends loses no acknowledged fact and leaves no gap")
    func processKilled() async throws {
        let url = try PostgresServer.shared.get().makeTables()
        let store = try PostgresJournalStore(url: url)
        let id = try await store.makeRollout()
        var acknowledged: Set<Int64> = []
        for _ in 0..<5 {
            let fence = try await takeForWriter(store, id)
            let writer = try CrashWriter("driver", url, "\(id.number)", "\(fence)", "\(Int.max)")
            writer.wait(for: 2)
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...250)))
            writer.kill()
            acknowledged.formUnion(writer.acknowledged())
            let sequences = try await store.entries(of: id, after: 0).map(\.sequence)
            #expect(sequences == Array(1...Int64(sequences.count)))
            #expect(acknowledged.isSubset(of: sequences))
        }
        #expect(acknowledged.count > 5, "the writers were killed before they wrote anything")
    }

    @Test("a driver and an operator in two processes append at once: each fact once, no gap")
    func twoProcesses() async throws {
        let url = try PostgresServer.shared.get().makeTables()
        let store = try PostgresJournalStore(url: url)
        let id = try await store.makeRollout()
        let fence = try await takeForWriter(store, id)
        let driver = try CrashWriter("driver", url, "\(id.number)", "\(fence)", "150")
        let person = try CrashWriter("operator", url, "\(id.number)", "150")
        let (driven, asked) = (driver.acknowledged(), person.acknowledged())
        #expect((driven + asked).sorted() == Array(2...301))
        let entries = try await store.entries(of: id, after: 1)
        #expect(entries.filter { $0.fence == 0 }.map(\.sequence) == asked)
        #expect(entries.filter { $0.fence == fence }.map(\.sequence) == driven)
    }

    @Test("a process whose lease is stolen cannot append one more fact")
    func stolen() async throws {
        let url = try PostgresServer.shared.get().makeTables()
        let store = try PostgresJournalStore(url: url)
        let id = try await store.makeRollout()
        let fence = try await takeForWriter(store, id)
        let writer = try CrashWriter("driver", url, "\(id.number)", "\(fence)", "50000")
        while try await store.entries(of: id, after: 5).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let thief = try await store.take(id, "bob@rbx pid 2", steal: true, at: Instant(milliseconds: 1_000_000))
        let atTheft = try await store.entries(of: id, after: 0).count
        #expect(writer.acknowledged().last == Int64(atTheft))
        #expect(try await store.entries(of: id, after: 0).count == atTheft)
        try await store.push("gra-eco-02", id, thief, at: Instant(milliseconds: 1_000_000))
    }

    @Test("two rollouts that claim one failure domain at the same time: one of them gets it")
    func claimsAtOnce() async throws {
        let url = try PostgresServer.shared.get().makeTables()
        let stores = try (0..<4).map { _ in try PostgresJournalStore(url: url) }
        var rollouts: [(PostgresJournalStore, RolloutID, Lease)] = []
        for store in stores {
            let id = try await store.makeRollout()
            rollouts.append((store, id, try await store.take(id)))
        }
        for round in 1...25 {
            let claim = DomainClaim(domain: FailureDomain(kind: "pair", value: "p\(round)"), device: "gra-eco-01")
            let winners = await withTaskGroup(of: Bool.self) { group in
                for (store, id, lease) in rollouts {
                    group.addTask {
                        let error = await trouble {
                            _ = try await store.append(
                                [.waveStarted(wave: round)], to: id, under: lease, claiming: [claim], releasing: [],
                                at: noon)
                        }
                        return error == nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 1)
        }
        #expect(try await stores[0].claims().count == 25)
    }

    @Test("a lease that several take at the same time is got by one of them, and a renewal does not bring one back")
    func leasesAtOnce() async throws {
        let url = try PostgresServer.shared.get().makeTables()
        let stores = try (0..<4).map { _ in try PostgresJournalStore(url: url) }
        // Sessions are there before it counts.
        for store in stores { _ = try await store.take(try await store.makeRollout()) }
        for _ in 1...25 {
            let id = try await stores[0].makeRollout()
            let leases = await withTaskGroup(of: Lease?.self) { group in
                for (number, store) in stores.enumerated() {
                    group.addTask { try? await store.take(id, "driver \(number)") }
                }
                return await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
            }
            #expect(leases.count == 1)
            // Taken over and renewed at the same time: whoever took it over has it.
            let lease = try #require(leases.first)
            async let renewed = try? stores[1].renew(lease, lasting: .seconds(60), at: noon)
            async let stolen = stores[2].take(id, "thief", steal: true)
            let (thief, _) = (try await stolen, await renewed)
            let kept = try await stores[3].lease(of: id)
            #expect(kept == thief)
        }
    }

    @Test("a full tablespace refuses new work, still takes outcomes and requests, and goes on when there is room")
    func full() async throws {
        let server = try PostgresServer()
        let disk = try Mount(options: "size=40m,mode=777")
        guard disk.isMounted else { return }
        try PostgresServer.lend(disk.folder)
        try server.sql("CREATE TABLESPACE small LOCATION '\(disk.folder)'")
        let store = try server.makeStore("TABLESPACE small")
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        _ = try await Self.push(1, to: id, in: store, lease)
        try disk.fill(leaving: 0)

        var refused: StoreError?
        for number in 2..<3000 where refused == nil {
            refused = await trouble { _ = try await Self.push(number, to: id, in: store, lease) }
        }
        #expect(refused?.code == .full)
        #expect(refused?.message.contains("disk is full") == true)
        let step = DeviceStep(device: "gra-eco-01", kind: .push, attempt: 1)
        let after = try await store.append(
            [.outcome(step, .done(revertsAt: nil)), .paused(PauseReason(.storeFull, "the disk is full"))], to: id,
            under: lease, claiming: [], releasing: [], at: noon)
        #expect(after.count == 2)
        for _ in 0..<200 { _ = try await store.record(OperatorRequest(.pause, by: "ada"), for: id, at: noon) }
        _ = try await store.renew(lease, lasting: .seconds(30), at: noon)
        // Its room is for outcomes, not for another push, nor for what can be told from the facts, nor for samples.
        #expect(await trouble { _ = try await Self.push(1, to: id, in: store, lease) }?.code == .full)
        let state = try await store.state(of: id)
        #expect(await trouble { try await store.keep(try StateSnapshot(of: state), of: id) }?.code == .full)
        #expect(await trouble { try await store.append(samples: Samples.samples, to: id) }?.code == .full)

        try FileManager.default.removeItem(atPath: disk.folder + "/ballast")
        _ = try await Self.push(2, to: id, in: store, lease)
        try await store.append(samples: Samples.samples, to: id)
        await store.close()
    }

    @Test("tables are brought forward while a rollout is driven: it goes on, unless its program must not")
    func migratedMeanwhile() async throws {
        let url = try PostgresServer.shared.get().makeTables()
        let store = try PostgresJournalStore(url: url)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        let next = PostgresSchema.newest + 1
        let later =
            PostgresSchema.migrations + [
                PostgresSchema.Migration(
                    version: next, name: "later", oldestProgram: 1,
                    sql: """
                        ALTER TABLE rollout.entries ADD COLUMN later integer;
                        CREATE FUNCTION rollout.look() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                        CREATE TRIGGER look AFTER INSERT ON rollout.entries FOR EACH ROW EXECUTE FUNCTION rollout.look();
                        """)
            ]
        // The store is never away meanwhile.
        _ = try await Self.pushes(to: id, in: store, lease, insisting: false) {
            try await Self.wait(until: 10, in: store, id)
            let taken = try PostgresMigrator(try PostgresLocation(url), later).migrate()
            #expect(taken.map(\.version) == [next])
            let meanwhile = try await store.entries(of: id, after: 1).count
            try await Self.wait(until: meanwhile + 10, in: store, id)
        }
        let count = try await store.entries(of: id, after: 0).count
        #expect(count > 20, "hardly anything was written: \(count)")

        let last =
            later + [
                PostgresSchema.Migration(version: next + 1, name: "last", oldestProgram: next + 1, sql: "SELECT 1")
            ]
        _ = try PostgresMigrator(try PostgresLocation(url), last).migrate()
        let error = await trouble { _ = try await Self.push(1, to: id, in: store, lease) }
        #expect(error?.code == .tooNew)
        #expect(try await store.entries(of: id, after: 0).count == count)
    }

    @Test("a step that cannot be taken because somebody reads for long lets go, so that nobody queues behind it")
    func migrationLetsGo() async throws {
        let url = try PostgresServer.shared.get().makeTables()
        let store = try PostgresJournalStore(url: url)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        let reader = try PostgresSession(
            try PostgresLocation(url),
            PostgresSession.Settings(purpose: "test", statementLimit: .seconds(60), isDurable: false))
        try reader.query("BEGIN")
        try reader.query("SELECT count(*) FROM rollout.entries")
        let next = PostgresSchema.newest + 1
        let later =
            PostgresSchema.migrations + [
                PostgresSchema.Migration(
                    version: next, name: "later", oldestProgram: 1,
                    sql: "ALTER TABLE rollout.entries ADD COLUMN later integer")
            ]
        let migrating = Task.detached {
            try PostgresMigrator(try PostgresLocation(url), later, lockLimit: .milliseconds(300), tries: 60).migrate()
        }
        let clock = ContinuousClock()
        for number in 1...20 {
            let start = clock.now
            _ = try await Self.push(number, to: id, in: store, lease)
            #expect(start.duration(to: clock.now) < .seconds(10))
            try await Task.sleep(for: .milliseconds(50))
        }
        try reader.query("COMMIT")
        #expect(try await migrating.value.count == 1)
    }

    @Test("processes that bring one database forward at the same time all succeed, and each step is taken once")
    func migratedAtOnce() async throws {
        let url = try PostgresServer.shared.get().makeDatabase()
        let taken = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { try PostgresMigrator(try PostgresLocation(url)).migrate().count }
            }
            return try await group.reduce(0, +)
        }
        #expect(taken == PostgresSchema.migrations.count)
    }

    @Test("texts are found again where they stand one behind the other, and nowhere else")
    func doubt() {
        let found: [(sequence: Int64, text: String)] = [(4, "a"), (5, "b"), (7, "a"), (8, "b"), (9, "c")]
        #expect(PostgresAttempt.first(of: ["a", "b"], in: found) == 4)
        #expect(PostgresAttempt.first(of: ["b", "c"], in: found) == 8)
        #expect(PostgresAttempt.first(of: ["b", "a"], in: found) == nil)
        #expect(PostgresAttempt.first(of: ["c", "d"], in: found) == nil)
        #expect(PostgresAttempt.first(of: [], in: found) == nil)
    }

    // MARK: Tools

    static func push(_ number: Int, to id: RolloutID, in store: PostgresJournalStore, _ lease: Lease)
        async throws -> JournalEntry
    {
        let step = DeviceStep(device: "gra-eco-01", kind: .push, attempt: number)
        return try await store.append(
            [.intent(step)], to: id, under: lease, claiming: [], releasing: [], at: noon)[0]
    }

    static func number(of entry: JournalEntry) -> Int {
        if case .intent(let step) = entry.fact { step.attempt } else { 0 }
    }

    /// Pushes one after the other for as long as something else takes; if either fails, so does the other, with that error.
    ///
    /// - Parameter insisting: Whether a store that is away is waited for.
    /// - Returns: What was acknowledged: the number of the push that each fact is.
    static func pushes(
        to id: RolloutID, in store: PostgresJournalStore, _ lease: Lease, insisting: Bool = true,
        while body: @escaping @Sendable () async throws -> Void
    ) async throws -> [Int64: Int] {
        let isOver = Flag()
        return try await withThrowingTaskGroup(of: [Int64: Int].self) { group in
            group.addTask {
                var acknowledged: [Int64: Int] = [:]
                var number = 0
                while !isOver.isSet {
                    number += 1
                    let next = number
                    let attempt = { try await push(next, to: id, in: store, lease) }
                    let entry = insisting ? try await insist(attempt) : try await attempt()
                    acknowledged[entry.sequence] = number
                }
                return acknowledged
            }
            group.addTask {
                try await body()
                isOver.set()
                return [:]
            }
            return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        }
    }

    /// Something that one task says to another.
    private final class Flag: Sendable {
        private let state = Mutex(false)
        var isSet: Bool { state.withLock(\.self) }
        func set() { state.withLock { $0 = true } }
    }

    /// Waits until a rollout has as many facts after its first as a test needs, on a machine of any speed.
    static func wait(until count: Int, in store: PostgresJournalStore, _ id: RolloutID) async throws {
        while try await insist({ try await store.entries(of: id, after: 1) }).count < count {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Does it again as long as the store is away, as a runner does; a standby of a busy machine takes its time to take over.
    static func insist<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        for _ in 0..<2000 {
            do {
                return try await work()
            } catch let error as StoreError where error.code == .unavailable {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        return try await work()
    }

    private func takeForWriter(_ store: PostgresJournalStore, _ id: RolloutID) async throws -> Int64 {
        try await store.acquireLease(
            of: id, holder: "crash writer", lasting: .minutes(60), steal: true, at: Instant(milliseconds: 1_000_000)
        ).fence
    }
}

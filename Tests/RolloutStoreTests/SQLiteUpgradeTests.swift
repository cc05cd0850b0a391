import Foundation
import GRDB
import RolloutEngine
import Testing

@testable import RolloutStore

@Suite("The SQLite store when a newer version meets an older file", .timeLimit(.minutes(10)))
struct SQLiteUpgradeTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private var backup: String { scratch.path + ".before-2" }

    /// A store of the first version in the middle of a rollout: a push without its outcome, a lease, a claim, samples.
    private func rolloutUnderWay(readings: Int = 1) async throws -> (
        store: SQLiteJournalStore, id: RolloutID, lease: Lease, claim: DomainClaim
    ) {
        let old = try SQLiteJournalStore(path: scratch.path, version: 1)
        let id = try await old.makeRollout()
        let lease = try await old.take(id)
        let claim = DomainClaim(domain: FailureDomain(kind: "pair", value: "eco-01"), device: "gra-eco-01")
        let step = DeviceStep(device: "gra-eco-01", kind: .push, attempt: 1)
        _ = try await old.append(
            Samples.facts + [.intent(step)], to: id, under: lease, claiming: [claim], releasing: [], at: noon)
        try await old.file.write(essential: true) { database in
            try database.execute(
                sql: """
                    INSERT INTO samples (rollout, at, is_link, subject, uptime) VALUES
                        (\(id.number), \(noon.milliseconds), 0, 'gra-eco-01', 4294967295),
                        (\(id.number), \(noon.milliseconds + 1), 1, 'gra-core-1', NULL);
                    WITH RECURSIVE places (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM places LIMIT \(readings))
                        INSERT INTO readings (sample, place, name, in_octets, wide) SELECT 1, place, 'e0', -1, 1 FROM places;
                    """)
        }
        return (old, id, lease, claim)
    }

    private func version(_ path: String) throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read {
            try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations ORDER BY identifier")
        }
    }

    @Test("in the middle of a rollout every fact, lease, claim and sample reads the same, and the rollout goes on")
    func upgraded() async throws {
        let (old, id, lease, claim) = try await rolloutUnderWay()
        let entries = try await old.entries(of: id, after: 0)
        try old.close()

        let new = try SQLiteJournalStore(path: scratch.path)
        #expect(try await new.entries(of: id, after: 0) == entries)
        #expect(try await new.plan(of: id) == Data("a plan".utf8))
        #expect(try await new.lease(of: id) == lease)
        #expect(try await new.claims() == [HeldClaim(claim: claim, rollout: id)])
        let reading = InterfaceReading(name: "e0", inOctets: .bits64(.max))
        let samples = [
            CounterSample(subject: .device("gra-eco-01"), at: noon, uptime: .max, interfaces: [reading]),
            CounterSample(subject: .link("gra-core-1"), at: noon + .milliseconds(1)),
        ]
        #expect(try await new.samples(of: id, since: noon) == samples)

        // Whoever held the lease goes on under its fence; whoever takes over has a greater one, and the old one has no right.
        let step = DeviceStep(device: "gra-eco-01", kind: .push, attempt: 1)
        let outcome = Fact.outcome(step, .failed(DriverError(.connectionLost, "broken pipe", effect: .possible)))
        let added = try await new.append([outcome], to: id, under: lease, claiming: [], releasing: [claim], at: noon)
        #expect(added.map(\.sequence) == [Int64(entries.count) + 1])
        let next = try await new.take(id, "bob@rbx pid 2", steal: true)
        #expect(next.fence > lease.fence)
        #expect(await trouble { try await new.push("gra-eco-02", id, lease) }?.code == .leaseLost)
        try await new.push("gra-eco-02", id, next)
        try await new.append(samples: Samples.samples, to: id)
        #expect(try await new.samples(of: id, since: noon).count == samples.count + Samples.samples.count)
    }

    @Test("the copy is beside the file, only for its owner, and reads as the store was")
    func copied() async throws {
        let (old, id, lease, _) = try await rolloutUnderWay()
        let entries = try await old.entries(of: id, after: 0)
        _ = try SQLiteJournalStore(path: scratch.path)
        #expect(try version(scratch.path).count == JournalSchema.newest)
        #expect(try version(backup) == ["1 journal"])
        #expect(try FileManager.default.attributesOfItem(atPath: backup)[.posixPermissions] as? Int == 0o600)
        #expect(!FileManager.default.fileExists(atPath: backup + ".new"))
        let copy = try SQLiteJournalStore(path: backup, version: 1)
        #expect(try await copy.entries(of: id, after: 0) == entries)
        #expect(try await copy.lease(of: id) == lease)
        try copy.close()
        // An upgraded store is not copied again, and neither is a new one.
        try FileManager.default.removeItem(atPath: backup)
        _ = try SQLiteJournalStore(path: scratch.path)
        _ = try SQLiteJournalStore(path: scratch.folder + "/new/rollout.db")
        #expect(!FileManager.default.fileExists(atPath: backup))
        #expect(!FileManager.default.fileExists(atPath: scratch.folder + "/new/rollout.db.before-2"))
    }

    @Test("what only adds tables copies nothing, and an older program stops all the same")
    func added() async throws {
        let old = try SQLiteJournalStore(path: scratch.path, version: 2)
        let id = try await old.makeRollout()
        let lease = try await old.take(id)
        try await old.push("gra-eco-01", id, lease)
        let new = try SQLiteJournalStore(path: scratch.path)
        let state = try await new.state(of: id)
        try await new.keep(try StateSnapshot(of: state), of: id)
        #expect(try await new.state(of: id) == state)
        #expect(await trouble { try await old.push("gra-eco-02", id, lease) }?.code == .tooNew)
        try await new.push("gra-eco-02", id, lease)
        let files = try FileManager.default.contentsOfDirectory(
            atPath: URL(fileURLWithPath: scratch.path).deletingLastPathComponent().path)
        #expect(!files.contains { $0.contains("before") }, "\(files)")
    }

    @Test("a process that had the older file open writes nothing more, and says why")
    func olderProcess() async throws {
        let (old, id, lease, _) = try await rolloutUnderWay()
        let new = try SQLiteJournalStore(path: scratch.path)
        let count = try await new.entries(of: id, after: 0).count
        let writes: [() async throws -> Void] = [
            { try await old.push("gra-eco-02", id, lease) },
            { _ = try await old.renew(lease, lasting: .seconds(30), at: noon) },
            { _ = try await old.take(id, "bob", steal: true) },
            { _ = try await old.record(OperatorRequest(.pause, by: "bob"), for: id, at: noon) },
            { try await old.append(samples: Samples.samples, to: id) },
            { _ = try await old.makeRollout() },
        ]
        for write in writes {
            let error = await trouble(write)
            #expect(error?.code == .tooNew)
            #expect(error?.message.contains("upgraded by a newer version of rollout") == true)
        }
        #expect(try await new.entries(of: id, after: 0).count == count)
        try await new.push("gra-eco-02", id, lease)
    }

    @Test(
        "a program from before there were upgrades is refused by the file itself",
        arguments: [
            "INSERT INTO entries VALUES (1, 99, 0, 1, 'driving', NULL, '{}')",
            "INSERT OR REPLACE INTO leases VALUES (1, 'ada', 1, 0)", "INSERT INTO claims VALUES ('pair', 'x', 1, 'd')",
            "INSERT INTO samples (rollout, at, is_link, subject) VALUES (1, 0, 0, 'd')",
            "INSERT INTO rollouts (plan, plan_digest, title, created_at, created_by) VALUES (1, '', '', 0, '')",
        ])
    func ancientProgram(_ statement: String) async throws {
        let (_, _, _, _) = try await rolloutUnderWay()
        // The store that was let go a moment ago may still be closing its file.
        var patient = Configuration()
        patient.busyMode = .timeout(30)
        let ancient = try DatabaseQueue(path: scratch.path, configuration: patient)
        // Before the upgrade it means something.
        try await ancient.read { _ = try $0.makeStatement(sql: statement) }
        _ = try SQLiteJournalStore(path: scratch.path)
        let error = await #expect(throws: DatabaseError.self) {
            try await ancient.write { try $0.execute(sql: statement) }
        }
        let says = error?.message ?? ""
        #expect(says.contains("upgraded_by_a_newer_rollout") || says.contains("no column named is_link"))
    }

    @Test("kill -9 in the middle leaves the old store or the new one, whole, and what was not finished is finished")
    func killed() async throws {
        let (old, id, _, _) = try await rolloutUnderWay(readings: 120_000)
        let entries = try await old.entries(of: id, after: 0)
        try old.close()
        let original = scratch.folder + "/original.db"
        try FileManager.default.copyItem(atPath: scratch.path, toPath: original)
        var outcomes: Set<Int> = []
        for round in 0..<16 {
            for name in [scratch.path, scratch.path + "-wal", scratch.path + "-shm", backup, backup + ".new"] {
                try? FileManager.default.removeItem(atPath: name)
            }
            try FileManager.default.copyItem(atPath: original, toPath: scratch.path)
            let writer = try CrashWriter("operator", scratch.path, "1", "0")
            // A task that sleeps is woken late on a busy machine: later than all of the upgrade takes.
            usleep(15_000 * UInt32(round))
            writer.kill()
            _ = writer.acknowledged()
            let found = try version(scratch.path).count
            outcomes.insert(found)
            if found > 1 { #expect(try version(backup) == ["1 journal"]) }
            let store = try SQLiteJournalStore(path: scratch.path)
            #expect(try await store.entries(of: id, after: 0) == entries)
            #expect(try await store.samples(of: id, since: noon).first?.interfaces.count == 120_000)
            #expect(try version(backup) == ["1 journal"])
            #expect(!FileManager.default.fileExists(atPath: backup + ".new"))
            try store.close()
        }
        #expect(outcomes.isSuperset(of: [1, JournalSchema.newest]), "no kill came before the end, or none after it")
    }

    @Test("processes that upgrade one store at the same time all succeed, and go on to write")
    func atOnce() async throws {
        let (old, id, _, _) = try await rolloutUnderWay(readings: 20_000)
        let count = try await old.entries(of: id, after: 0).count
        try old.close()
        let writers = try (0..<4).map { _ in try CrashWriter("operator", scratch.path, "1", "20") }
        let sequences = writers.flatMap { $0.acknowledged() }
        #expect(sequences.sorted() == (1...80).map { Int64(count + $0) })
        #expect(try version(backup) == ["1 journal"])
        let store = try SQLiteJournalStore(path: scratch.path)
        #expect(try await store.file.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
    }

    @Test(
        "without room for the copy nothing is changed, and how much is needed is said",
        .enabled(if: Surroundings.canMount, "small file systems can only be mounted as root"))
    func noRoom() async throws {
        let (old, id, _, _) = try await rolloutUnderWay(readings: 40_000)
        let entries = try await old.entries(of: id, after: 0)
        try old.close()
        let disk = try Mount(options: "size=8m")
        let path = disk.folder + "/rollout.db"
        try FileManager.default.copyItem(atPath: scratch.path, toPath: path)
        try disk.fill(leaving: 2 << 20)
        let error = await trouble { _ = try SQLiteJournalStore(path: path) }
        #expect(error?.code == .full)
        #expect(error?.message.contains("no room for the copy that is kept first") == true)
        #expect(try version(path) == ["1 journal"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.folder).allSatisfy { !$0.contains("before") })
        try FileManager.default.removeItem(atPath: disk.folder + "/ballast")
        #expect(try await SQLiteJournalStore(path: path).entries(of: id, after: 0) == entries)
    }
}

import Foundation
import GRDB
import RolloutEngine
import Testing

@testable import RolloutStore

@Suite("The SQLite store's file", .timeLimit(.minutes(10)))
struct SQLiteFileTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("every connection commits to the disk before it acknowledges", arguments: [1, 2, 3])
    func durable(_ opening: Int) async throws {
        for _ in 0..<opening {
            let store = try SQLiteJournalStore(path: scratch.path)
            let pragmas = try await store.file.read { database in
                try ["synchronous", "journal_mode", "foreign_keys", "busy_timeout"].map {
                    try String.fetchOne(database, sql: "PRAGMA \($0)")
                }
            }
            #expect(pragmas == ["2", "wal", "1", "5000"])
        }
    }

    @Test("only its owner can read the store and its folder")
    func modes() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        _ = try await store.makeRollout()
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        for suffix in ["", "-wal", "-shm", "-reserve"] { #expect(try mode(scratch.path + suffix) == 0o600) }
        #expect(try mode((scratch.path as NSString).deletingLastPathComponent) == 0o700)
    }

    @Test("what one opening wrote, the next one reads")
    func reopened() async throws {
        let first = try SQLiteJournalStore(path: scratch.path)
        let id = try await first.makeRollout()
        let lease = try await first.take(id)
        try await first.push("gra-eco-01", id, lease)
        try await first.append(samples: Samples.samples, to: id)
        try first.close()
        let second = try SQLiteJournalStore(path: scratch.path)
        #expect(try await second.entries(of: id, after: 0).count == 2)
        #expect(try await second.lease(of: id) == lease)
        #expect(try await second.samples(of: id, since: noon) == Samples.samples)
        let later = await trouble { _ = try await first.rollouts() }
        #expect(later?.code == .unavailable)
    }

    @Test("the bytes of a plan are kept once, however many rollouts it has")
    func planOnce() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        for _ in 0..<3 { _ = try await store.makeRollout() }
        #expect(try await store.file.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM plans") } == 1)
    }

    @Test(
        "facts can be neither changed nor removed, even by hand",
        arguments: ["UPDATE entries SET at = 0", "DELETE FROM entries"])
    func appendOnly(_ statement: String) async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        _ = try await store.makeRollout()
        #expect(await trouble { try await store.file.write(essential: true) { try $0.execute(sql: statement) } } != nil)
        #expect(try await store.entries(of: RolloutID(1), after: 0).count == 1)
    }

    @Test("a store of a newer version is refused and left as it is")
    func tooNew() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        try await store.file.write(essential: true) { database in
            try database.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 from the future')")
        }
        try store.close()
        let error = await trouble { _ = try SQLiteJournalStore(path: scratch.path) }
        #expect(error?.code == .tooNew)
        #expect(error?.message.contains(scratch.path) == true)
    }

    @Test("a creation that was cut off is completed")
    func halfCreated() async throws {
        try FileManager.default.createDirectory(
            atPath: (scratch.path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: scratch.path)
        try await queue.write {
            try $0.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        }
        try queue.close()
        _ = try await SQLiteJournalStore(path: scratch.path).makeRollout()
    }

    @Test("another program's database is refused and left as it is")
    func stranger() async throws {
        let path = scratch.folder + "/photos.db"
        let queue = try DatabaseQueue(path: path)
        try await queue.write { try $0.execute(sql: "CREATE TABLE photos (id INTEGER)") }
        try queue.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let error = await trouble { _ = try SQLiteJournalStore(path: path) }
        #expect(error?.code == .corrupt)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test("a file that is no database is refused and left as it is", arguments: [1, 100, 5000])
    func garbage(_ size: Int) async throws {
        let path = scratch.folder + "/garbage.db"
        let bytes = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) })
        try bytes.write(to: URL(fileURLWithPath: path))
        let error = await trouble { _ = try SQLiteJournalStore(path: path) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains(path) == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }

    @Test("a store that was torn apart in the middle says that it is damaged, and which file")
    func damaged() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        let facts = (0..<400).map { Fact.waveStarted(wave: $0) }
        _ = try await store.append(facts, to: id, under: lease, claiming: [], releasing: [], at: noon)
        try store.close()
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.path))
        let size = try handle.seekToEnd()
        try handle.seek(toOffset: 4096)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - 4096))
        try handle.close()
        let error = await trouble {
            _ = try await SQLiteJournalStore(path: scratch.path).entries(of: id, after: 0)
        }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains(scratch.path) == true)
    }

    @Test("a fact that cannot be read is named by number and rollout")
    func unreadableFact() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        let id = try await store.makeRollout()
        try await store.file.write(essential: true) { database in
            try database.execute(
                sql: "INSERT INTO entries VALUES (1, 2, 0, 0, 'driving', NULL, '{\"moonwalk\":{}}')")
        }
        let error = await trouble { _ = try await store.entries(of: id, after: 0) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("fact 2 of rollout #1") == true)
    }

    @Test("a store that is replaced while it is in use takes nothing more", arguments: [true, false])
    func replaced(isRemoved: Bool) async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        try await store.push("gra-eco-01", id, lease)
        try FileManager.default.moveItem(atPath: scratch.path, toPath: scratch.path + "-away")
        if !isRemoved { try FileManager.default.copyItem(atPath: scratch.path + "-away", toPath: scratch.path) }
        let error = await trouble { try await store.push("gra-eco-02", id, lease) }
        #expect(error?.code == .unavailable && error?.message.contains("replaced") == true)
        // The same file again is the same store again.
        try? FileManager.default.removeItem(atPath: scratch.path)
        try FileManager.default.moveItem(atPath: scratch.path + "-away", toPath: scratch.path)
        try await store.push("gra-eco-02", id, lease)
        #expect(try await store.entries(of: id, after: 1).count == 2)
    }

    @Test("a gap in the journal is noticed")
    func gap() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        let id = try await store.makeRollout()
        try await store.file.write(essential: true) { database in
            try database.execute(sql: "INSERT INTO entries SELECT 1, 3, at, fence, kind, device, fact FROM entries")
        }
        #expect(await trouble { _ = try await store.entries(of: id, after: 0) }?.code == .corrupt)
    }

    @Test("a folder where nothing can be created is named", arguments: ["/proc/rollout/x.db", "/dev/null/x.db"])
    func noFolder(_ path: String) async throws {
        let error = await trouble { _ = try SQLiteJournalStore(path: path) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains((path as NSString).deletingLastPathComponent) == true)
    }

    @Test(
        "nobody changes or removes what was said beside the rollouts, and who gets around that is found out",
        arguments: [
            "UPDATE service_entries SET said_by = 'eve' WHERE sequence = 2",
            "DELETE FROM service_entries WHERE sequence = 2",
        ])
    func serviceJournalStays(_ statement: String) async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        for fact in [ServiceFact.lineStopped, .lineReleased, .lineStopped] {
            _ = try await store.append(fact, by: "ada", reason: nil, after: nil, at: noon)
        }
        let other = try DatabaseQueue(path: scratch.path)
        let error = await #expect(throws: DatabaseError.self) {
            try await other.write { try $0.execute(sql: statement) }
        }
        #expect(error?.message?.contains("of the service journal are never") == true)
        try await other.write {
            try $0.execute(sql: "DROP TRIGGER service_entries_never_change; DROP TRIGGER service_entries_never_go")
            try $0.execute(sql: statement)
        }
        var found: ChainBreak?
        let unreadable = await trouble {
            var chain = ServiceChain.start
            for entry in try await store.serviceEntries(after: 0) where found == nil { found = try chain.take(entry) }
        }
        #expect(found == .changed(2) || unreadable?.message.contains("entry 2 is missing") == true)
    }

    @Test("a write lock that is never given back ends in words after 5 s")
    func locked() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: scratch.path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let error = await trouble { _ = try await store.makeRollout() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("another process") == true)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        _ = try await store.makeRollout()
    }
}

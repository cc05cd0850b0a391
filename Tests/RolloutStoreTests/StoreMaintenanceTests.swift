import Foundation
import PostgresBench
import RolloutEngine
import Testing

@testable import RolloutStore

@Suite("Stores as a whole", .timeLimit(.minutes(10)))
struct StoreMaintenanceTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("a file store is copied whole while it is open, for this user only, and never over another file")
    func backsUpFile() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        let id = try await store.makeRollout()
        let copy = scratch.folder + "/copy.db"
        let size = try await StoreMaintenance(scratch.path).backUp(to: copy)
        let attributes = try FileManager.default.attributesOfItem(atPath: copy)
        #expect(attributes[.size] as? Int64 == size)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try await SQLiteJournalStore(path: copy).entries(of: id, after: 0).count == 1)
        let again = await trouble { _ = try await StoreMaintenance(scratch.path).backUp(to: copy) }
        #expect(again?.message.contains("is there already") == true)
    }

    @Test("a check says what is wrong in a sentence, and nothing of what is right")
    func checksFile() async throws {
        let store = try SQLiteJournalStore(path: scratch.path)
        #expect(try await StoreMaintenance(scratch.path).check() == [])
        _ = try await store.makeRollout()
        // The plan of this rollout is none.
        let complaints = try await StoreMaintenance(scratch.path).check()
        #expect(complaints.count == 1)
        #expect(complaints.first?.contains("plan of rollout #1") == true)
    }
}

@Suite(
    "A store in PostgreSQL as a whole", .timeLimit(.minutes(10)),
    .enabled(if: PostgresServer.isAvailable, "a server of PostgreSQL 15 can only be started as root"))
struct PostgresMaintenanceTests {
    let scratch: Scratch
    let server: PostgresServer

    init() throws {
        scratch = try Scratch()
        server = try PostgresServer.shared.get()
    }

    @Test("a copy from a file has every rollout, fact, fence, lease, claim, snapshot and sample")
    func copies() async throws {
        let (file, id) = try await filled()
        let url = try server.makeTables()
        let later = noon + .minutes(60)
        let amount = try await StoreCopy(from: scratch.path, to: url).run(by: "ada", at: later)
        #expect(amount.rollouts == 2)
        #expect(amount.samples == Samples.samples.count)
        let store = try PostgresJournalStore(url: url)
        #expect(try await store.rollouts() == file.rollouts())
        // The file's own rollouts are paused after they were copied.
        let before = try await file.entries(of: id, after: 0).dropLast()
        #expect(try await store.entries(of: id, after: 0) == Array(before))
        #expect(try await file.state(of: id).pause(.operator) != nil)
        #expect(try await store.state(of: id).pause(.operator) == nil)
        #expect(try await store.claims() == file.claims())
        #expect(try await store.lease(of: id) == file.lease(of: id))
        #expect(try await store.snapshot(of: id) == file.snapshot(of: id))
        #expect(try await store.samples(of: id, since: noon) == Samples.samples)
        #expect(try await store.serviceEntries(after: 0) == file.serviceEntries(after: 0))
        // What comes next has a number and a fence that nobody had.
        #expect(try await store.makeRollout() == RolloutID(3))
        let lease = try #require(try await file.lease(of: id))
        #expect(try await store.take(id, steal: true, at: later).fence > lease.fence)
    }

    @Test("hundreds of thousands of values are copied in parts, across days and several rollouts, and none is missing")
    func copiesMany() async throws {
        let file = try SQLiteJournalStore(path: scratch.path)
        // Pages end in the middle of an instant, and one ends where the samples do.
        let counts = [3 * SamplePage.size + 777, SamplePage.size, 0]
        for count in counts {
            let id = try await file.makeRollout()
            for start in stride(from: 0, to: count, by: 1000) {
                let samples = (start..<min(start + 1000, count)).map { number in
                    let counter = Counter.bits64(UInt64(number))
                    return CounterSample(
                        subject: .device(DeviceName(rawValue: "d\(number % 7)")),
                        at: noon + .seconds(Int64(number / 7 * 60)),
                        interfaces: ["e0", "e1"].map { name in
                            InterfaceReading(
                                name: name, inOctets: counter, outOctets: counter, inErrors: counter,
                                outErrors: counter,
                                inDiscards: counter, outDiscards: counter)
                        })
                }
                try await file.append(samples: samples, to: id)
            }
        }
        let before = Self.peakMemory()
        let url = try server.makeTables()
        let amount = try await StoreCopy(from: scratch.path, to: url).run(by: "ada", at: noon)
        #expect(amount.samples == counts.reduce(0, +))
        let store = try PostgresJournalStore(url: url)
        for (number, count) in zip(Int64(1)..., counts) {
            let rows = "SELECT count(*) FROM rollout.readings WHERE rollout = \(number)"
            #expect(try server.sql(rows, in: url) == "\(2 * count)")
        }
        let last = try await store.samples(of: RolloutID(2), since: noon)
        #expect(last == (try await file.samples(of: RolloutID(2), since: noon)))
        print("copied \(12 * amount.samples) values; peak memory \(before), then \(Self.peakMemory())")
    }

    private static func peakMemory() -> String {
        let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        return status?.split(separator: "\n").first { $0.hasPrefix("VmHWM") }?.split(separator: " ").dropFirst()
            .joined(separator: " ") ?? "unknown"
    }

    @Test("nothing is copied over something, nor while somebody drives, nor in any other direction")
    func copyRefusals() async throws {
        let (file, id) = try await filled()
        let url = try server.makeTables()
        let driven = await trouble { _ = try await StoreCopy(from: scratch.path, to: url).run(by: "ada", at: noon) }
        #expect(driven?.code == .leaseHeld)
        _ = try await PostgresJournalStore(url: url).makeRollout()
        let later = noon + .minutes(60)
        let occupied = await trouble { _ = try await StoreCopy(from: scratch.path, to: url).run(by: "ada", at: later) }
        #expect(occupied?.message.contains("has 1 rollouts") == true)
        #expect(try await file.state(of: id).pause(.operator) == nil)
        for (from, to) in [(url, scratch.path), (scratch.path, scratch.path), (url, url), (scratch.path + "x", url)] {
            #expect(throws: StoreError.self) { try StoreCopy(from: from, to: to) }
        }
    }

    @Test("a backup can be restored into an empty database, and is the same store there")
    func backsUp() async throws {
        let (_, id) = try await filled()
        let url = try server.makeTables()
        _ = try await StoreCopy(from: scratch.path, to: url).run(by: "ada", at: noon + .minutes(60))
        let copy = scratch.folder + "/rollout.dump"
        #expect(try await StoreMaintenance(url).backUp(to: copy) > 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: copy)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let other = try server.makeDatabase()
        let restoring = Process()
        restoring.executableURL = URL(fileURLWithPath: "/usr/bin/pg_restore")
        restoring.arguments = ["--exit-on-error", "--single-transaction", "--dbname=\(other)", copy]
        try restoring.run()
        restoring.waitUntilExit()
        #expect(restoring.terminationStatus == 0)
        let (store, restored) = (try PostgresJournalStore(url: url), try PostgresJournalStore(url: other))
        #expect(try await restored.entries(of: id, after: 0) == store.entries(of: id, after: 0))
        #expect(try await restored.samples(of: id, since: noon) == store.samples(of: id, since: noon))
        #expect(try await restored.makeRollout() == RolloutID(3))
    }

    @Test("a check says that a trigger was switched off, and that the reserve is gone")
    func checks() async throws {
        let url = try server.makeTables()
        #expect(try await StoreMaintenance(url).check() == [])
        try server.sql("ALTER TABLE rollout.entries DISABLE TRIGGER entries_never_change", in: url)
        let complaints = try await StoreMaintenance(url).check()
        #expect(complaints.count == 1)
        #expect(complaints.first?.contains("triggers") == true)
    }

    /// A file store with all that a store can have.
    private func filled() async throws -> (SQLiteJournalStore, RolloutID) {
        let store = try SQLiteJournalStore(path: scratch.path)
        _ = try await store.makeRollout("first")
        let id = try await store.makeRollout("second")
        _ = try await store.take(id)
        let lease = try await store.take(id)
        let claim = DomainClaim(domain: FailureDomain(kind: "rack", value: "r1"), device: "gra-eco-01")
        _ = try await store.append(
            Array(Samples.facts.dropLast()), to: id, under: lease, claiming: [claim], releasing: [], at: noon)
        _ = try await store.record(OperatorRequest(.resume(nil), by: "bob"), for: id, at: noon)
        try await store.keep(try StateSnapshot(of: try await store.state(of: id)), of: id)
        try await store.append(samples: Samples.samples, to: id)
        _ = try await store.append(.lineStopped, by: "ada", reason: "a test", after: nil, at: noon)
        return (store, id)
    }
}

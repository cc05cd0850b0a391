import Foundation
import GRDB
import RolloutEngine
import Testing

@testable import RolloutStore

@Suite(
    "The SQLite store on a disk that fails it", .timeLimit(.minutes(10)),
    .enabled(if: Surroundings.canMount, "small file systems can only be mounted as root"))
struct SQLiteDiskTests {
    @Test("a full disk refuses new work, still takes outcomes and requests, and stays readable")
    func full() async throws {
        let disk = try Mount(options: "size=8m")
        let path = disk.folder + "/rollout.db"
        let store = try SQLiteJournalStore(path: path)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        try await store.push("gra-eco-01", id, lease)
        try disk.fill(leaving: 0)

        let refused = await pushUntilRefused(store, id, lease)
        #expect(refused?.code == .full)
        #expect(refused?.message.contains(path) == true)
        #expect(refused?.message.contains("KiB are free") == true)

        let step = DeviceStep(device: "gra-eco-01", kind: .push, attempt: 1)
        let after = try await store.append(
            [.outcome(step, .done(revertsAt: nil)), .paused(PauseReason(.deadline, "the disk is full"))], to: id,
            under: lease, claiming: [], releasing: [], at: noon)
        #expect(after.count == 2)
        _ = try await store.record(OperatorRequest(.pause, by: "ada"), for: id, at: noon)
        _ = try await store.renew(lease, lasting: .seconds(30), at: noon)
        // The reserve is spent: its room is for outcomes, not for another push.
        #expect(await trouble { try await store.push("gra-eco-03", id, lease) }?.code == .full)
        // Nor is it for what can be told from the facts.
        let state = RolloutState(folding: try await store.entries(of: id, after: 0))
        #expect(await trouble { try await store.keep(try StateSnapshot(of: state), of: id) }?.code == .full)
        #expect(try await store.state(of: id) == state)

        let reader = try SQLiteJournalStore(path: path)
        #expect(try await reader.entries(of: id, after: 0).suffix(2).first?.fact.isPause == true)
        #expect(try await reader.file.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")

        try FileManager.default.removeItem(atPath: disk.folder + "/ballast")
        try await store.push("gra-eco-03", id, lease)
    }

    @Test("a store that was closed can be read although the disk is full by now")
    func readable() async throws {
        let disk = try Mount(options: "size=8m")
        let path = disk.folder + "/rollout.db"
        let store = try SQLiteJournalStore(path: path)
        let id = try await store.makeRollout()
        try store.close()
        try disk.fill(leaving: 0)
        #expect(try await SQLiteJournalStore(path: path).entries(of: id, after: 0).count == 1)
    }

    @Test("a disk that is full from the start is said to be full", arguments: [0, 8192, 40_960, 65_536])
    func fullFromTheStart(_ bytes: Int) async throws {
        let disk = try Mount(options: "size=1m")
        try disk.fill(leaving: bytes)
        let error = await trouble { _ = try SQLiteJournalStore(path: disk.folder + "/rollout.db") }
        #expect(error?.code == .full, "\(String(describing: error))")
    }

    @Test("a read-only disk is said to be unavailable, with the path")
    func readOnly() async throws {
        let disk = try Mount(options: "size=8m")
        let path = disk.folder + "/rollout.db"
        try SQLiteJournalStore(path: path).close()
        try #require(disk.makeReadOnly())
        for name in [path, disk.folder + "/new/rollout.db", disk.folder + "/new.db"] {
            let error = await trouble { _ = try SQLiteJournalStore(path: name) }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains(disk.folder) == true)
        }
    }

    /// Pushes until the store refuses: the write-ahead log may have a little room left in its last block.
    private func pushUntilRefused(_ store: SQLiteJournalStore, _ id: RolloutID, _ lease: Lease) async -> StoreError? {
        for _ in 0..<200 {
            if let error = await trouble({ try await store.push("gra-eco-02", id, lease) }) { return error }
        }
        return nil
    }
}

extension Fact {
    fileprivate var isPause: Bool { if case .paused = self { true } else { false } }
}

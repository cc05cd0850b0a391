import Foundation
import PostgresBench
import RolloutEngine
import RolloutSimulation

@testable import RolloutStore

/// The adapters that pass the same suite: all that there are on this machine.
enum Adapter: String, CaseIterable {
    case sqlite
    case memory
    case postgres

    static var allCases: [Adapter] { [.sqlite, .memory] + (PostgresServer.isAvailable ? [.postgres] : []) }
}

/// A folder of its own for each test, removed afterwards.
final class Scratch {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "rollout-store-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var path: String { folder + "/state/rollout.db" }

    func store(_ adapter: Adapter) throws -> any JournalStore {
        switch adapter {
        case .sqlite: try SQLiteJournalStore(path: path)
        case .memory: MemoryJournalStore()
        case .postgres: try PostgresServer.shared.get().makeStore()
        }
    }
}

extension PostgresServer {
    /// A store with its tables, in a database of its own.
    func makeStore(_ clause: String = "") throws -> PostgresJournalStore {
        try PostgresJournalStore(url: try makeTables(clause))
    }

    /// A database with the tables of a store.
    ///
    /// - Returns: Its URL.
    func makeTables(_ clause: String = "") throws -> String {
        let url = try makeDatabase(clause)
        _ = try PostgresMigrator(try PostgresLocation(url)).migrate()
        return url
    }
}

let noon = Instant(milliseconds: 1_700_000_000_000)

extension JournalStore {
    /// A rollout with a plan of a few bytes.
    func makeRollout(_ title: String = "double-bandwidth") async throws -> RolloutID {
        try await create(
            plan: Data("a plan".utf8), digest: Digest(of: "a plan"), title: title, by: "ada", at: noon)
    }

    func take(_ id: RolloutID, _ holder: String = "ada@gra pid 1", steal: Bool = false, at now: Instant = noon)
        async throws -> Lease
    {
        try await acquireLease(of: id, holder: holder, lasting: .seconds(30), steal: steal, at: now)
    }

    func push(_ device: DeviceName, _ id: RolloutID, _ lease: Lease, at now: Instant = noon) async throws {
        let step = DeviceStep(device: device, kind: .push, attempt: 1)
        _ = try await append([.intent(step)], to: id, under: lease, claiming: [], releasing: [], at: now)
    }
}

/// The error that a call ends with, or nil when it succeeds.
func trouble(_ call: () async throws -> Void) async -> StoreError? {
    do {
        try await call()
        return nil
    } catch {
        return error as? StoreError
    }
}

internal import Foundation
public import RolloutEngine

/// What is done to a store as a whole, rather than to a rollout in it.
public struct StoreMaintenance: Sendable {
    /// Where the store is.
    private let place: Place

    private enum Place {
        case file(String)
        case server(PostgresLocation)
    }

    /// The store at a URL, as `StoreLocation.open` understands it; nothing is opened yet.
    ///
    /// - Throws: `.unavailable` for what names no store.
    public init(_ url: String?) throws(StoreError) {
        if let url, StoreLocation.isPostgres(url) {
            place = .server(try PostgresLocation(url))
        } else {
            place = .file(try StoreLocation.path(url, ProcessInfo.processInfo.environment))
        }
    }

    /// The store as people know it, without a password.
    public var name: String {
        switch place {
        case .file(let path): path
        case .server(let location): location.name
        }
    }

    /// Whether it keeps samples by day, so that old ones have to be dropped.
    public var keepsDays: Bool { if case .server = place { true } else { false } }

    /// Brings the tables to the version that this program writes; makes them where there are none.
    ///
    /// - Returns: What was done, a line each; empty when they were of that version.
    /// - Throws: `.unavailable`, `.full`, `.corrupt`, or `.tooNew` when a newer program has been here.
    public func migrate() async throws(StoreError) -> [String] {
        switch place {
        case .file(let path):
            // Opening a file does it.
            let isNew = !FileManager.default.fileExists(atPath: path)
            try SQLiteJournalStore(path: path).close()
            return isNew ? ["made \(path)"] : []
        case .server(let location):
            return try PostgresMigrator(location).migrate().map { "\($0.version) \($0.name)" }
        }
    }

    /// Looks whether everything in the store can be understood and agrees with itself.
    ///
    /// - Returns: What is wrong, a sentence each; empty when nothing is.
    /// - Throws: `.unavailable` when the store cannot be opened or reached, or is of another version.
    public func check() async throws(StoreError) -> [String] {
        switch place {
        case .file(let path):
            let store = try SQLiteJournalStore(path: path)
            return try await store.integrityComplaints() + StoreCheck(store).complaints()
        case .server(let location):
            let store = PostgresJournalStore(location, version: PostgresSchema.newest)
            let complaints = try await store.schemaComplaints() + StoreCheck(store).complaints()
            await store.close()
            return complaints
        }
    }

    /// Copies the whole store, as it is at one instant, into a new file that only this user may read: of the same kind as a file
    /// store, or for `pg_restore`. The file is whole or not there.
    ///
    /// - Returns: Its size in bytes.
    /// - Throws: `.unavailable` when something is there already, or the copy cannot be made; `.full`.
    public func backUp(to path: String) async throws(StoreError) -> Int64 {
        let file = BackupFile(path: path)
        switch place {
        case .file(let store):
            return try await file.write { (draft) async throws(StoreError) in
                try SQLiteJournalStore(path: store).copy(to: draft)
            }
        case .server(let location):
            return try await file.write { (draft) async throws(StoreError) in
                try await PostgresDump(location).write(to: draft)
            }
        }
    }

    /// Rolls samples up into steps of five minutes and of an hour, and drops what is older than it has to be kept. To be done every few
    /// minutes. Samples that are not rolled up yet are kept however old they are.
    ///
    /// - Parameter retention: How long each is kept; a day at least.
    /// - Throws: `.unavailable` for a file store, which keeps samples with their rollouts, and when the server cannot be reached.
    public func retain(_ retention: SampleRetention, at now: Instant) async throws(StoreError)
        -> SampleRetention.Outcome
    {
        switch place {
        case .file(let path):
            throw StoreError(
                .unavailable,
                "\(path) is a file store, which keeps the samples of each rollout; only a store in PostgreSQL has days to drop: "
                    + "rollout db retain --store postgres://…")
        case .server(let location):
            return try await PostgresRetention(location).run(retention, at: now)
        }
    }
}

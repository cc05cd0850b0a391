internal import Foundation

/// A primary and a standby that streams what it writes, reached by one URL with both.
public final class ReplicatedPair: Sendable {
    /// The one that is written to at first; first in the URL, too.
    public let primary: PostgresServer
    /// The other one.
    public let standby: PostgresServer
    /// Both, of which the one that can be written to is meant.
    public let url: String

    /// Makes both.
    ///
    /// - Parameters:
    ///   - isSynchronous: Whether a commit is acknowledged only once it is on the standby's disk.
    ///   - prepare: Makes tables in the database of a URL.
    public init(isSynchronous: Bool, preparing prepare: (String) throws -> Void) async throws {
        primary = try PostgresServer()
        let alone = try primary.makeDatabase()
        try prepare(alone)
        standby = try PostgresServer(standbyOf: primary)
        url = alone.replacing("host=\(primary.folder)", with: "host=\(primary.folder),\(standby.folder)")
            .replacing("port=\(primary.port)", with: "port=\(primary.port),\(standby.port)")
        guard isSynchronous else { return }
        // Not in what the standby was made from: it would wait for one of its own.
        try primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*';\nSELECT pg_reload_conf();")
        try await wait(
            for: "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", toBe: "1", at: primary)
    }

    /// Waits until SQL gives this at a server. Its thread is free meanwhile: it may be the one that the awaited work needs.
    public func wait(for sql: String, toBe expected: String, at server: PostgresServer, in url: String? = nil)
        async throws
    {
        for _ in 0..<1200 {
            if (try? server.sql(sql, in: url)) == expected { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw POSIXError(.ETIMEDOUT)
    }

    /// The URL of the database at one of them alone.
    public func url(at server: PostgresServer) -> String {
        let name = url.dropFirst("postgres://postgres@/".count).prefix { $0 != "?" }
        return server.url(of: String(name))
    }

    /// Waits until the standby has all that the primary has.
    public func waitForStandby() async throws {
        let place = try primary.sql("SELECT pg_current_wal_flush_lsn()")
        try await wait(for: "SELECT pg_last_wal_replay_lsn() >= '\(place)'", toBe: "t", at: standby)
    }
}

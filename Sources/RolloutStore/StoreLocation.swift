internal import Foundation
public import RolloutEngine

/// Finds the store that a user means.
public enum StoreLocation {
    /// The store at a URL: `sqlite:///var/lib/rollout/rollout.db`, a plain path, `postgres://USER@HOST/DATABASE`, or nil for the
    /// user's own file.
    ///
    /// The user's own is `$XDG_STATE_HOME/rollout/rollout.db`, by default `~/.local/state/rollout/rollout.db`. A file is opened at
    /// once; a server is asked when the store is first used.
    ///
    /// - Throws: `.unavailable` for what cannot be opened, with what to do; else as the store's own opening.
    public static func open(_ url: String?) throws(StoreError) -> any JournalStore {
        if let url, isPostgres(url) { return try PostgresJournalStore(url: url) }
        return try SQLiteJournalStore(path: try path(url, ProcessInfo.processInfo.environment))
    }

    /// Whether a URL has a password in it, or the passphrase of a key.
    ///
    /// - Throws: `.unavailable` for a server's URL that cannot be understood.
    public static func holdsPassword(_ url: String) throws(StoreError) -> Bool {
        guard isPostgres(url) else { return false }
        let location = try PostgresLocation(url)
        return location.password != nil || location.keyPassphrase != nil
    }

    /// Whether a URL means a server of PostgreSQL.
    static func isPostgres(_ url: String) -> Bool {
        ["postgres://", "postgresql://"].contains { url.lowercased().hasPrefix($0) }
    }

    /// The file that a URL means under an environment.
    static func path(_ url: String?, _ environment: [String: String]) throws(StoreError) -> String {
        guard let url else { return try ownPath(environment) }
        guard let scheme = url.range(of: "://") else {
            guard !url.isEmpty else {
                throw StoreError(.unavailable, "the store's name is empty; give a path or sqlite:///PATH")
            }
            return (url as NSString).expandingTildeInPath
        }
        let rest = String(url[scheme.upperBound...])
        switch url[..<scheme.lowerBound].lowercased() {
        case "sqlite" where rest.hasPrefix("/") && rest.count > 1:
            return rest
        case "sqlite":
            throw StoreError(
                .unavailable, "'\(url)' does not name a file: write sqlite:///PATH with three slashes, or a plain path")
        case let other:
            throw StoreError(
                .unavailable,
                "no store is known for '\(other)://'; use a path, sqlite:///PATH or postgres://USER@HOST/DATABASE")
        }
    }

    private static func ownPath(_ environment: [String: String]) throws(StoreError) -> String {
        // The XDG specification has relative paths ignored.
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/rollout/rollout.db" }
        if let home = environment["HOME"], home.hasPrefix("/") { return home + "/.local/state/rollout/rollout.db" }
        throw StoreError(
            .unavailable,
            "neither XDG_STATE_HOME nor HOME is set, so there is no place for a store; name one with --store")
    }
}

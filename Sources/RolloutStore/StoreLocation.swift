internal import Foundation
public import RolloutEngine

/// Finds the store that a user means.
public enum StoreLocation {
    /// Opens the store at a URL: `sqlite:///var/lib/rollout/rollout.db`, a plain path, or nil for the user's own.
    ///
    /// The user's own is `$XDG_STATE_HOME/rollout/rollout.db`, by default `~/.local/state/rollout/rollout.db`.
    ///
    /// - Throws: `.unavailable` for what cannot be opened, with what to do; else as the store's own opening.
    public static func open(_ url: String?) throws(StoreError) -> any JournalStore {
        try SQLiteJournalStore(path: try path(url, ProcessInfo.processInfo.environment))
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
        case "postgres", "postgresql":
            // The URL may hold a password: it is not repeated.
            throw StoreError(
                .unavailable,
                "this version cannot keep its journal in PostgreSQL: that store is not built yet; "
                    + "use a file, as sqlite:///PATH")
        case let other:
            throw StoreError(.unavailable, "no store is known for '\(other)://'; use a path or sqlite:///PATH")
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

import ArgumentParser
import RolloutEngine
import RolloutStore

/// Where rollouts are kept.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .customLong("store"),
        help:
            "Where rollouts are kept: a file, sqlite:///PATH or postgres://USER@HOST/DATABASE. Default: $ROLLOUT_STORE, or SQLite in the XDG state folder."
    )
    var url: String?

    /// Opens the store.
    func open() throws -> any JournalStore { try StoreLocation.open(try named()) }

    /// What is done to the store as a whole.
    func maintenance() throws -> StoreMaintenance { try StoreMaintenance(try named()) }

    private func named() throws -> String? {
        if let url { try Self.refusePassword(in: url) }
        return url ?? Environment.value("ROLLOUT_STORE")
    }

    /// Refuses a password among the words of a command line: everybody on the machine can read those.
    static func refusePassword(in url: String) throws {
        guard try StoreLocation.holdsPassword(url) else { return }
        throw CommandFailure(
            .badInput,
            "a password on the command line can be read by everybody on this machine: put it into ~/.pgpass (libpq reads that, or "
                + "the file that PGPASSFILE names), or the URL with it into the environment variable ROLLOUT_STORE")
    }
}

/// Names a rollout: its number, or the newest one.
struct RolloutArgument: ParsableArguments {
    @Argument(help: "The rollout's number, or 'latest'.")
    var rollout: String = "latest"

    /// Finds the rollout.
    func find(in store: any JournalStore) async throws -> RolloutRecord {
        if rollout == "latest" {
            guard let newest = try await store.rollouts().first else {
                throw CommandFailure(.badInput, "there is no rollout yet: start one with `rollout apply PLAN`")
            }
            return newest
        }
        let digits = rollout.hasPrefix("#") ? String(rollout.dropFirst()) : rollout
        guard let number = Int64(digits) else {
            throw CommandFailure(
                .usage, "'\(SafeText.line(rollout))' is not the number of a rollout: see `rollout list`")
        }
        return try await store.rollout(RolloutID(number))
    }
}

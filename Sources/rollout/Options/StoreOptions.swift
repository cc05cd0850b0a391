import ArgumentParser
import RolloutEngine
import RolloutStore

/// Where rollouts are kept.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .customLong("store"),
        help:
            "Where rollouts are kept: a file or sqlite:///PATH. Default: SQLite in the XDG state folder, or $ROLLOUT_STORE."
    )
    var url: String?

    /// Opens the store.
    func open() throws -> any JournalStore {
        try StoreLocation.open(url ?? Environment.value("ROLLOUT_STORE"))
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

import ArgumentParser
import RolloutEngine
import RolloutStore

/// `rollout store`: stores as a whole.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Move everything from one store to another.",
        subcommands: [StoreCopyCommand.self])
}

/// Moves a store from a file to PostgreSQL.
struct StoreCopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy everything from a file store into an empty one in PostgreSQL, and compare it there.",
        discussion: """
            Nothing of it is there unless all of it is. Make the tables first: rollout db migrate --store TO. Rollouts that have \
            not ended are paused in the file afterwards, so that nobody goes on with them in both places; in PostgreSQL they stand \
            as they stood.
            """)

    @Argument(help: "The file store: a path or sqlite:///PATH.") var from: String
    @Argument(help: "The store in PostgreSQL: postgres://USER@HOST/DATABASE.") var to: String
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            try StoreOptions.refusePassword(in: to)
            let copy = try StoreCopy(from: from, to: to)
            let amount = try await copy.run(by: Wiring.user, at: SystemClock().now())
            show(
                "copied and compared: \(amount.rollouts) rollouts, \(amount.facts) facts, "
                    + "\(amount.serviceEntries) entries of the service journal, \(amount.samples) samples")
            return .done
        }
    }
}

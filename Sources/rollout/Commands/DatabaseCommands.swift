import ArgumentParser
import RolloutEngine
import RolloutStore

/// `rollout db`: the tables of a store.
struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "Make, bring forward, check and back up the tables of a store.",
        subcommands: [
            DatabaseMigrateCommand.self, DatabaseCheckCommand.self, DatabaseBackupCommand.self,
            DatabaseRetainCommand.self,
        ])
}

/// Makes the tables, or brings them to this program's version.
struct DatabaseMigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Make the tables, or bring them to this program's version; rollouts may be driven meanwhile.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let maintenance = try store.maintenance()
            let steps = try await maintenance.migrate()
            if output.json {
                show(try JSONOutput.pretty(["store": [maintenance.name], "steps": steps]))
            } else if steps.isEmpty {
                show("\(SafeText.line(maintenance.name)) has the tables of this version already")
            } else {
                for step in steps { show("\(SafeText.line(maintenance.name)): \(step)") }
            }
            return .done
        }
    }
}

/// Reads everything, and says what is wrong.
struct DatabaseCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read everything in the store, and say what cannot be understood or contradicts itself.",
        discussion: "Leaves with 0 when nothing is wrong, and with 1 when something is.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let maintenance = try store.maintenance()
            let complaints = try await maintenance.check()
            if output.json {
                show(try JSONOutput.pretty(["store": [maintenance.name], "complaints": complaints]))
            } else if complaints.isEmpty {
                show("\(SafeText.line(maintenance.name)): everything can be read, and agrees with itself")
            } else {
                for complaint in complaints { show(SafeText.line(complaint)) }
            }
            return complaints.isEmpty ? .done : .error
        }
    }
}

/// Copies the store into a file.
struct DatabaseBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the whole store, as it is at one instant, into a new file; rollouts may be driven meanwhile.",
        discussion: """
            Of a file store the copy is one, too: name it with --store. Of PostgreSQL it is for pg_restore: \
            pg_restore --exit-on-error --single-transaction --dbname=… FILE into an empty database.
            """)

    @Argument(help: "The file to write; it must not be there yet.", completion: .file()) var file: String
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let maintenance = try store.maintenance()
            let size = try await maintenance.backUp(to: file)
            show("\(SafeText.line(maintenance.name)) is in \(SafeText.line(file)): \((size + 1023) / 1024) KiB")
            return .done
        }
    }
}

/// Rolls samples up, and drops old ones.
struct DatabaseRetainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retain",
        abstract: "Roll samples up for dashboards, and drop days that are older than they have to be kept.",
        discussion: """
            For a store in PostgreSQL that no `rollout serve` has open: that does it every five minutes. Rollouts may be driven meanwhile. Samples are kept for rehearsals of \
            gates (`rollout gate rehearse`) and to judge again; what they come to is for dashboards.
            """)

    @Option(help: "Days of samples to keep.") var samples = SampleRetention().samples
    @Option(help: "Days to keep of steps of five minutes.") var fiveMinutes = SampleRetention().fiveMinutes
    @Option(help: "Days to keep of steps of an hour.") var hours = SampleRetention().hours
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard min(samples, fiveMinutes, hours) >= 1 else {
            throw ValidationError("at least one day has to be kept of everything; drop less, or leave the option out")
        }
    }

    func run() async throws {
        try await Command.run(output) {
            let maintenance = try store.maintenance()
            let retention = SampleRetention(samples: samples, fiveMinutes: fiveMinutes, hours: hours)
            let outcome = try await maintenance.retain(retention, at: SystemClock().now())
            let oldest = outcome.oldestSamples
            if output.json {
                show(try JSONOutput.pretty(["store": maintenance.name, "oldestSamples": oldest]))
            } else {
                let left = oldest.map { "samples are there from \($0) on" } ?? "there are no samples"
                let done = outcome.wasBusy ? "somebody else is at it, so nothing was done" : "rolled up"
                show("\(SafeText.line(maintenance.name)): \(done); \(left)")
            }
            return .done
        }
    }
}

import ArgumentParser
import DeviceDrivers
import RolloutEngine

/// `rollout platforms`: what devices can be spoken to, and whether definitions of others are right.
struct PlatformsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "platforms", abstract: "List platforms, and check definitions of platforms.",
        discussion: """
            Definitions ship with the program; those in the folder $ROLLOUT_PLATFORMS, else in ./platforms, are added, and
            take the place of those with the same name.
            """,
        subcommands: [List.self, Lint.self, Replay.self], defaultSubcommand: List.self)

    /// `rollout platforms list`: a line a platform.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the platforms, a line each.")

        @OptionGroup var output: OutputOptions

        func run() throws {
            try output.reportingComplaints {
                let library = try PlatformLibrary(adding: Wiring.platformFolders)
                if output.json { return try output.data(PlatformsText.rows(library)) }
                output.data(PlatformsText.list(library))
            }
        }
    }

    /// `rollout platforms lint`: whether a definition can be used.
    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check definitions of platforms. Exit code 65 when something is wrong.")

        @Argument(help: "Files with definitions; else all that are known.", completion: .file(extensions: ["yaml"]))
        var files: [String] = []

        @OptionGroup var output: OutputOptions

        func run() throws {
            try output.reportingComplaints {
                let library = try PlatformLibrary(adding: files.isEmpty ? Wiring.platformFolders : [])
                var (definitions, models) = (library.definitions, library.models)
                if !files.isEmpty {
                    (definitions, models) = ([], [])
                    for file in files {
                        switch try PlatformLibrary.read(file) {
                        case .definition(let definition): definitions.append(definition)
                        case .model(let model): models.append(model)
                        }
                    }
                }
                var report = PlatformLint.Report()
                for definition in definitions {
                    let found = PlatformLint.examine(definition, words: library.words(for: definition))
                    report.errors += found.errors
                    report.warnings += found.warnings
                }
                output.talk(report.warnings.flatMap { ComplaintText.lines($0, severity: "warning") })
                output.data(["\(definitions.count + models.count) definitions, \(report.errors.count) errors"])
                if !report.errors.isEmpty { throw InputError(report.errors) }
            }
        }
    }
}

import ArgumentParser
import DeviceDrivers
import RolloutEngine

extension PlatformsCommand {
    /// `rollout platforms replay`: whether a definition understands a session that somebody copied from a terminal.
    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Play a session that was copied from a terminal to a platform's definition, a byte at a time.",
            discussion: """
                Copy a session with a device, from its first prompt on, into a file: the definition's setup, what it asks to know
                the device and its configuration, a mistake. Shown is what would be understood. Exit code 65 where nothing more is.
                """)

        @Argument(help: "The platform, as in inventories; or a file with its definition.")
        var platform: String

        @Argument(help: "What the terminal showed.", completion: .file())
        var transcript: String

        @OptionGroup var output: OutputOptions

        func run() throws {
            try output.reportingComplaints {
                let definition = try definition()
                let read = Transcript(try InputFile.read(transcript), by: definition)
                if output.json {
                    try output.data(TranscriptText.Report(read, by: definition))
                } else {
                    output.data(TranscriptText.lines(read, by: definition))
                }
                guard let mistake = read.mistake else { return }
                throw InputError(
                    at: SourceLocation(file: transcript, line: mistake.line), mistake.message,
                    remedy: "compare it with the prompts, questions and errors in \(definition.place.file)")
            }
        }

        private func definition() throws -> PlatformDefinition {
            if platform.contains("/") || platform.hasSuffix(".yaml") { return try PlatformReader.read(file: platform) }
            let library = try PlatformLibrary(adding: Wiring.platformFolders)
            if let known = library.definition(named: PlatformName(rawValue: platform)) { return known }
            throw ValidationError("there is no platform '\(SafeText.line(platform))'; 'rollout platforms' lists them")
        }
    }
}

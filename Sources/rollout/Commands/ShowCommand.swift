import ArgumentParser
import RolloutEngine

/// Shows a plan file again, whole or in part.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a plan file.")

    @Argument(help: "The plan file.", completion: .file())
    var plan: String

    @Option(help: "How many groups of equal differences to print line by line, or 'all'.")
    var diff = "3"

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let file = try PlanIO.read(plan)
            if output.json {
                show(try JSONOutput.pretty(file.plan))
            } else {
                show(
                    PlanScreen(plan: file.plan, style: output.style).lines(diffs: Int(diff) ?? .max).joined(
                        separator: "\n"))
                show("digest \(file.digest)")
            }
            return .done
        }
    }
}

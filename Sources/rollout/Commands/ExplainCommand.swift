import ArgumentParser
import RolloutEngine
import RolloutWeb

/// Says why a rollout is where it is, and what can be done.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say why a rollout is where it is, and every choice with its exact command.")

    @OptionGroup var rollout: RolloutArgument

    @Option(help: "Also draw what the gates saw, before and after, into this SVG file.", completion: .file())
    var svg: String?

    @Option(help: "The same as a PNG file; needs rsvg-convert (librsvg2-bin).", completion: .file())
    var png: String?

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            let reading = try await RolloutReading(rollout, in: store)
            let entries = try await store.entries(of: reading.record.id, after: 0)
            if svg != nil || png != nil { try await draw(reading, entries, in: store) }
            if output.json {
                show(try JSONOutput.pretty(reading.status))
                return .done
            }
            let evidence = entries.compactMap { entry -> (DeviceName, Evidence)? in
                if case .evidence(let device, let evidence) = entry.fact { (device, evidence) } else { nil }
            }
            let screen = ExplainScreen(
                status: reading.status, state: reading.state, plan: reading.file.plan, evidence: evidence,
                style: output.style)
            show(screen.lines().joined(separator: "\n"))
            return .done
        }
    }

    private func draw(_ reading: RolloutReading, _ entries: [JournalEntry], in store: any JournalStore) async throws {
        let samples = try await store.samples(of: reading.record.id, since: reading.record.createdAt)
        let pictures = VerdictPicture.pictures(of: reading.status, entries, reading.file.plan, samples)
        guard !pictures.isEmpty else {
            throw CommandFailure(.badInput, "rollout \(reading.record.id) has no verdict yet: there is nothing to draw")
        }
        let heading = "\(reading.record.title) \(reading.record.id), \(reading.record.createdAt.description.prefix(10))"
        let text = VerdictSVG(heading: heading, pictures: pictures).text
        if let svg { try PictureFile.write(svg: text, to: svg) }
        if let png { try PictureFile.write(png: text, to: png) }
        for path in [svg, png].compactMap(\.self) { say("drawn into \(path)") }
    }
}

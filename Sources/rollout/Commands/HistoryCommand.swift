import ArgumentParser
import Foundation
import RolloutEngine

/// What was decided and what came of it, over all rollouts; or all that was ever done to one device.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show who started, decided and ended what, over all rollouts; or all that was done to one device.")

    @Argument(help: "Only what was done to this device.")
    var device: String?

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    /// One thing that happened, for `--json`.
    private struct Event: Encodable {
        var rollout: RolloutID
        var title: String
        var entry: JournalEntry
    }

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            let device = device.map { DeviceName(rawValue: $0) }
            var events: [Event] = []
            // The oldest first, as it happened.
            for record in try await store.rollouts().sorted(by: { $0.id.number < $1.id.number }) {
                let entries = try await store.entries(of: record.id, after: 0)
                events += entries.filter { device.map($0.fact.concerns) ?? $0.fact.isDecision }.map {
                    Event(rollout: record.id, title: record.title, entry: $0)
                }
            }
            if output.json {
                show(try JSONOutput.pretty(events))
                return .done
            }
            if events.isEmpty {
                say(device.map { "nothing was ever done to \(SafeText.line($0.rawValue))" } ?? "no rollout yet")
            }
            for (index, event) in events.enumerated() {
                if index == 0 || events[index - 1].rollout != event.rollout {
                    let date = event.entry.at.description.prefix(10)
                    show(output.style.paint("\(event.rollout) \(SafeText.line(event.title))  \(date)", .strong))
                }
                if let text = EventLine(style: output.style).text(event.entry) { show("  " + text) }
            }
            return .done
        }
    }
}

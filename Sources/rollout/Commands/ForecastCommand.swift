import ArgumentParser
import Foundation
import RolloutEngine
import RolloutSimulation

/// `rollout forecast`: when a rollout will be over, and how likely tonight is enough.
struct ForecastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Say when a rollout will be over, night by night, and how likely it ends tonight. Touches no device.",
        discussion: """
            The chance is counted: what is left is played through the real engine against a simulated fleet, as by `rollout \
            rehearse`, without trouble and with each usual trouble once.
            """)

    @OptionGroup var rollout: RolloutArgument
    @Option(help: "How many nights to play without trouble, and with each trouble; 0 for none.") var nights = 5
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    /// What is expected, for `--json`.
    struct Report: Encodable {
        var rollout: RolloutID
        var at: Instant
        var forecast: Forecast
        /// The nights that were played without trouble, and those of them that ended in their window.
        var quietNights = 0
        var quietInWindow = 0
        /// The same of nights in which one thing went wrong.
        var troubledNights = 0
        var troubledInWindow = 0
    }

    func validate() throws {
        guard (0...1000).contains(nights) else { throw ValidationError("--nights is \(nights), expected 0 to 1000") }
    }

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            let reading = try await RolloutReading(rollout, in: store)
            let now = SystemClock().now()
            guard reading.state.ending == nil else {
                say("rollout \(reading.record.id) is over")
                return .done
            }
            let plan = reading.file.plan
            var report = Report(
                rollout: reading.record.id, at: now, forecast: Forecast(of: plan, reading.state, at: now))
            let left = plan.left(after: reading.state)
            if nights > 0, !left.waves.isEmpty { try play(left, now, &report) }
            if output.json {
                show(try JSONOutput.pretty(report))
            } else {
                show(ForecastScreen(report: report, plan: plan).lines.joined(separator: "\n"))
            }
            return .done
        }
    }

    private func play(_ left: Plan, _ now: Instant, _ report: inout Report) throws {
        let rehearsal = try Rehearsal(try PlanFile(left), perDevice: PlanDuration.perDevice, now: now)
        for trouble in [nil] + RehearsedTrouble.usual.map(Optional.some) {
            for seed in 0..<nights {
                let night = try rehearsal.play(trouble, seed: UInt64(seed))
                let isInWindow = night.ending == .done && night.isOneNight != false
                if trouble == nil {
                    report.quietNights += 1
                    report.quietInWindow += isInWindow ? 1 : 0
                } else {
                    report.troubledNights += 1
                    report.troubledInWindow += isInWindow ? 1 : 0
                }
            }
        }
    }
}

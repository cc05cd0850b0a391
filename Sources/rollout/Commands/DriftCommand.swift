import ArgumentParser
import Foundation
import RolloutEngine

/// Whether devices still hold what rollouts confirmed. Writes nothing, neither to a device nor to the store.
struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Compare what devices run now with what rollouts confirmed last. Writes nothing.",
        discussion: "Exits with 2 when a device drifted or a foreign revert timer is armed, 69 when one was not read.")

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "How many differences are shown line by line, or 'all'.")
    var diff = "3"

    @Option(help: "Devices read at the same time.")
    var atOnce = 50

    func run() async throws {
        try await Command.run(output) {
            guard let shown = diff == "all" ? Int.max : Int(diff), shown >= 0 else {
                throw CommandFailure(.usage, "--diff is '\(SafeText.line(diff))', expected a number or 'all'")
            }
            let devices = try inventory.devices(of: try inventory.load().inventory)
            let record = try await Self.record(in: try store.open())
            let report = try await read(devices, record)
            if output.json {
                show(try JSONOutput.pretty(report))
            } else {
                show(DriftScreen(report: report, style: output.style).lines(diffs: shown).joined(separator: "\n"))
            }
            if report.hasDrift { return .changes }
            return report.devices(standing: .unread).isEmpty ? .done : .unavailable
        }
    }

    /// What all rollouts of a store confirmed.
    static func record(in store: any JournalStore) async throws -> FleetRecord {
        var record = FleetRecord()
        for rollout in try await store.rollouts() {
            let plan = try PlanFile(try await store.plan(of: rollout.id), from: "rollout \(rollout.id)").plan
            let state = try await store.state(of: rollout.id)
            record.take(rollout.id, plan: plan, digest: rollout.planDigest, state: state)
        }
        return record
    }

    /// Reads every device in the scope of what was confirmed of it; the others for their revert timers alone.
    private func read(_ devices: [Device], _ record: FleetRecord) async throws -> DriftReport {
        let fleet = try Wiring.fleet(ManagementCaps(), devices: devices, verbosity: output.verbose)
        let survey = Survey(drivers: fleet.drivers, counters: fleet.counters, clock: fleet.clock)
        let progress = Progress(total: devices.count, what: "read running config")
        let readings = await survey.observe(
            devices.map { ($0, record[$0.name].map { ConfigScope(of: $0.config) } ?? ConfigScope()) }, atOnce: atOnce,
            within: .seconds(30), progress: { progress.show($0) })
        progress.finish()
        return DriftReport(record, zip(devices, readings).map { ($0, $1) })
    }
}

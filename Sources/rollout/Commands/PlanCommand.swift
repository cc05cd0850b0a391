import ArgumentParser
import Foundation
import RolloutEngine

/// Reads every device and shows what would change, in which waves.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a change would do, device by device and wave by wave. Writes nothing to any device.")

    @Argument(help: "The change file: policies/NAME.yaml", completion: .file(extensions: ["yaml", "yml"]))
    var change: String

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var output: OutputOptions

    @Option(
        name: [.customShort("o"), .customLong("out")], help: "Write the plan to this file, for `rollout apply`.",
        completion: .file())
    var out: String?

    @Option(
        help:
            "Readings of nights in which nothing was changed, a CSV file, store:PATH#ROLLOUT or prometheus:FILE: gates then know how restless each interface is."
    )
    var history: String?

    @Flag(help: "Exit with 2 when there is something to change.")
    var detailedExitcode = false

    @Option(help: "Devices read at the same time.")
    var atOnce = 50

    func run() async throws {
        try await Command.run(output) {
            let plan = try await PlanMaker(options: self).make()
            let file = try PlanFile(plan)
            if let path = out { try PlanIO.write(file, to: path) }
            if output.json {
                show(
                    String(decoding: file.bytes.drop { $0 != UInt8(ascii: "\n") }.dropFirst(), as: UTF8.self)
                        .trimmingCharacters(in: .newlines))
            } else {
                show(PlanScreen(plan: plan, style: output.style).lines().joined(separator: "\n"))
                if let path = out {
                    show("Written to \(path), digest \(file.digest.short). Apply exactly this: rollout apply \(path)")
                }
            }
            if plan.waves.isEmpty, plan.skipped.contains(where: { $0.reason != .noChange }) {
                // "Nothing to change" would be a lie: nobody knows what these devices hold.
                throw CommandFailure(.unavailable, "nothing can be changed: no device that differs could be read")
            }
            return detailedExitcode && !plan.waves.isEmpty ? .changes : .done
        }
    }
}

/// Makes a plan from files and from what the devices say.
struct PlanMaker {
    let options: PlanCommand

    func make() async throws -> Plan {
        let loaded = try options.inventory.load()
        let change = try ChangeFile.load(options.change)
        for warning in loaded.warnings + change.warnings { say("warning: \(SafeText.line(warning.description))") }
        let selected = try selection(loaded.inventory, change.change)
        let fleet = try Wiring.fleet(change.policy.management, devices: selected, verbosity: options.output.verbose)
        let survey = Survey(drivers: fleet.drivers, counters: fleet.counters, clock: fleet.clock)

        let names = Set(selected.flatMap(\.links))
        let links = loaded.inventory.links.filter { names.contains($0.name) }
        let poll = change.policy.watch.poll
        let progress = Progress(total: selected.count, what: "read running config")
        if !links.isEmpty {
            say(
                "measuring \(links.count) links for \(brief(change.policy.watch.baseline)) (watch.baseline of the policy)"
            )
        }
        // The links are measured while the devices are read.
        async let loads = survey.measure(links, over: change.policy.watch.baseline, every: poll)
        let surveyed = await survey.read(
            selected, for: change.change, places: change.places, revertTimer: change.policy.revertTimer,
            atOnce: options.atOnce, within: .seconds(30),
            progress: { progress.show($0) })
        progress.finish()
        let taken = selected.filter { $0.ssh.client == .either && fleet.speaksOpenSSH(to: $0) }.map(\.name)
        if !taken.isEmpty {
            say(
                "reached by OpenSSH, as the built-in client cannot talk to them: "
                    + DiffGroups.names(taken, options.output.style))
        }
        var plan = try Planner.plan(
            Planner.Input(
                tool: Wiring.version, now: fleet.clock.now(), inventory: loaded.inventory,
                inputs: loaded.inventory.files + change.files, change: change.change, policy: change.policy,
                limit: options.inventory.limit, surveyed: surveyed, loads: await loads))
        if let source = options.history { plan.history = try await history(source, for: selected, change.policy) }
        return plan
    }

    private func history(_ source: String, for selected: [Device], _ policy: Policy) async throws -> TrafficHistory {
        let readings = try await HistorySource.read(source).named(after: selected)
        let known = selected.filter { readings.samples[.device($0.name)] != nil }
        let history = TrafficHistory(of: known, in: readings.samples, before: policy.watch.baseline, after: policy.soak)
        guard let history else {
            throw CommandFailure(
                .badInput,
                "\(source): too little is known of the selected devices: \(known.count) of \(selected.count) are in it, and \(TrafficHistory.enoughSpans) times a baseline of \(policy.watch.baseline) and a soak of \(policy.soak) are needed"
            )
        }
        return history
    }

    private func selection(_ inventory: Inventory, _ change: Change) throws -> [Device] {
        var selected = try change.devices.map { try inventory.devices(matching: $0) } ?? inventory.devices
        if let limit = options.inventory.limit {
            let limited = Set(try inventory.devices(matching: limit).map(\.name))
            selected.removeAll { !limited.contains($0.name) }
        }
        guard !selected.isEmpty else {
            throw CommandFailure(
                .badInput,
                "no device is both in the change's selection '\(change.devices ?? "all")' and in -l '\(options.inventory.limit ?? "")'"
            )
        }
        return selected
    }
}

/// Reads and writes plan files.
enum PlanIO {
    static func read(_ path: String) throws -> PlanFile {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw InputError(at: SourceLocation(file: path), "there is no such plan, or it cannot be read")
        }
        return try PlanFile(bytes, from: path)
    }

    static func write(_ file: PlanFile, to path: String) throws {
        do {
            try file.bytes.write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw CommandFailure(.unavailable, "the plan cannot be written to \(path): \(error.localizedDescription)")
        }
    }
}

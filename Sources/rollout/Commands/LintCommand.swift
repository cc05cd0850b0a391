import ArgumentParser
import DeviceDrivers
import Foundation
import RolloutEngine

/// `rollout lint`: whether inventories, changes and policies can be used, without a look at any device.
struct LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Check an inventory, changes and policies. Exit code 65 when something is wrong.",
        discussion: """
            A change is checked with every device that it is for: its selection must match, and each of its texts must
            render with that device's variables. Lines are held against the language of its platform.
            """)

    @Argument(
        help: "Files with changes or policies; else every .yaml file in ./policies.",
        completion: .file(extensions: ["yaml", "yml"]))
    var files: [String] = []

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        var report = Report()
        let loaded = report.collect { () throws(InputError) in try inventory.load() }
        report.warnings += loaded?.warnings ?? []
        var selected: [Device]?
        if let loaded {
            selected = report.collect { () throws(InputError) in try inventory.devices(of: loaded.inventory) }
        }
        for file in files.isEmpty ? Self.policyFiles() : files {
            report.checked.append(file)
            check(file, loaded?.inventory, selected, &report)
        }
        if output.json {
            try output.data(report)
        } else {
            output.talk(report.warnings.flatMap { ComplaintText.lines($0, severity: "warning") })
            output.talk(report.errors.flatMap { ComplaintText.lines($0, severity: "error") })
            if let loaded { output.data([InventoryText.summary(loaded.inventory)]) }
            let counts = "\(report.errors.count) errors, \(report.warnings.count) warnings"
            output.data(["\(report.checked.count) files of changes and policies, \(counts)"])
        }
        if !report.errors.isEmpty { throw ExitCode(ExitStatus.badInput) }
    }

    private func check(_ file: String, _ inventory: Inventory?, _ selected: [Device]?, _ report: inout Report) {
        guard let warnings = report.collect({ () throws(InputError) in try ChangeFile.check(file) }) else { return }
        report.warnings += warnings
        // A file that holds only a policy has nothing to render.
        guard let change = try? ChangeFile.load(file), let inventory, let selected else { return }
        _ = report.collect { () throws(InputError) in
            let wanted: Set<DeviceName>? =
                if let text = change.change.devices { Set(try inventory.devices(matching: text).map(\.name)) } else {
                    nil
                }
            let resolver = try IntentResolver(change.change, places: change.places)
            // Only lines need the platforms.
            let hasLines = change.change.intents.contains { if case .lines = $0 { true } else { false } }
            var lines = hasLines ? LinesLint(try PlatformLibrary(adding: Wiring.platformFolders)) : nil
            var complaints: [Complaint] = []
            for device in selected where wanted?.contains(device.name) ?? true {
                do throws(InputError) {
                    let intents = try resolver.resolve(for: device)
                    do throws(DriverError) { try lines?.check(intents, for: device.platform) } catch {
                        complaints.append(
                            Complaint(
                                at: change.places["name"] ?? SourceLocation(file: file),
                                "lines for device \(device.name): \(error.message)"))
                    }
                } catch { complaints += error.complaints }
                // The same mistake for a thousand devices is one mistake.
                if complaints.count >= 20 { break }
            }
            if !complaints.isEmpty { throw InputError(complaints) }
        }
        report.errors +=
            change.policy.watch.also?.complaints(in: inventory, at: SourceLocation(file: file)) ?? []
        report.errors += (change.policy.approvals ?? []).flatMap {
            $0.complaints(in: inventory, at: SourceLocation(file: file))
        }
        for link in change.policy.headroom.links.keys.sorted()
        where !inventory.links.contains(where: { $0.name == link }) {
            report.errors.append(
                Complaint(
                    at: SourceLocation(file: file),
                    "headroom names link '\(link)', which inventory \(inventory.name) does not have"))
        }
    }

    private static func policyFiles() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "policies")) ?? []
        return names.filter { ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && !$0.hasPrefix(".") }.sorted()
            .map { "policies/\($0)" }
    }

    /// What was found; also what `--json` prints.
    private struct Report: Encodable {
        var checked: [String] = []
        var errors: [Complaint] = []
        var warnings: [Complaint] = []

        /// Runs one check; its complaints are kept and nil comes back.
        mutating func collect<Value>(_ work: () throws(InputError) -> Value) -> Value? {
            do throws(InputError) {
                return try work()
            } catch {
                errors += error.complaints
                return nil
            }
        }
    }
}

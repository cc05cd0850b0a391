import ArgumentParser
import RolloutEngine

/// `rollout inventory`: what the fleet is, and why.
struct InventoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory", abstract: "List, show, check and import the devices of an inventory.",
        subcommands: [List.self, Show.self, Check.self, InventoryImportCommand.self], defaultSubcommand: List.self)

    /// `rollout inventory list`: a line a device.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List devices, a line each.")

        @OptionGroup var inventory: InventoryOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            try output.reportingComplaints {
                let loaded = try inventory.load()
                let devices = try inventory.devices(of: loaded.inventory)
                if output.json { return try output.data(devices) }
                output.data(InventoryText.list(devices))
            }
        }
    }

    /// `rollout inventory show DEVICE`: every setting of one device.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show every setting of one device.")

        @Argument(help: "The device.")
        var device: String

        @Flag(help: "Say which file and line each value comes from, and what it replaced.")
        var explain = false

        @OptionGroup var inventory: InventoryOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            try output.reportingComplaints {
                let loaded = try inventory.load()
                let name = DeviceName(rawValue: device)
                // A selection of one name has the right words for a device that is not there.
                let found =
                    try loaded.inventory.device(named: name)
                    ?? loaded.inventory.devices(matching: "name='\(quotable)'").first
                guard let found else { return }
                if explain {
                    let origins = loaded.origins(of: found.name)
                    return output.json ? try output.data(origins) : output.data(InventoryText.explain(origins))
                }
                return output.json ? try output.data(found) : output.data(InventoryText.show(found))
            }
        }

        private var quotable: String { device.filter { $0 != "'" } }
    }

    /// `rollout inventory check`: whether an inventory can be used.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check an inventory: errors and warnings with file, line and column.")

        @OptionGroup var inventory: InventoryOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            try output.reportingComplaints {
                let loaded = try inventory.load()
                let devices = try inventory.devices(of: loaded.inventory)
                output.talk(loaded.warnings.flatMap { ComplaintText.lines($0, severity: "warning") })
                if output.json { return try output.data(Report(loaded, devices.count)) }
                output.data([InventoryText.summary(loaded.inventory)])
            }
        }
    }

    /// What `check --json` prints.
    private struct Report: Encodable {
        var inventory: String
        var devices: Int
        var selected: Int
        var links: Int
        var files: [InputDigest]
        var warnings: [Complaint]

        init(_ loaded: LoadedInventory, _ selected: Int) {
            inventory = loaded.inventory.name
            devices = loaded.inventory.devices.count
            self.selected = selected
            links = loaded.inventory.links.count
            files = loaded.inventory.files
            warnings = loaded.warnings
        }
    }
}

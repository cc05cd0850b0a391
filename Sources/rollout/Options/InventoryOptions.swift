import ArgumentParser
import Foundation
import RolloutEngine

/// Which devices a command is about.
struct InventoryOptions: ParsableArguments {
    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp(
            "The inventory's folder; else $ROLLOUT_INVENTORY, else the only folder in ./inventories.", valueName: "dir"),
        completion: .directory)
    var inventory: String?

    @Option(
        name: [.customShort("l"), .long],
        help: ArgumentHelp(
            "Only the devices of a selection, such as 'range=eco & !tag=frozen'.", valueName: "selection"))
    var limit: String?

    /// The inventory's folder, by option, environment or place.
    ///
    /// - Throws: `InputError` when there is none, or more than one to choose from.
    func folder() throws(InputError) -> String {
        if let inventory { return inventory }
        if let folder = ProcessInfo.processInfo.environment["ROLLOUT_INVENTORY"], !folder.isEmpty { return folder }
        let all = Self.folders(in: "inventories")
        guard let only = all.first, all.count == 1 else {
            throw InputError(
                at: SourceLocation(file: "inventories"),
                all.isEmpty
                    ? "no inventory is given" : "there is more than one inventory: \(all.joined(separator: ", "))",
                remedy: "name its folder with -i DIR, or in ROLLOUT_INVENTORY")
        }
        return "inventories/\(only)"
    }

    /// Loads the inventory.
    ///
    /// - Throws: `InputError` with everything that is wrong with it.
    func load() throws(InputError) -> LoadedInventory { try InventoryFolder.load(try folder()) }

    /// The devices that are meant: those of `--limit`, or all.
    ///
    /// - Throws: `InputError` when the selection cannot be understood or matches nothing.
    func devices(of inventory: Inventory) throws(InputError) -> [Device] {
        guard let limit else { return inventory.devices }
        return try inventory.devices(matching: limit)
    }

    private static func folders(in path: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { name in
            var isFolder: ObjCBool = false
            return !name.hasPrefix(".")
                && FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
                && isFolder.boolValue
        }.sorted()
    }
}

extension ExitCode {
    /// Ends a command with one of our outcomes.
    init(_ outcome: ExitStatus) { self.init(outcome.rawValue) }
}

extension OutputOptions {
    /// Runs work that reads input; complaints go to standard error and end the command with exit code 65.
    func reportingComplaints(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch let error as InputError {
            talk(ComplaintText.lines(error))
            throw ExitCode(ExitStatus.badInput)
        }
    }
}

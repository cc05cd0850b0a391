import Foundation

/// Loads an inventory from its folder, `inventories/<name>/`.
///
/// Every `.yaml` file in the folder may hold any of the sections `defaults`, `ranges`, `datacentres`, `groups`, `links`
/// and `devices`; every `devices*.csv` is a table of devices. Folders named as a section hold more such files.
public enum InventoryFolder {
    /// Loads the inventory of a folder.
    ///
    /// - Throws: `InputError` with everything that is wrong with it, by file, line and column.
    public static func load(_ path: String) throws(InputError) -> LoadedInventory {
        let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let names = try inputFiles(in: folder)
        var files: [(path: String, bytes: [UInt8])] = []
        for name in names { files.append(("\(folder)/\(name)", try InputFile.read("\(folder)/\(name)"))) }
        let absolute = URL(fileURLWithPath: folder).standardizedFileURL.path
        let surroundings = Surroundings(folder: absolute, home: ProcessInfo.processInfo.environment["HOME"])
        return try load(
            files: files, name: URL(fileURLWithPath: absolute).lastPathComponent, folder: folder,
            surroundings: surroundings)
    }

    /// Loads an inventory from files that have been read. Touches no disk.
    static func load(
        files: [(path: String, bytes: [UInt8])], name: String, folder: String, surroundings: Surroundings
    ) throws(InputError) -> LoadedInventory {
        let complaints = ComplaintList()
        var reader = SectionReader(surroundings: surroundings, complaints: complaints)
        for file in files {
            if file.path.hasSuffix(".csv") {
                reader.readTable(file.bytes, file: file.path)
            } else {
                reader.readYAML(file.bytes, file: file.path)
            }
        }
        let sections = reader.sections
        var assembler = InventoryAssembler(sections, complaints: complaints)
        let devices = assembler.devices()
        let links = assembler.links(among: devices)
        if devices.isEmpty, complaints.isClean {
            complaints.error(
                at: SourceLocation(file: folder), "the inventory has no devices",
                remedy: "list them under devices in a .yaml file, or in devices.csv")
        }
        InventoryChecks(sections: sections, complaints: complaints).run(devices, links: links, folder: folder)
        try complaints.throwIfAny()
        let jumps = JumpDevices(among: devices)
        let inventory = Inventory(
            name: name, devices: devices.map(jumps.spelledOut), links: links, datacentres: sections.datacentreDetails,
            ranges: sections.ranges.compactMap { if case .range(let name) = $0.level { name } else { nil } },
            groups: sections.groups.compactMap { if case .group(let name) = $0.level { name } else { nil } },
            files: files.map { InputDigest(path: $0.path, digest: Digest(of: $0.bytes)) })
        return LoadedInventory(inventory: inventory, warnings: complaints.sortedWarnings, sections: sections)
    }

    private static let sectionFolders = ["datacentres", "devices", "groups", "links", "ranges"]

    /// The inventory's files, below its folder, in their order.
    private static func inputFiles(in folder: String) throws(InputError) -> [String] {
        let place = SourceLocation(file: folder)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else {
            throw InputError(
                at: place, "there is no such folder", remedy: "an inventory is a folder, inventories/<name>/")
        }
        guard isFolder.boolValue, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw InputError(at: place, "is not a folder that can be read", remedy: "an inventory is a folder of files")
        }
        var files = names.filter(isInput)
        for section in sectionFolders where names.contains(section) {
            let below = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(section)")) ?? []
            files += below.filter(isInput).map { "\(section)/\($0)" }
        }
        guard !files.isEmpty else {
            throw InputError(
                at: place, "holds no inventory files",
                remedy: "expected inventory.yaml or another .yaml file, or devices.csv")
        }
        return files.sorted(by: naturallyPrecedes)
    }

    private static func isInput(_ name: String) -> Bool {
        guard !name.hasPrefix(".") else { return false }
        return name.hasSuffix(".yaml") || name.hasSuffix(".yml")
            || (name.hasPrefix("devices") && name.hasSuffix(".csv"))
    }
}

import Foundation

/// A file of another tool's inventory.
public struct ForeignFile: Sendable {
    /// What a file of an Ansible inventory is about.
    public enum Role: Hashable, Sendable {
        /// Hosts.
        case inventory
        /// The variables of one group, in a folder `group_vars`.
        case groupVariables(String)
        /// The variables of one host, in a folder `host_vars`.
        case hostVariables(String)
    }

    /// Its path, as it is shown.
    public let path: String
    /// What it holds.
    public let bytes: [UInt8]
    /// What it is about.
    public let role: Role

    /// A file that was read.
    public init(path: String, bytes: [UInt8], role: Role = .inventory) {
        self.path = path
        self.bytes = bytes
        self.role = role
    }

    /// Reads what a format needs: a file or a folder, and for Ansible the folders of variables beside it.
    ///
    /// - Throws: `InputError` naming what cannot be read.
    public static func read(_ path: String, as format: ForeignFormat) throws(InputError) -> [ForeignFile] {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        switch format {
        case .netbox, .oxidized, .csv: return [ForeignFile(path: path, bytes: try InputFile.read(path))]
        case .nornir: return try nornir(path)
        case .ansible: return try ansible(path)
        }
    }

    private static func nornir(_ path: String) throws(InputError) -> [ForeignFile] {
        let folder = isFolder(path) ? path : parent(of: path)
        let hosts = isFolder(path) ? "\(path)/hosts.yaml" : path
        var files = [ForeignFile(path: hosts, bytes: try InputFile.read(hosts))]
        for name in ["groups.yaml", "defaults.yaml"] where exists("\(folder)/\(name)") {
            files.append(ForeignFile(path: "\(folder)/\(name)", bytes: try InputFile.read("\(folder)/\(name)")))
        }
        return files
    }

    private static func ansible(_ path: String) throws(InputError) -> [ForeignFile] {
        var files: [ForeignFile] = []
        let folder = isFolder(path) ? path : parent(of: path)
        for inventory in isFolder(path) ? inventories(in: path) : [path] {
            files.append(ForeignFile(path: inventory, bytes: try InputFile.read(inventory)))
        }
        for (name, isHost) in [("group_vars", false), ("host_vars", true)] {
            for entry in names(in: "\(folder)/\(name)") {
                let below = "\(folder)/\(name)/\(entry)"
                let subject = isFolder(below) ? entry : withoutEnding(entry)
                for file in isFolder(below) ? variableFiles(in: below) : [below] where !file.hasSuffix("~") {
                    files.append(
                        ForeignFile(
                            path: file, bytes: try InputFile.read(file),
                            role: isHost ? .hostVariables(subject) : .groupVariables(subject)))
                }
            }
        }
        return files
    }

    /// The inventories of a folder, without what Ansible ignores by its ending (INVENTORY_IGNORE_EXTS).
    private static func inventories(in folder: String) -> [String] {
        let ignored = [
            "~", ".bak", ".cfg", ".md", ".orig", ".pyc", ".pyo", ".retry", ".rpm", ".rst", ".swp", ".txt",
        ]
        return names(in: folder).filter { name in
            !["group_vars", "host_vars"].contains(name) && !ignored.contains { name.hasSuffix($0) }
                && !isFolder("\(folder)/\(name)")
        }.map { "\(folder)/\($0)" }
    }

    private static func variableFiles(in folder: String) -> [String] {
        names(in: folder).flatMap { name in
            isFolder("\(folder)/\(name)") ? variableFiles(in: "\(folder)/\(name)") : ["\(folder)/\(name)"]
        }.filter { path in
            let name = path.split(separator: "/").last ?? ""
            return !name.contains(".") || endings.contains { name.hasSuffix($0) }
        }
    }

    private static let endings = [".yml", ".yaml", ".json"]

    private static func withoutEnding(_ name: String) -> String {
        for ending in endings where name.hasSuffix(ending) { return String(name.dropLast(ending.count)) }
        return name
    }

    private static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}

/// Whose inventory it is.
public enum ForeignFormat: String, CaseIterable, Sendable {
    /// Ansible: INI, YAML, or the JSON of `--list`, with `group_vars` and `host_vars`.
    case ansible
    /// Nornir's SimpleInventory: `hosts.yaml`, `groups.yaml`, `defaults.yaml`.
    case nornir
    /// NetBox: devices as a table, or as its REST interface answers.
    case netbox
    /// Oxidized: `router.db`.
    case oxidized
    /// A table with a header.
    case csv
}

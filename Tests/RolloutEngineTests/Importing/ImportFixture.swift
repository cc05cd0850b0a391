import Testing

@testable import RolloutEngine

/// Imports of inventories that live in memory.
enum ImportFixture {
    /// Options with which small inventories can be imported.
    static var lax: ImportOptions {
        var options = ImportOptions()
        options.datacentre = "home"
        options.range = "all"
        options.platform = "linux"
        return options
    }

    /// Files by path; folders of variables are known by theirs.
    static func files(_ texts: [String: String]) -> [ForeignFile] {
        texts.sorted { $0.key < $1.key }.map { path, text in
            let name = String(path.split(separator: "/").last ?? "").replacing(".yml", with: "")
            let role: ForeignFile.Role =
                path.contains("group_vars/")
                ? .groupVariables(name) : path.contains("host_vars/") ? .hostVariables(name) : .inventory
            return ForeignFile(path: path, bytes: Array(text.utf8), role: role)
        }
    }

    static func read(
        _ texts: [String: String], _ format: ForeignFormat = .ansible, _ options: ImportOptions = lax
    ) throws -> InventoryImport {
        try InventoryImport(files(texts), format: format, source: "source", options: options)
    }

    /// The devices that an import amounts to, as our own reader has them.
    static func devices(
        _ texts: [String: String], _ format: ForeignFormat = .ansible, _ options: ImportOptions = lax
    ) throws -> [String: Device] {
        let imported = try read(texts, format, options)
        let loaded = try InventoryImport.load(Array(imported.text.utf8), as: "out.yaml")
        return Dictionary(uniqueKeysWithValues: loaded.inventory.devices.map { ($0.name.rawValue, $0) })
    }

    /// The complaints about an inventory; empty when it can be imported.
    static func complaints(
        _ texts: [String: String], _ format: ForeignFormat = .ansible, _ options: ImportOptions = lax
    ) -> [String] {
        do {
            _ = try read(texts, format, options)
            return []
        } catch let error as InputError {
            return error.complaints.map(\.description)
        } catch {
            return ["unexpected: \(error)"]
        }
    }
}

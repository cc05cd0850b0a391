/// An inventory together with where everything in it was written.
public struct LoadedInventory: Sendable {
    /// The fleet, with every reference checked.
    public let inventory: Inventory
    /// What looks like a mistake but can be used.
    public let warnings: [Complaint]

    private let sections: InventorySections

    init(inventory: Inventory, warnings: [Complaint], sections: InventorySections) {
        self.inventory = inventory
        self.warnings = warnings
        self.sections = sections
    }

    /// Where each setting of a device comes from, sorted by setting; empty for a device that is not in the inventory.
    ///
    /// Found anew at each call, so that a large inventory need not keep a place for every value.
    public func origins(of name: DeviceName) -> [SettingOrigin] {
        guard let device = inventory.device(named: name),
            let written = sections.devices.first(where: { $0.name == name })
        else { return [] }
        var origins: [String: SettingOrigin] = [:]
        for (level, source) in levels(of: device) + [(.device, written.source)] {
            for value in sections.values(of: source) {
                var origin = SettingOrigin(
                    setting: value.path, value: value.value, level: level, location: value.location)
                // Tags add up, so that every level's are its own.
                if value.path == "tags" { origin.setting = "tags (\(level))" }
                if let before = origins[origin.setting] {
                    let replaced = SettingOrigin.Overridden(
                        value: before.value, level: before.level, location: before.location)
                    origin.overridden = [replaced] + before.overridden
                }
                origins[origin.setting] = origin
            }
        }
        return origins.values.sorted { naturallyPrecedes($0.setting, $1.setting) }
    }

    private func levels(of device: Device) -> [(SettingOrigin.Level, InventorySections.DeviceSource)] {
        let groups = device.groups.compactMap { group in sections.groups.first { $0.level == .group(group) } }
        let levels =
            [sections.defaults, sections.ranges.first { $0.level == .range(device.range) }]
            + [sections.datacentres.first { $0.level == .datacentre(device.datacentre) }] + groups
        return levels.compactMap { $0 }.map { ($0.level, $0.source) }
    }
}

extension Inventory {
    /// The device of this name.
    public func device(named name: DeviceName) -> Device? {
        var low = 0
        var high = devices.count
        while low < high {
            let middle = (low + high) / 2
            if devices[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low < devices.count && devices[low].name == name ? devices[low] : nil
    }
}

/// Writes an inventory in our own format.
struct InventoryYAML {
    private(set) var text: String

    /// - Parameter source: Where the fleet was read from, for the first line.
    init(_ fleet: FleetTranslator.TranslatedFleet, source: String) {
        text = "# Imported from \(SafeText.line(source)). See docs/inventory.md for what may stand here.\n"
        if !fleet.defaults.isEmpty {
            text += "\ndefaults:\n"
            writeBlock(fleet.defaults, indent: "  ")
        }
        let ranges = Set(fleet.devices.map(\.range)).sorted(by: naturallyPrecedes)
        text += "\nranges:\n" + ranges.map { "  \(Self.scalar($0)):\n" }.joined()
        let datacentres = Set(fleet.devices.map(\.datacentre)).sorted(by: naturallyPrecedes)
        text += "\ndatacentres:\n" + datacentres.map { "  \(Self.scalar($0)):\n" }.joined()
        if !fleet.groups.isEmpty {
            text += "\ngroups:\n"
            for group in fleet.groups {
                text += "  \(Self.scalar(group.name)):\n"
                writeBlock(group.settings, indent: "    ")
            }
        }
        writeDevices(fleet.devices)
    }

    private mutating func writeDevices(_ devices: [FleetTranslator.TranslatedDevice]) {
        text += "\ndevices:\n"
        var heading = ""
        let inOrder = devices.sorted { left, right in
            if left.datacentre != right.datacentre { return naturallyPrecedes(left.datacentre, right.datacentre) }
            if left.range != right.range { return naturallyPrecedes(left.range, right.range) }
            return naturallyPrecedes(left.name, right.name)
        }
        for device in inOrder {
            let place = "  # \(device.datacentre), \(device.range)\n"
            if place != heading { text += place }
            heading = place
            var settings = device.own
            settings["datacentre"] = .text(device.datacentre)
            settings["range"] = .text(device.range)
            if !device.groups.isEmpty { settings["groups"] = .list(device.groups) }
            text += "  \(Self.scalar(device.name)): \(Self.flow(settings))\n"
        }
    }

    /// A setting on each line; `ssh`, `snmp` and `vars` are maps of their own.
    private mutating func writeBlock(_ settings: LevelTranslator.Settings, indent: String) {
        var before = ""
        for (path, value) in Self.inOrder(settings) {
            let (map, key) = Self.split(path)
            if let map, map != before { text += "\(indent)\(map):\n" }
            before = map ?? ""
            text += "\(indent)\(map == nil ? "" : "  ")\(Self.scalar(key)): \(Self.value(value))\n"
        }
    }

    private static func flow(_ settings: LevelTranslator.Settings) -> String {
        var parts: [String] = []
        var maps: [(name: String, entries: [String])] = []
        for (path, value) in inOrder(settings) {
            let (map, key) = split(path)
            let entry = "\(scalar(key)): \(self.value(value))"
            guard let map else {
                parts.append(entry)
                continue
            }
            if maps.last?.name == map {
                maps[maps.count - 1].entries.append(entry)
            } else {
                maps.append((map, [entry]))
            }
        }
        parts += maps.map { "\($0.name): {\($0.entries.joined(separator: ", "))}" }
        return "{\(parts.joined(separator: ", "))}"
    }

    /// As people look for them: the address first, maps last.
    private static func inOrder(
        _ settings: LevelTranslator.Settings
    ) -> [(key: String, value: LevelTranslator.Written)] {
        let first = [
            "address", "hostname", "serial", "platform", "range", "datacentre", "pair", "rack", "groups", "tags",
        ]
        func rank(_ path: String) -> Int {
            first.firstIndex(of: path) ?? (path.hasPrefix("ssh.") ? 20 : path.hasPrefix("snmp.") ? 30 : 40)
        }
        return settings.sorted { (rank($0.key), $0.key) < (rank($1.key), $1.key) }
    }

    private static func split(_ path: String) -> (map: String?, key: String) {
        guard let dot = path.firstIndex(of: ".") else { return (nil, path) }
        return (String(path[..<dot]), String(path[path.index(after: dot)...]))
    }

    private static func value(_ value: LevelTranslator.Written) -> String {
        switch value {
        case .text(let text): scalar(text)
        case .list(let items): "[\(items.map(scalar).joined(separator: ", "))]"
        case .variable(let variable): self.variable(variable)
        }
    }

    private static func variable(_ variable: Variable) -> String {
        switch variable {
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        case .list(let items): "[\(items.map(self.variable).joined(separator: ", "))]"
        case .text(let text): SettingVocabulary.variable(text) == .text(text) ? scalar(text) : quoted(text)
        }
    }

    /// A text as a plain scalar where nobody could misread it, else in double quotes.
    static func scalar(_ text: String) -> String {
        let isTame = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f, 0x2e, 0x2f, 0x2b, 0x2d, 0x40: true
            default: false
            }
        }
        guard isTame, let first = text.utf8.first, first != 0x2d, first != 0x40,
            !["null", "Null", "NULL"].contains(text)
        else { return text.hasPrefix("env:") && isReference(text) ? text : quoted(text) }
        return text
    }

    /// `env:NAME`, whose colon no blank follows.
    private static func isReference(_ text: String) -> Bool {
        text.dropFirst(4).utf8.allSatisfy { (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

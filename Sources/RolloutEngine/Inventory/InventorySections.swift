/// What the files of an inventory say, section by section, before any reference is followed.
struct InventorySections {
    /// A level's settings with the map they were written in.
    struct Level: Sendable {
        let level: SettingOrigin.Level
        let settings: DeviceSettings
        let source: DeviceSource
        let location: SourceLocation
    }

    /// Where a device or level is written.
    enum DeviceSource: Sendable {
        case map(file: String, entries: [YAMLEntry], location: SourceLocation)
        case row(table: Int, row: Int)
    }

    /// A device as written.
    struct WrittenDevice: Sendable {
        let name: DeviceName
        let settings: DeviceSettings
        let source: DeviceSource
    }

    /// A link as written; its counters may be those of a device.
    struct WrittenLink: Sendable {
        let name: LinkName
        let capacity: BitsPerSecond
        let address: String?
        let device: DeviceName?
        let interface: String
        let direction: LinkCounters.Direction
        let snmp: DeviceSettings.SNMPPatch
        let place: SourceLocation
    }

    var defaults: Level?
    var ranges: [Level] = []
    var datacentres: [Level] = []
    var datacentreDetails: [Datacentre] = []
    var groups: [Level] = []
    var links: [WrittenLink] = []
    var devices: [WrittenDevice] = []
    var tables: [DeviceTable] = []

    /// Keys of a level's map that are no settings of a device.
    static let ownKeys = ["name", "time_zone", "window", "blackouts"]

    /// The values written in a source, with their places.
    func values(of source: DeviceSource) -> [SettingValue] {
        switch source {
        case .map(let file, let entries, _): SettingValue.flatten(entries, file: file, skipping: Self.ownKeys)
        case .row(let table, let row): tables[table].values(ofRow: row)
        }
    }

    /// Where a source starts.
    func location(of source: DeviceSource) -> SourceLocation {
        switch source {
        case .map(_, _, let location): location
        case .row(let table, let row): tables[table].location(ofRow: row)
        }
    }

    /// Where a setting stands in a source; the source itself when it says nothing of it.
    func place(of path: String, in source: DeviceSource) -> SourceLocation {
        values(of: source).first { $0.path == path }?.location ?? location(of: source)
    }
}

/// Reads the sections of inventory files.
struct SectionReader {
    let surroundings: Surroundings
    let complaints: ComplaintList
    private(set) var sections = InventorySections()
    private var seen: [String: SourceLocation] = [:]

    init(surroundings: Surroundings, complaints: ComplaintList) {
        self.surroundings = surroundings
        self.complaints = complaints
    }

    private var settingsReader: SettingsReader { SettingsReader(surroundings: surroundings, complaints: complaints) }

    /// Reads one YAML file, which may hold any of the sections.
    mutating func readYAML(_ bytes: [UInt8], file: String) {
        guard let root = YAMLDocument.read(bytes, file: file, complaints: complaints),
            var map = YAMLMap(root, "the inventory file", in: file, complaints, example: "devices: …")
        else { return }
        map.know(["defaults", "ranges", "datacentres", "groups", "links", "devices"])
        map.refuseUnknownKeys()
        for entry in map.entries {
            switch entry.key {
            case "defaults": readDefaults(entry, in: map)
            case "ranges": eachNamed(entry, "range", in: map) { $0.readRange($1, $2) }
            case "datacentres": eachNamed(entry, "datacentre", in: map) { $0.readDatacentre($1, $2) }
            case "groups": eachNamed(entry, "group", in: map) { $0.readGroup($1, $2) }
            case "links": eachNamed(entry, "link", in: map) { $0.readLink($1, $2) }
            case "devices": eachNamed(entry, "device", in: map) { $0.readDevice($1, $2) }
            default: break
            }
        }
    }

    /// Reads one table of devices.
    mutating func readTable(_ bytes: [UInt8], file: String) {
        let index = sections.tables.count
        var rows: [InventorySections.WrittenDevice] = []
        let table = DeviceTable.read(bytes, file: file, surroundings: surroundings, complaints: complaints) {
            rows.append(.init(name: DeviceName(rawValue: $0), settings: $1, source: .row(table: index, row: $2)))
        }
        guard let table else { return }
        sections.tables.append(table)
        sections.devices.append(contentsOf: rows)
    }

    /// Goes over a map of names to settings, or a list of settings that each have a `name`.
    private mutating func eachNamed(
        _ entry: YAMLEntry, _ noun: String, in map: YAMLMap, _ read: (inout Self, String, YAMLMap) -> Void
    ) {
        switch entry.value.content {
        case .null: return
        case .list(let items):
            for item in items {
                guard var one = map.submap(item, "a \(noun)", example: "{name: …}"),
                    let name = one.required("name", .name)
                else { continue }
                guard var named = map.submap(item, "\(noun) \(name)") else { continue }
                named.know(["name"])
                guard register(noun, name, at: one.place(of: "name")) else { continue }
                read(&self, name, named)
            }
        default:
            guard let all = map.submap(entry.value, entry.key, example: "{name: {…}}") else { return }
            for item in all.entries {
                let place = SourceLocation(file: map.file, line: item.line, column: item.column)
                guard TextFormat<String>.name.parse(item.key) != nil else {
                    complaints.error(
                        at: place, TextFormat<String>.name.complaint(about: item.key, what: "the \(noun)'s name"))
                    continue
                }
                guard register(noun, item.key, at: place), let one = map.submap(item.value, "\(noun) \(item.key)")
                else {
                    continue
                }
                read(&self, item.key, one.standing(at: place))
            }
        }
    }

    /// Remembers a name, and complains when it was given before. Devices are compared later, together with the tables.
    private mutating func register(_ noun: String, _ name: String, at place: SourceLocation) -> Bool {
        if noun == "device" { return true }
        if let first = seen["\(noun) \(name)"] {
            complaints.error(at: place, "\(noun) \(name) is defined twice, first at \(first)")
            return false
        }
        seen["\(noun) \(name)"] = place
        return true
    }

    private func level(_ level: SettingOrigin.Level, _ map: inout YAMLMap) -> InventorySections.Level {
        let settings = settingsReader.settings(of: &map)
        map.refuseUnknownKeys()
        if level != .defaults {
            for key in ["range", "datacentre", "groups"] where map.entry(key) != nil {
                complaints.error(
                    at: map.place(of: key), "\(map.what) cannot say which \(key) its devices are in",
                    remedy: "say it in the device or in defaults")
            }
        }
        return .init(
            level: level, settings: settings,
            source: .map(file: map.file, entries: map.entries, location: map.location), location: map.location)
    }

    private mutating func readDefaults(_ entry: YAMLEntry, in file: YAMLMap) {
        guard var map = file.submap(entry.value, "defaults") else { return }
        if let first = sections.defaults {
            complaints.error(
                at: SourceLocation(file: file.file, line: entry.line, column: entry.column),
                "defaults are given twice, first at \(first.location)")
            return
        }
        sections.defaults = level(.defaults, &map)
    }

    private mutating func readRange(_ name: String, _ map: YAMLMap) {
        var map = map
        sections.ranges.append(level(.range(RangeName(rawValue: name)), &map))
    }

    private mutating func readGroup(_ name: String, _ map: YAMLMap) {
        var map = map
        sections.groups.append(level(.group(GroupName(rawValue: name)), &map))
    }

    private mutating func readDatacentre(_ name: String, _ map: YAMLMap) {
        var map = map
        let details = DatacentreReader(complaints: complaints).read(name, &map)
        sections.datacentres.append(level(.datacentre(DatacentreName(rawValue: name)), &map))
        sections.datacentreDetails.append(details)
    }

    private mutating func readLink(_ name: String, _ map: YAMLMap) {
        if let link = LinkReader(settings: settingsReader, complaints: complaints).read(name, map) {
            sections.links.append(link)
        }
    }

    private mutating func readDevice(_ name: String, _ map: YAMLMap) {
        var map = map
        let settings = settingsReader.settings(of: &map)
        map.refuseUnknownKeys()
        sections.devices.append(
            .init(
                name: DeviceName(rawValue: name), settings: settings,
                source: .map(file: map.file, entries: map.entries, location: map.location)))
    }
}

/// Says a whole fleet in our words: levels, and what each device says beside them.
struct FleetTranslator {
    /// A device as it is to be written.
    struct TranslatedDevice {
        let name: String
        let datacentre: String
        let range: String
        let groups: [String]
        /// Only what the levels above do not say already.
        let own: LevelTranslator.Settings
    }

    /// A fleet as it is to be written.
    struct TranslatedFleet {
        var defaults: LevelTranslator.Settings = [:]
        var groups: [(name: String, settings: LevelTranslator.Settings)] = []
        var devices: [TranslatedDevice] = []
    }

    let fleet: ForeignFleet
    let options: ImportOptions
    let complaints: ComplaintList
    private var levels: LevelTranslator
    private var names = ImportNotes()

    init(_ fleet: ForeignFleet, keys: ForeignKeys, options: ImportOptions, complaints: ComplaintList) {
        self.fleet = fleet
        self.options = options
        self.complaints = complaints
        levels = LevelTranslator(
            keys: keys, options: options, hosts: Set(fleet.hosts.map(\.name)), complaints: complaints)
    }

    /// What was dropped, and what has to be filled in.
    var notes: ImportNotes { levels.notes }

    /// The fleet in our words; complaints say what cannot be said.
    mutating func translate() -> TranslatedFleet {
        var result = TranslatedFleet()
        checkNames()
        result.defaults = levels.settings(of: fleet.defaults, level: "")
        if let platform = options.platform, result.defaults["platform"] == nil {
            result.defaults["platform"] = .text(platform)
        }
        for group in fleet.groups {
            result.groups.append((group.name, levels.settings(of: group.variables, level: group.name)))
        }
        let wholes = fleet.hosts.map { whole($0, result.defaults["platform"]) }
        takeBackLeaks(of: &result, wholes)
        let byGroup = Dictionary(result.groups.map { ($0.name, $0.settings) }, uniquingKeysWith: { first, _ in first })
        var bases: [[String]: LevelTranslator.Settings] = [:]
        let parents = Dictionary(fleet.groups.map { ($0.name, $0.parents) }, uniquingKeysWith: { first, _ in first })
        for (host, whole) in zip(fleet.hosts, wholes) {
            let base = bases[host.groups] ?? Self.base(result.defaults, host.groups, byGroup)
            bases[host.groups] = base
            let datacentre = place("datacentre", options.datacentreFrom, options.datacentre, host, parents)
            let range = place("range", options.rangeFrom, options.range, host, parents)
            guard let datacentre, let range else { continue }
            result.devices.append(
                TranslatedDevice(
                    name: host.name, datacentre: datacentre, range: range, groups: host.groups,
                    own: whole.filter { base[$0.key] != $0.value }))
        }
        return result
    }

    /// All that holds for a host.
    private mutating func whole(
        _ host: ForeignFleet.Host, _ platform: LevelTranslator.Written?
    ) -> LevelTranslator.Settings {
        var settings = levels.settings(of: host.variables, level: host.name, host: host)
        if settings["address"] == nil {
            // Other tools take the name for the address, too.
            if TextFormat<String>.address.parse(host.name) != nil {
                settings["address"] = .text(host.name)
            } else {
                complaints.error(at: host.location, "nothing says the address of \(excerpt(host.name))")
            }
        }
        settings["platform"] = settings["platform"] ?? platform
        if settings["platform"] == nil {
            complaints.error(
                at: host.location, "nothing says the platform of \(excerpt(host.name))",
                remedy: "say it for all such hosts: --platform linux")
        }
        return settings
    }

    private static func base(
        _ defaults: LevelTranslator.Settings, _ groups: [String], _ byGroup: [String: LevelTranslator.Settings]
    ) -> LevelTranslator.Settings {
        var base = defaults
        for group in groups { base.merge(byGroup[group] ?? [:]) { $1 } }
        return base
    }

    /// A level can say nothing that does not hold for each of its devices: a device cannot take back what a level gives.
    /// What is taken from the levels is written at each device that has it.
    private func takeBackLeaks(of result: inout TranslatedFleet, _ wholes: [LevelTranslator.Settings]) {
        let byGroup = Dictionary(result.groups.map { ($0.name, $0.settings) }, uniquingKeysWith: { first, _ in first })
        var leaks: Set<String> = []
        for (host, whole) in zip(fleet.hosts, wholes) {
            for level in [result.defaults] + host.groups.compactMap({ byGroup[$0] }) {
                for path in level.keys where whole[path] == nil || path == "tags" { leaks.insert(path) }
            }
        }
        for path in leaks {
            result.defaults[path] = nil
            for index in result.groups.indices { result.groups[index].settings[path] = nil }
        }
    }

    /// The datacentre or product range of a host.
    private mutating func place(
        _ what: String, _ source: KeySource?, _ usual: String?, _ host: ForeignFleet.Host,
        _ parents: [String: Set<String>]
    ) -> String? {
        let found = source?.values(of: host, parents: parents) ?? []
        guard found.count <= 1 else {
            complaints.error(
                at: host.location,
                "\(excerpt(host.name)) is in more than one \(what): \(found.map { SafeText.line($0.text) }.joined(separator: ", "))"
            )
            return nil
        }
        if let one = found.first, !one.text.isEmpty {
            return names.name(one.text, for: what, at: one.place, complaints)
        }
        guard let usual else {
            complaints.error(
                at: host.location, "nothing says the \(what) of \(excerpt(host.name))",
                remedy: "name the key that does, --\(what)-from KEY, or the \(what) of such hosts, --\(what) NAME")
            return nil
        }
        return usual
    }

    private func checkNames() {
        var seen: [String: SourceLocation] = [:]
        for host in fleet.hosts {
            if TextFormat<String>.name.parse(host.name) == nil {
                complaints.error(
                    at: host.location, TextFormat<String>.name.complaint(about: host.name, what: "the host's name"),
                    remedy: "rename it")
            }
            if let first = seen.updateValue(host.location, forKey: host.name) {
                complaints.error(at: host.location, "host \(excerpt(host.name)) is there twice, first at \(first)")
            }
        }
        for group in fleet.groups where TextFormat<String>.name.parse(group.name) == nil {
            complaints.error(
                at: group.location, TextFormat<String>.name.complaint(about: group.name, what: "the group's name"),
                remedy: "rename it")
        }
    }
}

/// Reads one level's settings out of a YAML map, by the table of `SettingVocabulary`.
struct SettingsReader {
    let surroundings: Surroundings
    let complaints: ComplaintList

    /// The settings of a map. Keys that are no settings are left to the caller.
    func settings(of map: inout YAMLMap) -> DeviceSettings {
        var settings = DeviceSettings()
        map.know(SettingVocabulary.topLevelKeys)
        for entry in map.entries where !entry.value.isNull {
            if let scalar = SettingVocabulary.scalar(entry.key) {
                read(entry.value, as: scalar, in: map, into: &settings)
            } else if let list = SettingVocabulary.list(entry.key) {
                list.set(&settings, map.readList(entry.value, as: list.item, what: "\(list.path) of \(map.what)"))
            } else if SettingVocabulary.commonDomains.contains(entry.key) {
                addDomain(entry.key, entry.value, in: map, to: &settings)
            } else {
                readSubmap(entry, in: map, into: &settings)
            }
        }
        return settings
    }

    /// The SNMP settings of a map that has nothing else, as a link's counters have.
    func snmp(of node: YAMLNode, in map: YAMLMap) -> DeviceSettings.SNMPPatch {
        var settings = DeviceSettings()
        readGroup("snmp", node, in: map, into: &settings)
        return settings.snmp
    }

    private func readSubmap(_ entry: YAMLEntry, in map: YAMLMap, into settings: inout DeviceSettings) {
        switch entry.key {
        case "ssh", "snmp": readGroup(entry.key, entry.value, in: map, into: &settings)
        case "domains":
            guard let domains = map.submap(entry.value, "domains of \(map.what)", example: "{pair: eco-01}") else {
                return
            }
            for domain in domains.entries where !domain.value.isNull {
                guard TextFormat<String>.variableName.parse(domain.key) != nil else {
                    complaints.error(
                        at: SourceLocation(file: map.file, line: domain.line, column: domain.column),
                        "\(excerpt(domain.key)) is no kind of failure domain",
                        remedy: "expected \(TextFormat<String>.variableName.expected)")
                    continue
                }
                addDomain(domain.key, domain.value, in: map, to: &settings)
            }
        case "vars":
            guard let variables = map.submap(entry.value, "vars of \(map.what)", example: "{cap: 250Mbit}") else {
                return
            }
            for variable in variables.entries { addVariable(variable, in: map, to: &settings) }
        default: break
        }
    }

    private func readGroup(_ name: String, _ node: YAMLNode, in map: YAMLMap, into settings: inout DeviceSettings) {
        guard var group = map.submap(node, "\(name) of \(map.what)", example: "{port: 22}") else { return }
        group.know(SettingVocabulary.keys(below: name))
        for entry in group.entries where !entry.value.isNull {
            guard let scalar = SettingVocabulary.scalar("\(name).\(entry.key)") else { continue }
            read(entry.value, as: scalar, in: map, into: &settings)
        }
        group.refuseUnknownKeys()
    }

    private func read(
        _ node: YAMLNode, as scalar: ScalarSetting, in map: YAMLMap, into settings: inout DeviceSettings
    ) {
        guard case .scalar(let text, _) = node.content else {
            complaints.error(
                at: map.place(of: node), "\(scalar.path) of \(map.what) is \(node.kind), expected \(scalar.expected)")
            return
        }
        guard let problem = scalar.apply(&settings, text, surroundings) else { return }
        complaints.error(at: map.place(of: node), problem, remedy: "in \(map.what)")
    }

    private func addDomain(_ kind: String, _ node: YAMLNode, in map: YAMLMap, to settings: inout DeviceSettings) {
        guard let value = map.read(node, as: .name, what: "\(kind) of \(map.what)") else { return }
        settings.set(FailureDomain(kind: kind, value: value))
    }

    private func addVariable(_ entry: YAMLEntry, in map: YAMLMap, to settings: inout DeviceSettings) {
        let place = SourceLocation(file: map.file, line: entry.line, column: entry.column)
        guard TextFormat<String>.variableName.parse(entry.key) != nil else {
            complaints.error(
                at: place, "\(excerpt(entry.key)) is no name for a variable",
                remedy: "expected \(TextFormat<String>.variableName.expected), and no word of the template language")
            return
        }
        if Self.looksSecret(entry.key) {
            complaints.warn(
                at: place, "variable \(entry.key) looks like a secret, and variables are written into plans",
                remedy: "leave secrets to ssh and snmp, as env:NAME or file:PATH")
        }
        guard let value = variable(entry.value, named: entry.key, in: map, depth: 0) else { return }
        settings.variables[entry.key] = value
    }

    private func variable(_ node: YAMLNode, named name: String, in map: YAMLMap, depth: Int) -> Variable? {
        switch node.content {
        case .null: return .text("")
        case .scalar(let text, let plain):
            let isHarmful = text.unicodeScalars.contains { $0.isSilent && $0 != "\n" && $0 != "\t" }
            if isHarmful {
                complaints.error(
                    at: map.place(of: node),
                    "variable \(name) of \(map.what) holds a control character: \(excerpt(text))",
                    remedy: "only line breaks and tabs are allowed")
                return nil
            }
            return plain ? SettingVocabulary.variable(text) : .text(text)
        case .list(let items) where depth < 4:
            return .list(items.compactMap { variable($0, named: name, in: map, depth: depth + 1) })
        default:
            complaints.error(
                at: map.place(of: node), "variable \(name) of \(map.what) is \(node.kind), expected a value or a list")
            return nil
        }
    }

    /// Whether a variable's name promises a secret.
    static func looksSecret(_ name: String) -> Bool {
        let lowered = name.lowercased()
        return ["password", "passwd", "secret", "passphrase", "api_key", "private_key"].contains {
            lowered.contains($0)
        }
    }
}

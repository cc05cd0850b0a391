/// Reads devices out of NetBox: pages of `/api/dcim/devices/`, a list of such devices, or the table that it exports
/// (https://netboxlabs.com/docs/netbox/models/dcim/device/).
///
/// What points to another object (`site`, `role`) is known by that object's slug, or else its name; custom fields are
/// variables of their own names.
enum NetBoxDevices {
    /// Reads the files, which may be the pages of one answer.
    static func read(_ files: [ForeignFile], complaints: ComplaintList) -> ForeignFleet {
        var fleet = ForeignFleet()
        for file in files {
            let first = file.bytes.first { $0 > 0x20 }
            if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
                guard let root = JSONNodeReader.read(file.bytes, file: file.path, complaints: complaints) else {
                    continue
                }
                readPage(root, file: file.path, into: &fleet, complaints)
            } else {
                let table = ForeignTable.read(file, naming: columnName, complaints: complaints)
                for row in table { add(row.values, at: row.location, to: &fleet, complaints) }
            }
        }
        return fleet
    }

    /// Where the next page is; nil at the last one, or when these bytes are no page.
    static func nextPage(of bytes: [UInt8]) -> String? {
        guard case .map(let entries)? = JSONNodeReader.read(bytes, file: "", complaints: ComplaintList())?.content,
            case .scalar(let url, _)? = entries.first(where: { $0.key == "next" })?.value.content
        else { return nil }
        return url
    }

    /// `IP Address` is `ip_address`: exports are titled for people.
    private static func columnName(_ title: String) -> String {
        title.lowercased().replacing(" ", with: "_")
    }

    private static func readPage(
        _ root: YAMLNode, file: String, into fleet: inout ForeignFleet, _ complaints: ComplaintList
    ) {
        var devices: [YAMLNode] = []
        switch root.content {
        case .list(let items): devices = items
        case .map(let entries):
            if case .list(let items)? = entries.first(where: { $0.key == "results" })?.value.content {
                devices = items
                break
            }
            fallthrough
        default:
            complaints.error(
                at: SourceLocation(file: file, line: root.line, column: root.column),
                "holds no devices of NetBox", remedy: "expected an answer of /api/dcim/devices/, which has results")
        }
        for device in devices {
            let place = SourceLocation(file: file, line: device.line, column: device.column)
            guard case .map(let entries) = device.content else {
                complaints.error(at: place, "a device is \(device.kind), expected a map")
                continue
            }
            add(variables(of: entries, file: file), at: place, to: &fleet, complaints)
        }
    }

    private static func variables(of entries: [YAMLEntry], file: String) -> ForeignVariables {
        var variables: ForeignVariables = [:]
        func set(_ key: String, _ node: YAMLNode) {
            if !node.isNull { variables[key] = ForeignValue(node: node, file: file) }
        }
        for entry in entries {
            switch (entry.key, entry.value.content) {
            case ("custom_fields", .map(let fields)): for field in fields { set(field.key, named(field.value)) }
            case ("device_type", .map(let type)):
                set("model", named(entry.value))
                for part in type where part.key == "manufacturer" { set("manufacturer", named(part.value)) }
            case ("tags", .list(let tags)):
                let names = YAMLNode.Content.list(tags.map(named))
                set("tags", YAMLNode(content: names, line: entry.value.line, column: entry.value.column))
            case ("config_context", _), ("local_context_data", _): set(entry.key, entry.value)
            default: set(entry.key, named(entry.value))
            }
        }
        return variables
    }

    /// What a nested object is known by.
    private static func named(_ node: YAMLNode) -> YAMLNode {
        guard case .map(let entries) = node.content else { return node }
        for key in ["slug", "value", "address", "name", "model", "display"] {
            if let entry = entries.first(where: { $0.key == key }), !entry.value.isNull { return entry.value }
        }
        return node
    }

    /// What NetBox keeps of itself, and nobody needs to hear of.
    private static let bookkeeping: Set<String> = ["id", "url", "display", "display_url", "created", "last_updated"]

    private static func add(
        _ variables: ForeignVariables, at place: SourceLocation, to fleet: inout ForeignFleet,
        _ complaints: ComplaintList
    ) {
        var variables = variables.filter { key, _ in !bookkeeping.contains(key) && !key.hasSuffix("_count") }
        guard let name = variables.removeValue(forKey: "name")?.text else {
            let asset = variables["asset_tag"]?.text ?? variables["serial"]?.text
            fleet.omissions.append(
                .init(name: asset ?? "(no name)", location: place, reason: "has no name in NetBox"))
            return
        }
        // Patch panels and power strips are devices of NetBox, too.
        guard let address = addresses.compactMap({ variables[$0] }).first else {
            fleet.omissions.append(.init(name: name, location: place, reason: "has no primary address in NetBox"))
            return
        }
        for key in addresses { variables[key] = nil }
        variables["address"] = withoutPrefix(address)
        fleet.hosts.append(.init(name: name, location: place, groups: [], variables: variables))
    }

    private static let addresses = ["primary_ip", "primary_ip4", "primary_ip6", "ip_address"]

    /// `192.0.2.7/24` without the length of its network.
    private static func withoutPrefix(_ value: ForeignValue) -> ForeignValue {
        guard let address = value.text?.split(separator: "/").first else { return value }
        let node = YAMLNode(
            content: .scalar(String(address), plain: false), line: value.node.line, column: value.node.column)
        return ForeignValue(node: node, file: value.file)
    }
}

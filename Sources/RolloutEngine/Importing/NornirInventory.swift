/// Reads Nornir's SimpleInventory (https://nornir.readthedocs.io/en/latest/tutorial/inventory.html).
///
/// Of two groups that say the same, the one that the host names first wins; a group wins over those that it is in itself.
enum NornirInventory {
    private struct Element {
        let name: String
        let location: SourceLocation
        var groups: [(name: String, location: SourceLocation)] = []
        var variables: ForeignVariables = [:]
    }

    /// Reads the files, of which the first holds the hosts.
    static func read(_ files: [ForeignFile], complaints: ComplaintList) -> ForeignFleet {
        var hosts: [Element] = []
        var groups: [Element] = []
        var defaults: ForeignVariables = [:]
        for (index, file) in files.enumerated() {
            guard
                let root = YAMLDocument.read(file.bytes, file: file.path, dialect: .foreign, complaints: complaints),
                let map = YAMLMap(root, file.path, in: file.path, complaints)
            else { continue }
            if index > 0, file.path.hasSuffix("defaults.yaml") {
                defaults = element("defaults", map, at: map.location, complaints).variables
                continue
            }
            let elements = map.entries.compactMap { entry -> Element? in
                let place = SourceLocation(file: file.path, line: entry.line, column: entry.column)
                return map.submap(entry.value, entry.key).map { element(entry.key, $0, at: place, complaints) }
            }
            if index == 0 { hosts = elements } else { groups = elements }
        }
        return fleet(hosts, groups, defaults, complaints)
    }

    private static let attributes = ["hostname", "port", "username", "password", "platform", "connection_options"]

    private static func element(
        _ name: String, _ map: YAMLMap, at place: SourceLocation, _ complaints: ComplaintList
    ) -> Element {
        var map = map
        var element = Element(name: name, location: place)
        for key in attributes {
            guard let entry = map.entry(key) else { continue }
            element.variables[key] = ForeignValue(node: entry.value, file: map.file)
        }
        if let entry = map.entry("groups") {
            guard case .list(let items) = entry.value.content else {
                complaints.error(at: map.place(of: "groups"), "groups of \(excerpt(name)) is no list")
                return element
            }
            for item in items {
                guard case .scalar(let group, _) = item.content else { continue }
                element.groups.append((group, map.place(of: item)))
            }
        }
        if let entry = map.entry("data"), let data = map.submap(entry.value, "data of \(name)") {
            for value in data.entries {
                let key = attributes.contains(value.key) ? "data.\(value.key)" : value.key
                element.variables[key] = ForeignValue(node: value.value, file: map.file)
            }
        }
        map.refuseUnknownKeys()
        return element
    }

    private static func fleet(
        _ hosts: [Element], _ groups: [Element], _ defaults: ForeignVariables, _ complaints: ComplaintList
    ) -> ForeignFleet {
        let byName = Dictionary(groups.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        /// The groups of an element, the strongest first, as Nornir looks at them.
        func extended(_ element: Element, path: [String]) -> [String] {
            var names: [String] = []
            for (name, place) in element.groups {
                guard let group = byName[name] else {
                    complaints.error(
                        at: place, "unknown group \(excerpt(name)) of \(excerpt(element.name))",
                        remedy: suggestion(for: name, among: groups.map(\.name), noun: "defined"))
                    continue
                }
                guard !path.contains(name) else {
                    let circle = (path + [name]).map(SafeText.line).joined(separator: " -> ")
                    complaints.error(at: place, "groups are in each other in a circle: \(circle)")
                    continue
                }
                for each in [name] + extended(group, path: path + [name]) where !names.contains(each) {
                    names.append(each)
                }
            }
            return names
        }
        var fleet = ForeignFleet(defaults: defaults)
        // Circles are found here, before they are walked once for each host.
        for group in groups { _ = extended(group, path: [group.name]) }
        guard complaints.isClean else { return fleet }
        fleet.groups = groups.map {
            .init(name: $0.name, location: $0.location, variables: $0.variables, parents: Set($0.groups.map(\.name)))
        }
        for host in hosts {
            let names = Array(extended(host, path: []).reversed())
            var variables = defaults
            for name in names { variables.merge(byName[name]?.variables ?? [:]) { $1 } }
            variables.merge(host.variables) { $1 }
            fleet.hosts.append(
                .init(name: host.name, location: host.location, groups: names, variables: variables))
        }
        return fleet
    }
}

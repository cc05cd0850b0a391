/// Reads Ansible's inventories in YAML, and the JSON that dynamic inventories answer `--list` with.
struct AnsibleTree {
    let file: String

    // MARK: YAML

    /// Reads groups with their `hosts`, `vars` and `children`, the outermost map being groups by name.
    func readYAML(_ root: YAMLNode, into groups: inout AnsibleGroups) {
        guard let all = map(root, "the inventory", groups.complaints) else { return }
        for entry in all { readGroup(entry, under: nil, depth: 0, into: &groups) }
    }

    private func readGroup(
        _ entry: YAMLEntry, under parent: String?, depth: Int, into groups: inout AnsibleGroups
    ) {
        let place = SourceLocation(file: file, line: entry.line, column: entry.column)
        groups.addGroup(entry.key, at: place)
        if let parent { groups.addChild(entry.key, to: parent, at: place) }
        for part in map(entry.value, "group \(entry.key)", groups.complaints) ?? [] {
            switch part.key {
            case "hosts": readHosts(part, of: entry.key, into: &groups)
            case "vars":
                for variable in map(part.value, "vars of group \(entry.key)", groups.complaints) ?? [] {
                    groups.setVariable(variable.key, to: value(variable.value), ofGroup: entry.key)
                }
            case "children":
                for child in map(part.value, "children of group \(entry.key)", groups.complaints) ?? [] {
                    readGroup(child, under: entry.key, depth: depth + 1, into: &groups)
                }
            default:
                groups.complaints.error(
                    at: SourceLocation(file: file, line: part.line, column: part.column),
                    "unknown key \(excerpt(part.key)) in group \(entry.key)", remedy: "known: hosts, vars, children")
            }
        }
    }

    private func readHosts(_ part: YAMLEntry, of group: String, into groups: inout AnsibleGroups) {
        // `hosts: web1` is one host.
        if case .scalar(let name, _) = part.value.content {
            return add(name, [], to: group, at: place(of: part.value), into: &groups)
        }
        for host in map(part.value, "hosts of group \(group)", groups.complaints) ?? [] {
            let place = SourceLocation(file: file, line: host.line, column: host.column)
            let variables = map(host.value, "host \(host.key)", groups.complaints) ?? []
            add(host.key, variables, to: group, at: place, into: &groups)
        }
    }

    private func add(
        _ pattern: String, _ variables: [YAMLEntry], to group: String, at place: SourceLocation,
        into groups: inout AnsibleGroups
    ) {
        guard let (hosts, port) = groups.hosts(of: pattern, at: place) else { return }
        for host in hosts {
            groups.addHost(host, to: group, at: place)
            if let port {
                let node = YAMLNode(content: .scalar(port, plain: true), line: place.line, column: place.column)
                groups.setVariable("ansible_port", to: ForeignValue(node: node, file: file), ofHost: host)
            }
            for entry in variables { groups.setVariable(entry.key, to: value(entry.value), ofHost: host) }
        }
    }

    // MARK: The answer of a dynamic inventory

    /// Reads groups that are lists of hosts, or maps with `hosts`, `vars` and `children`; `_meta` holds the hosts' variables
    /// (https://docs.ansible.com/ansible/latest/dev_guide/developing_inventory.html, "Inventory script conventions").
    func readList(_ root: YAMLNode, into groups: inout AnsibleGroups) {
        guard let all = map(root, "the inventory", groups.complaints) else { return }
        for entry in all where entry.key != "_meta" { readListed(entry, into: &groups) }
        for entry in all where entry.key == "_meta" {
            for part in map(entry.value, "_meta", groups.complaints) ?? [] where part.key == "hostvars" {
                for host in map(part.value, "hostvars", groups.complaints) ?? [] {
                    let place = SourceLocation(file: file, line: host.line, column: host.column)
                    groups.addHost(host.key, to: nil, at: place)
                    for variable in map(host.value, "host \(host.key)", groups.complaints) ?? [] {
                        groups.setVariable(variable.key, to: value(variable.value), ofHost: host.key)
                    }
                }
            }
        }
    }

    private func readListed(_ entry: YAMLEntry, into groups: inout AnsibleGroups) {
        let place = SourceLocation(file: file, line: entry.line, column: entry.column)
        groups.addGroup(entry.key, at: place)
        if case .list = entry.value.content {
            return eachName(entry.value, "hosts of group \(entry.key)", groups.complaints) {
                groups.addHost($0, to: entry.key, at: $1)
            }
        }
        for part in map(entry.value, "group \(entry.key)", groups.complaints) ?? [] {
            switch part.key {
            case "hosts":
                eachName(part.value, "hosts of group \(entry.key)", groups.complaints) {
                    groups.addHost($0, to: entry.key, at: $1)
                }
            case "children":
                eachName(part.value, "children of group \(entry.key)", groups.complaints) {
                    groups.addChild($0, to: entry.key, at: $1)
                }
            case "vars":
                for variable in map(part.value, "vars of group \(entry.key)", groups.complaints) ?? [] {
                    groups.setVariable(variable.key, to: value(variable.value), ofGroup: entry.key)
                }
            default:
                groups.complaints.error(
                    at: SourceLocation(file: file, line: part.line, column: part.column),
                    "unknown key \(excerpt(part.key)) in group \(entry.key)", remedy: "known: hosts, vars, children")
            }
        }
    }

    // MARK: Pieces

    private func eachName(
        _ node: YAMLNode, _ what: String, _ complaints: ComplaintList, _ body: (String, SourceLocation) -> Void
    ) {
        guard case .list(let items) = node.content else {
            if !node.isNull { complaints.error(at: place(of: node), "\(what) are \(node.kind), expected a list") }
            return
        }
        for item in items {
            guard case .scalar(let name, _) = item.content else {
                complaints.error(at: place(of: item), "an item of the \(what) is \(item.kind), expected a name")
                continue
            }
            body(name, place(of: item))
        }
    }

    private func map(_ node: YAMLNode, _ what: String, _ complaints: ComplaintList) -> [YAMLEntry]? {
        switch node.content {
        case .map(let entries): return entries
        case .null: return []
        default:
            complaints.error(at: place(of: node), "\(SafeText.line(what)) is not a map")
            return nil
        }
    }

    private func place(of node: YAMLNode) -> SourceLocation {
        SourceLocation(file: file, line: node.line, column: node.column)
    }

    private func value(_ node: YAMLNode) -> ForeignValue { ForeignValue(node: node, file: file) }
}

/// Hosts and groups as the files of an Ansible inventory give them, in any order; then what holds for each host.
///
/// Which variable wins is Ansible's own rule (https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html,
/// "How variables are merged"): `all`, then groups from parents to children, by `ansible_group_priority` and name among
/// equals, then the host; at each of them files of `group_vars` and `host_vars` come over the inventory.
struct AnsibleGroups {
    private struct Group {
        var location: SourceLocation
        var children: [(name: String, location: SourceLocation)] = []
        var variables: ForeignVariables = [:]
        var fileVariables: ForeignVariables = [:]
        var priority = 1
    }

    private struct Host {
        var location: SourceLocation
        var groups: Set<String> = []
        var variables: ForeignVariables = [:]
        var fileVariables: ForeignVariables = [:]
    }

    let complaints: ComplaintList
    private var groups: [String: Group] = [:]
    private var hosts: [String: Host] = [:]
    private var hostOrder: [String] = []
    var omissions: [ForeignFleet.Omission] = []

    init(complaints: ComplaintList) {
        self.complaints = complaints
    }

    // MARK: What files say

    mutating func addGroup(_ name: String, at place: SourceLocation) {
        if groups[name] == nil { groups[name] = Group(location: place) }
    }

    mutating func addChild(_ child: String, to parent: String, at place: SourceLocation) {
        addGroup(child, at: place)
        guard groups[parent]?.children.contains(where: { $0.name == child }) == false else { return }
        groups[parent]?.children.append((child, place))
    }

    mutating func addHost(_ name: String, to group: String?, at place: SourceLocation) {
        if hosts[name] == nil {
            hosts[name] = Host(location: place)
            hostOrder.append(name)
        }
        if let group { hosts[name]?.groups.insert(group) }
    }

    /// The hosts that a pattern such as `web[01:50]:2222` names, and their port; nil with a complaint where it is none.
    func hosts(of pattern: String, at place: SourceLocation) -> (names: [String], port: String?)? {
        let (names, port) = HostRange.splitPort(pattern)
        do throws(HostRange.Problem) {
            return (try HostRange.expand(names), port)
        } catch {
            complaints.error(at: place, error.message)
            return nil
        }
    }

    mutating func setVariable(_ key: String, to value: ForeignValue, ofGroup group: String) {
        if key == "ansible_group_priority" {
            guard let priority = value.text.flatMap({ Int($0) }) else {
                complaints.error(at: value.location, "ansible_group_priority is not a whole number")
                return
            }
            groups[group]?.priority = priority
            return
        }
        if let complaint = Self.set(
            key, value, in: &groups[group, default: Group(location: value.location)].variables, of: "group \(group)")
        {
            complaints.error(at: value.location, complaint, remedy: "keep one of them")
        }
    }

    mutating func setVariable(_ key: String, to value: ForeignValue, ofHost host: String) {
        if let complaint = Self.set(
            key, value, in: &hosts[host, default: Host(location: value.location)].variables, of: "host \(host)")
        {
            complaints.error(at: value.location, complaint, remedy: "keep one of them")
        }
    }

    /// A file of `group_vars` or `host_vars`. One for a group or host that does not exist means nothing to Ansible.
    mutating func setFileVariables(_ variables: ForeignVariables, of name: String, isHost: Bool) {
        if isHost {
            hosts[name]?.fileVariables.merge(variables) { $1 }
        } else {
            groups[name]?.fileVariables.merge(variables) { $1 }
        }
    }

    /// Of two files the later wins; within one, two values for one key are a mistake, which is returned.
    ///
    /// Static: a method of its own would hold a copy of all hosts while one of them is changed.
    private static func set(
        _ key: String, _ value: ForeignValue, in variables: inout ForeignVariables, of what: String
    ) -> String? {
        let before = variables.updateValue(value, forKey: key)
        guard let before, before.file == value.file, before.location != value.location, !before.isSame(as: value)
        else { return nil }
        return "\(key) of \(what) has another value at \(before.location)"
    }

    // MARK: What holds

    /// Every host with what holds for it.
    func fleet() -> ForeignFleet {
        var fleet = ForeignFleet(omissions: omissions)
        guard let order = ordered() else { return fleet }
        let rank = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        var ancestors: [String: Set<String>] = [:]
        var parents: [String: Set<String>] = [:]
        for (name, group) in groups { for child in group.children { parents[child.name, default: []].insert(name) } }
        // Parents come before their children.
        for name in order {
            let direct = parents[name] ?? []
            ancestors[name] = direct.union(direct.flatMap { ancestors[$0] ?? [] })
        }
        let all = groups["all"]
        fleet.defaults = (all?.variables ?? [:]).merging(all?.fileVariables ?? [:]) { $1 }
        for name in order where !Self.implicit.contains(name) {
            guard let group = groups[name] else { continue }
            fleet.groups.append(
                .init(
                    name: name, location: group.location,
                    variables: group.variables.merging(group.fileVariables) { $1 },
                    parents: (parents[name] ?? []).subtracting(Self.implicit)))
        }
        for name in hostOrder {
            guard let host = hosts[name] else { continue }
            let all = host.groups.union(host.groups.flatMap { ancestors[$0] ?? [] })
            let names = all.subtracting(["all"]).sorted { rank[$0] ?? 0 < rank[$1] ?? 0 }
            let isUngrouped = names.isEmpty || names == ["ungrouped"]
            let levels = ["all"] + (isUngrouped ? ["ungrouped"] : names)
            var variables: ForeignVariables = [:]
            for level in levels { variables.merge(groups[level]?.variables ?? [:]) { $1 } }
            for level in levels { variables.merge(groups[level]?.fileVariables ?? [:]) { $1 } }
            variables.merge(host.variables) { $1 }
            variables.merge(host.fileVariables) { $1 }
            fleet.hosts.append(
                .init(
                    name: name, location: host.location, groups: names.filter { !Self.implicit.contains($0) },
                    variables: variables))
        }
        return fleet
    }

    private static let implicit: Set<String> = ["all", "ungrouped"]

    /// The groups' names, parents first, as their variables are merged; nil and a complaint when groups go round in a circle.
    private func ordered() -> [String]? {
        var waiting: [String: Int] = [:]
        for group in groups.values { for child in group.children { waiting[child.name, default: 0] += 1 } }
        var depth: [String: Int] = [:]
        var ready = groups.keys.filter { waiting[$0] == nil }.sorted()
        for name in ready { depth[name] = name == "all" ? 0 : 1 }
        var done = 0
        while let name = ready.popLast() {
            done += 1
            for child in groups[name]?.children ?? [] {
                depth[child.name] = max(depth[child.name] ?? 1, (depth[name] ?? 0) + 1)
                waiting[child.name, default: 0] -= 1
                if waiting[child.name] == 0 { ready.append(child.name) }
            }
        }
        guard done == groups.count else {
            complainAboutCircle(among: waiting.filter { $0.value > 0 }.keys.sorted())
            return nil
        }
        return groups.keys.sorted { left, right in
            let first = (depth[left] ?? 1, groups[left]?.priority ?? 1, left)
            let second = (depth[right] ?? 1, groups[right]?.priority ?? 1, right)
            return first < second
        }
    }

    private func complainAboutCircle(among names: [String]) {
        let left = Set(names)
        // Each of these has a parent among them: who goes up meets somebody twice.
        var path: [String] = []
        var current = names.first
        var place: SourceLocation?
        while let name = current, !path.contains(name) {
            path.append(name)
            let parent = names.first { groups[$0]?.children.contains { $0.name == name } == true && left.contains($0) }
            place = parent.flatMap { groups[$0]?.children.first { $0.name == name }?.location }
            current = parent
        }
        guard let first = current, let start = path.firstIndex(of: first) else { return }
        let circle = (path[start...] + [first]).reversed().joined(separator: " -> ")
        complaints.error(
            at: place ?? groups[first]?.location ?? SourceLocation(file: "inventory"),
            "groups are children of each other in a circle: \(SafeText.line(circle))")
    }
}

/// Checks that need the whole fleet: jump devices, pairs, and what cannot be watched.
struct InventoryChecks {
    let sections: InventorySections
    let complaints: ComplaintList

    func run(_ devices: [Device], links: [Link], folder: String) {
        checkJumps(devices)
        checkPairs(devices)
        SNMPChecks(complaints: complaints).run(devices, links: links, sections: sections) { place(of: $0, $1) }
        warnAboutWatching(devices, links: links, folder: folder)
    }

    private func place(of path: String, _ device: Device) -> SourceLocation {
        guard let written = sections.devices.first(where: { $0.name == device.name }) else {
            return SourceLocation(file: device.name.rawValue)
        }
        if sections.values(of: written.source).contains(where: { $0.path == path }) {
            return sections.place(of: path, in: written.source)
        }
        let groups = device.groups.reversed().compactMap { name in sections.groups.first { $0.level == .group(name) } }
        let above =
            groups + sections.datacentres.filter { $0.level == .datacentre(device.datacentre) }
            + sections.ranges.filter { $0.level == .range(device.range) } + [sections.defaults].compactMap { $0 }
        for level in above where sections.values(of: level.source).contains(where: { $0.path == path }) {
            return sections.place(of: path, in: level.source)
        }
        return sections.location(of: written.source)
    }

    private func checkJumps(_ devices: [Device]) {
        guard devices.contains(where: { $0.ssh.jump != nil }) else { return }
        let byName = Dictionary(devices.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for device in devices {
            var path = [device.name]
            var current = device
            while let jump = current.ssh.jump, !jump.contains("@") {
                guard let next = byName[DeviceName(rawValue: jump)] else {
                    complaints.error(
                        at: place(of: "ssh.jump", current), "unknown device \(excerpt(jump)) as jump",
                        remedy: suggestion(for: jump, among: devices.map(\.name.rawValue), noun: "defined")
                            ?? "expected a device of this inventory, or user@host:port")
                    break
                }
                guard !path.contains(next.name) else {
                    complaints.error(
                        at: place(of: "ssh.jump", device), "device \(device.name) jumps in a circle",
                        remedy: (path + [next.name]).map(\.rawValue).joined(separator: " -> "))
                    break
                }
                guard next.ssh.jump == nil || next.ssh.jump == device.name.rawValue else {
                    complaints.error(
                        at: place(of: "ssh.jump", device),
                        "device \(device.name) jumps through \(next.name), which needs a jump itself",
                        remedy: "one jump is supported")
                    break
                }
                path.append(next.name)
                current = next
            }
        }
    }

    private func checkPairs(_ devices: [Device]) {
        var members: [FailureDomain: [Int]] = [:]
        for (index, device) in devices.enumerated() {
            for domain in device.domains where domain.kind == "pair" { members[domain, default: []].append(index) }
        }
        for (pair, indices) in members where indices.count != 2 {
            let names = indices.prefix(5).map { devices[$0].name.rawValue }.joined(separator: ", ")
            complaints.warn(
                at: place(of: "domains.pair", devices[indices[0]]),
                indices.count == 1
                    ? "\(pair) has one member only, \(names)"
                    : "\(pair) has \(indices.count) members: \(names)\(indices.count > 5 ? ", …" : "")",
                remedy: "a pair has two; devices of one place are better told by rack or another domain")
        }
    }

    private func warnAboutWatching(_ devices: [Device], links: [Link], folder: String) {
        func warn(_ unwatched: [Device], _ lack: String, _ remedy: String) {
            guard let first = unwatched.first else { return }
            let names =
                unwatched.prefix(3).map(\.name.rawValue).joined(separator: ", ") + (unwatched.count > 3 ? ", …" : "")
            complaints.warn(
                at: sections.devices.first { $0.name == first.name }.map { sections.location(of: $0.source) }
                    ?? SourceLocation(file: folder),
                "\(unwatched.count) of \(devices.count) devices \(lack): \(names)", remedy: remedy)
        }
        warn(
            devices.filter { !$0.snmp.isGiven }, "have no snmp community or user and cannot be watched",
            "give one, such as snmp: {community: env:SNMP_COMMUNITY}")
        warn(
            devices.filter { $0.interfaces.isEmpty }, "have no interfaces to watch",
            "list them, such as interfaces: [eth0]")
        for link in links where !link.counters.snmp.isGiven {
            let place = sections.links.first { $0.name == link.name }?.place
            complaints.warn(
                at: place ?? SourceLocation(file: folder),
                "link \(link.name) has no snmp community or user and cannot be watched",
                remedy: "give one in defaults or in its counters")
        }
    }
}

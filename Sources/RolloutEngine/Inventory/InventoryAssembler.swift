/// Lays the levels of an inventory over each other, device by device, and follows every reference.
struct InventoryAssembler {
    let sections: InventorySections
    let complaints: ComplaintList

    private let ranges: [RangeName: DeviceSettings]
    private let datacentres: [DatacentreName: DeviceSettings]
    private let groups: [GroupName: DeviceSettings]
    private let links: Set<LinkName>
    private var bases: [Place: DeviceSettings] = [:]

    /// What decides which levels a device has.
    private struct Place: Hashable {
        var range: RangeName?
        var datacentre: DatacentreName?
        var groups: [GroupName]
    }

    init(_ sections: InventorySections, complaints: ComplaintList) {
        self.sections = sections
        self.complaints = complaints
        var ranges: [RangeName: DeviceSettings] = [:]
        var datacentres: [DatacentreName: DeviceSettings] = [:]
        var groups: [GroupName: DeviceSettings] = [:]
        for level in sections.ranges + sections.datacentres + sections.groups {
            switch level.level {
            case .range(let name): ranges[name] = level.settings
            case .datacentre(let name): datacentres[name] = level.settings
            case .group(let name): groups[name] = level.settings
            case .defaults, .device: break
            }
        }
        self.ranges = ranges
        self.datacentres = datacentres
        self.groups = groups
        links = Set(sections.links.map(\.name))
    }

    /// The devices, sorted by name.
    mutating func devices() -> [Device] {
        var names: [DeviceName: Int] = [:]
        names.reserveCapacity(sections.devices.count)
        var devices: [Device] = []
        devices.reserveCapacity(sections.devices.count)
        for level in [sections.defaults].compactMap({ $0 }) + sections.ranges + sections.datacentres + sections.groups {
            checkLinks(of: level.settings, in: level.source, what: level.level.description)
        }
        for (index, written) in sections.devices.enumerated() {
            if let first = names[written.name] {
                complaints.error(
                    at: sections.location(of: written.source),
                    "device \(written.name) is defined twice, first at \(sections.location(of: sections.devices[first].source))"
                )
                continue
            }
            names[written.name] = index
            checkLinks(of: written.settings, in: written.source, what: "device \(written.name)")
            if let device = resolve(written) { devices.append(device) }
        }
        let isSorted = zip(devices, devices.dropFirst()).allSatisfy { $0.name < $1.name }
        return isSorted ? devices : devices.sorted { $0.name < $1.name }
    }

    private mutating func resolve(_ written: InventorySections.WrittenDevice) -> Device? {
        let own = written.settings
        let defaults = sections.defaults?.settings
        let place = Place(
            range: own.range ?? defaults?.range, datacentre: own.datacentre ?? defaults?.datacentre,
            groups: own.groups ?? defaults?.groups ?? [])
        let known = check(place, of: written)
        var settings = base(for: place)
        settings.merge(own)
        guard let address = require(settings.address, "address", "192.0.2.7", of: written),
            let platform = require(settings.platform, "platform", "linux", of: written),
            let range = require(settings.range, "range", "eco", of: written),
            let datacentre = require(settings.datacentre, "datacentre", "gra", of: written), known
        else { return nil }
        return Device(
            name: written.name, address: address, platform: platform, range: range, datacentre: datacentre,
            hostname: settings.hostname, serial: settings.serial, domains: settings.domains,
            links: settings.links ?? [],
            interfaces: settings.interfaces ?? [], tags: settings.tags, groups: place.groups,
            ssh: settings.ssh.complete,
            snmp: settings.snmp.complete, variables: settings.variables)
    }

    /// The levels above the device, laid over each other once for all devices that share them.
    private mutating func base(for place: Place) -> DeviceSettings {
        if let base = bases[place] { return base }
        var settings = sections.defaults?.settings ?? DeviceSettings()
        if let range = place.range, let level = ranges[range] { settings.merge(level) }
        if let datacentre = place.datacentre, let level = datacentres[datacentre] { settings.merge(level) }
        for group in place.groups { if let level = groups[group] { settings.merge(level) } }
        bases[place] = settings
        return settings
    }

    private func require<Value>(
        _ value: Value?, _ key: String, _ example: String, of written: InventorySections.WrittenDevice
    ) -> Value? {
        if value == nil {
            complaints.error(
                at: sections.location(of: written.source), "device \(written.name) has no \(key)",
                remedy: "give it here or in a level above, such as \(key): \(example)")
        }
        return value
    }

    private func check(_ place: Place, of written: InventorySections.WrittenDevice) -> Bool {
        var isKnown = true
        func complain(_ noun: String, _ path: String, _ name: String, _ candidates: [String]) {
            isKnown = false
            var place = sections.place(of: path, in: written.source)
            if let defaults = sections.defaults,
                !sections.values(of: written.source).contains(where: { $0.path == path })
            {
                place = sections.place(of: path, in: defaults.source)
            }
            complaints.error(
                at: place, "unknown \(noun) \(excerpt(name)) of device \(written.name)",
                remedy: suggestion(for: name, among: candidates, noun: "defined") ?? "define it under \(noun)s")
        }
        if let range = place.range, ranges[range] == nil {
            complain("range", "range", range.rawValue, ranges.keys.sorted().map(\.rawValue))
        }
        if let name = place.datacentre, datacentres[name] == nil {
            complain("datacentre", "datacentre", name.rawValue, datacentres.keys.sorted().map(\.rawValue))
        }
        for group in place.groups where groups[group] == nil {
            complain("group", "groups", group.rawValue, groups.keys.sorted().map(\.rawValue))
        }
        return isKnown
    }

    private func checkLinks(of settings: DeviceSettings, in source: InventorySections.DeviceSource, what: String) {
        for link in settings.links ?? [] where !links.contains(link) {
            complaints.error(
                at: sections.place(of: "links", in: source), "unknown link \(excerpt(link.rawValue)) of \(what)",
                remedy: suggestion(for: link.rawValue, among: links.sorted().map(\.rawValue), noun: "defined")
                    ?? "define it under links")
        }
    }

    /// The links, sorted by name, with the counters of devices filled in.
    func links(among devices: [Device]) -> [Link] {
        let byName = Dictionary(devices.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return sections.links.compactMap { written -> Link? in
            var address = written.address
            var snmp = sections.defaults?.settings.snmp ?? .init()
            if let name = written.device {
                guard let device = byName[name] else {
                    complaints.error(
                        at: written.place,
                        "unknown device \(excerpt(name.rawValue)) in the counters of link \(written.name)",
                        remedy: suggestion(for: name.rawValue, among: devices.map(\.name.rawValue), noun: "defined"))
                    return nil
                }
                address = device.address
                snmp.merge(DeviceSettings.SNMPPatch(device.snmp))
            }
            snmp.merge(written.snmp)
            guard let address else { return nil }
            return Link(
                name: written.name, capacity: written.capacity,
                counters: LinkCounters(
                    address: address, interface: written.interface, direction: written.direction, snmp: snmp.complete))
        }.sorted { $0.name < $1.name }
    }
}

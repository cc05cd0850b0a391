/// Reads a link: what it can carry and where its counters are.
struct LinkReader {
    let settings: SettingsReader
    let complaints: ComplaintList

    /// A link as written; nil when something is wrong, with complaints that say what.
    func read(_ name: String, _ map: YAMLMap) -> InventorySections.WrittenLink? {
        var map = map
        let capacity = map.required("capacity", .rate)
        guard let entry = map.entry("counters") else {
            complaints.error(
                at: map.location, "link \(name) has no counters",
                remedy: "say where its load is read: counters: {address: 192.0.2.1, interface: e0}")
            map.refuseUnknownKeys()
            return nil
        }
        map.refuseUnknownKeys()
        guard var counters = map.submap(entry.value, "counters of link \(name)", example: "{address: …, interface: e0}")
        else { return nil }
        let address = counters.value("address", .address)
        let device = counters.value("device", TextFormat<DeviceName>.named)
        let interface = counters.required("interface", .line)
        let direction = counters.value("direction", Self.direction) ?? .out
        let snmp = counters.entry("snmp").map { settings.snmp(of: $0.value, in: counters) }
        counters.refuseUnknownKeys()
        if (counters.entry("address") == nil) == (counters.entry("device") == nil) {
            complaints.error(
                at: counters.location, "counters of link \(name) need an address or a device, and not both",
                remedy: "device: NAME reads them from a device of this inventory")
            return nil
        }
        guard let capacity, let interface, address != nil || device != nil else { return nil }
        return .init(
            name: LinkName(rawValue: name), capacity: capacity, address: address, device: device, interface: interface,
            direction: direction, snmp: snmp ?? .init(), place: counters.place(of: device == nil ? "address" : "device")
        )
    }

    private static let direction = TextFormat<LinkCounters.Direction>(
        expected: "in or out, as the agent that is asked sees it"
    ) { LinkCounters.Direction(rawValue: $0) }
}

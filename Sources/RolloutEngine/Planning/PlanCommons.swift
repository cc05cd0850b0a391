/// What devices of a plan have in common: each value once, in the order in which devices first have it.
struct PlanCommons: Codable {
    private var ssh: [SSHSettings]
    private var snmp: [SNMPSettings]
    private var links: [[LinkName]]
    private var groups: [[GroupName]]
    /// Interfaces and tags.
    private var texts: [[String]]
    private var variables: [[String: Variable]]
    private var intents: [[ResolvedIntent]]
    private var configs: [DeviceConfig]

    init(of devices: [PlannedDevice]) {
        ssh = Self.distinct(devices.lazy.map(\.device.ssh))
        snmp = Self.distinct(devices.lazy.map(\.device.snmp))
        links = Self.distinct(devices.lazy.map(\.device.links))
        groups = Self.distinct(devices.lazy.map(\.device.groups))
        texts = Self.distinct(devices.lazy.flatMap { [$0.device.interfaces, $0.device.tags] })
        variables = Self.distinct(devices.lazy.map(\.device.variables))
        intents = Self.distinct(devices.lazy.compactMap(\.target?.intents))
        configs = Self.distinct(devices.lazy.compactMap(\.target).flatMap { [$0.base, $0.desired] })
    }

    /// For the coders of devices.
    func values(for use: SharedValues.Use) -> SharedValues {
        var values = SharedValues(for: use)
        values.share(ssh)
        values.share(snmp)
        values.share(links)
        values.share(groups)
        values.share(texts)
        values.share(variables)
        values.share(intents)
        values.share(configs)
        return values
    }

    private static func distinct<Value: Hashable>(_ values: some Sequence<Value>) -> [Value] {
        var seen: Set<Value> = []
        return values.filter { seen.insert($0).inserted }
    }
}

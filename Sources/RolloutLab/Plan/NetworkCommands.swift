import RolloutEngine

/// The commands for `ip` and `tc` that lay a lab's network. Pure.
struct NetworkCommands {
    let topology: LabTopology

    /// For `ip -batch`: every namespace but the core, and the cables between them. Both ends of a cable are born inside
    /// their namespaces, so nothing ever shows up in the machine's own.
    var cables: [String] {
        var lines = topology.namespaces.dropFirst().map { "netns add \($0)" }
        for datacentre in topology.datacentres {
            lines.append(cable("m0", topology.router(datacentre), datacentre, topology.core))
            lines.append(cable("uplink", topology.router(datacentre), "to-\(datacentre)", topology.core))
        }
        for device in topology.devices {
            lines.append(
                cable(LabDevice.interface, device.namespace, device.name, topology.router(device.datacentre)))
            lines.append(cable(LabDevice.managementInterface, device.namespace, device.name, topology.core))
        }
        return lines
    }

    private func cable(_ end: String, _ namespace: String, _ otherEnd: String, _ other: String) -> String {
        "link add \(end) netns \(namespace) type veth peer name \(otherEnd) netns \(other)"
    }

    /// For `ip -n NAMESPACE -batch`, by namespace.
    var addresses: [(namespace: String, lines: [String])] {
        [(topology.core, core)]
            + topology.datacentres.indices.map { (topology.router(topology.datacentres[$0]), router($0)) }
            + topology.devices.map { ($0.namespace, device($0)) }
    }

    private var core: [String] {
        var lines = ["link set dev lo up", "addr add \(LabTopology.sinkAddress)/32 dev lo"]
        lines += [
            "link add mgmt type bridge", "addr add \(LabTopology.coreAddress)/16 dev mgmt", "link set dev mgmt up",
        ]
        for (index, datacentre) in topology.datacentres.enumerated() {
            lines += [
                "link set dev \(datacentre) master mgmt up",
                "addr add \(topology.coreEnd(index))/30 dev to-\(datacentre)",
            ]
            lines += ["link set dev to-\(datacentre) up"]
            lines += ["route add 198.19.\(index + 1).0/24 via \(topology.routerEnd(index))"]
        }
        return lines + topology.devices.map { "link set dev \($0.name) master mgmt up" }
    }

    private func router(_ index: Int) -> [String] {
        let datacentre = topology.datacentres[index]
        var lines = ["link set dev lo up", "addr add \(topology.routerAddress(index))/16 dev m0", "link set dev m0 up"]
        lines += ["addr add \(topology.routerEnd(index))/30 dev uplink", "link set dev uplink up"]
        lines += ["route add default via \(topology.coreEnd(index))"]
        lines += ["link add lan type bridge", "addr add \(topology.gateway(index))/24 dev lan", "link set dev lan up"]
        return lines
            + topology.devices.filter { $0.datacentre == datacentre }.map { "link set dev \($0.name) master lan up" }
    }

    private func device(_ device: LabDevice) -> [String] {
        let place = topology.datacentres.firstIndex(of: device.datacentre) ?? 0
        return [
            "link set dev lo up",
            "addr add \(device.management)/16 dev m0", "link set dev m0 up",
            "addr add \(device.address)/24 dev e0", "link set dev e0 up",
            "route add default via \(topology.gateway(place))",
        ]
    }

    /// For `tc -n NAMESPACE -batch`, by namespace: the devices' caps and those of the uplinks.
    var caps: [(namespace: String, line: String)] {
        topology.datacentres.map { (topology.router($0), Self.cap("uplink", topology.uplinkCapacity)) }
            + topology.devices.map { ($0.namespace, Self.cap(LabDevice.interface, $0.bandwidth)) }
    }

    /// For `ethtool` in a namespace: a switch that reads packets as they are needs their checksums to be there.
    var checksums: [(namespace: String, words: [String])] {
        topology.devices.filter { $0.kind.runs == .openVSwitch }.map {
            (topology.router($0.datacentre), ["-K", $0.name, "tx", "off"])
        }
    }

    /// The words after `tc` that shape an interface as the product itself would.
    static func cap(_ interface: String, _ rate: BitsPerSecond) -> String {
        let burst = BurstRule.automatic(for: rate)
        return "qdisc replace dev \(interface) root tbf rate \(rate.value)bit burst \(burst.value)b latency 50ms"
    }

    // MARK: Strangling

    /// Leads a device's traffic through an extra hop in its router, where it is capped: nothing on the device shows it.
    static func strangle(_ device: String) -> [String] {
        [
            "link add x-\(device) type bridge", "link add s-\(device) type veth peer name t-\(device)",
            "link set dev s-\(device) master x-\(device) up", "link set dev t-\(device) master lan up",
            "link set dev x-\(device) up", "link set dev \(device) master x-\(device)",
        ]
    }

    /// The extra hop's interface whose egress is capped.
    static func strangled(_ device: String) -> String { "s-\(device)" }

    /// Takes the extra hop away.
    static func release(_ device: String) -> [String] {
        ["link set dev \(device) master lan", "link del dev s-\(device)", "link del dev x-\(device)"]
    }
}

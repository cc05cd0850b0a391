import RolloutEngine

/// The inventory of a lab, as text. Pure.
public struct LabInventory: Sendable {
    let topology: LabTopology
    /// The lab's folder, as the inventory names it.
    let folder: String
    let isSimulated: Bool

    /// The inventory of a lab whose key, known hosts and community are in a folder.
    public init(_ topology: LabTopology, folder: String, isSimulated: Bool = false) {
        self.topology = topology
        self.folder = folder
        self.isSimulated = isSimulated
    }

    /// The file `inventory.yaml`.
    public var text: String {
        [head, ranges, datacentres, links, devices].joined(separator: "\n") + "\n"
    }

    private var head: String {
        let title =
            isSimulated
            ? "# A simulated fleet: written by `rollout lab up --simulated`."
            : """
            # A fleet of Linux hosts in network namespaces: start it with `rollout lab up`, which writes this inventory, too.
            # Everything is reached from inside the namespace \(topology.core), so nothing of it can be mistaken for a real network.
            """
        let access =
            isSimulated
            ? """
              platform: simulated
              snmp: {community: "file:\(folder)/community"}
            """
            : """
              platform: linux
              ssh:
                user: root
                key_file: \(folder)/key
                known_hosts: \(folder)/known_hosts
                namespace: \(topology.core)
                connect_timeout: 5s
                command_timeout: 10s
              snmp: {community: "file:\(folder)/community", namespace: \(topology.core)}
            """
        let fleet =
            isSimulated
            ? "\n  vars: {simulated_fleet: \"\(folder)/fleet\"}"
            : topology.isMixed
                ? "\n  # What a device's own configuration calls the interface; SNMP calls it \(LabDevice.interface) on all of them."
                    + "\n  vars: {port: \(LabDevice.interface)}" : ""
        return """
            \(title)
            defaults:
            \(access)
              interfaces: [\(LabDevice.interface)]\(fleet)

            """
    }

    /// What a rate becomes is a variable, so that one change fits every range.
    private var ranges: String {
        let lines = topology.ranges.map { range in
            let demand = isSimulated ? ", demand: \(range.megabits * 3)Mbit" : ""
            return
                "  \(range.name): {vars: {bandwidth: \(range.megabits)Mbit, doubled: \(range.megabits * 2)\(demand)}}"
        }
        return """
            # bandwidth is what a device is shaped to today; doubled is what it is to have, in Mbit/s.
            ranges:
            \(lines.joined(separator: "\n"))

            """
    }

    private var datacentres: String {
        let lines = topology.datacentres.map { "  \($0): {time_zone: Europe/Paris, links: [\(topology.uplink($0))]}" }
        return """
            # No window: here work may be done at any time. Elsewhere: window: 22:00-05:30
            datacentres:
            \(lines.joined(separator: "\n"))

            """
    }

    private var links: String {
        let lines = topology.datacentres.enumerated().map { index, datacentre in
            "  \(topology.uplink(datacentre)): {capacity: \(topology.uplinkCapacity), "
                + "counters: {address: \(topology.routerAddress(index)), interface: uplink, direction: out}}"
        }
        return "links:\n\(lines.joined(separator: "\n"))\n"
    }

    private func kind(of device: LabDevice) -> String {
        guard device.kind.runs == .played else {
            let platform = device.kind.platform == "linux" ? "" : ", platform: \(device.kind.platform)"
            return platform + (device.kind.runs == .frr ? ", tags: [frr]" : "")
        }
        let access =
            (device.kind.isModern ? ["client: openssh"] : [])
            + (device.kind.asksForPassword ? ["enable_password: \"file:\(folder)/enable\""] : [])
        let ssh = access.isEmpty ? "" : ", ssh: {\(access.joined(separator: ", "))}"
        return ", platform: \(device.kind.platform), vars: {port: \(device.kind.interface)}\(ssh)"
    }

    private var devices: String {
        let lines = topology.devices.map { device in
            "  \(device.name): {address: \(device.management), range: \(device.range), datacentre: \(device.datacentre), "
                + "pair: \(device.pair), rack: \(device.rack)\(kind(of: device))}"
        }
        return "devices:\n\(lines.joined(separator: "\n"))"
    }
}

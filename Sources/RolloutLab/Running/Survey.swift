import Foundation

/// What runs in a lab at an instant, read from `/proc`: nothing is asked of the devices themselves.
struct Survey {
    /// What runs on one device.
    struct Device: Hashable {
        /// Its first process, as the machine numbers it.
        var first: Int32
        /// The SSH server listens.
        var hasSSH: Bool
        /// The SNMP agent listens, and is not stopped.
        var hasSNMP: Bool
        /// The agent is there but stopped.
        var isSilent: Bool
        /// Its traffic has a connection.
        var hasTraffic: Bool
        /// Octets sent so far on the shaped interface.
        var sent: UInt64

        /// Whether everything runs.
        var isReady: Bool { hasSSH && hasSNMP && hasTraffic }
    }

    /// By name; those whose keeper is gone are missing.
    let devices: [String: Device]
    /// By namespace, the first process as the machine numbers it.
    let first: [String: Int32]
    private let table: ProcessTable

    init(folder: LabFolder, topology: LabTopology) {
        let table = ProcessTable()
        let children = Dictionary(grouping: table.entries, by: \.parent)
        var first: [String: Int32] = [:]
        for (namespace, keeper) in folder.keepers() {
            // Before it has forked, the keeper has no child, or one that is not in its place yet.
            if let child = children[keeper.pid]?.first { first[namespace] = child.pid }
        }
        var devices: [String: Device] = [:]
        for device in topology.devices {
            guard let pid = first[device.namespace] else { continue }
            let sockets = (readSmallFile("/proc/\(pid)/net/tcp") ?? "").split(separator: "\n").dropFirst().map {
                $0.split(separator: " ", omittingEmptySubsequences: true)
            }
            let port = ":" + hexadecimal(device.port)
            let agent = table.descendants(of: pid).filter { $0.name == "snmpd" }
            let isSilent = agent.contains { $0.state == "T" }
            devices[device.name] = Device(
                first: pid, hasSSH: sockets.contains { $0.count > 3 && $0[1].hasSuffix(":0016") && $0[3] == "0A" },
                hasSNMP: !agent.isEmpty && !isSilent && Self.listensForSNMP(pid), isSilent: isSilent,
                hasTraffic: sockets.contains { $0.count > 3 && $0[2].hasSuffix(port) && $0[3] == "01" },
                sent: Self.sent(LabDevice.interface, pid))
        }
        self.table = table
        self.devices = devices
        self.first = first
    }

    /// Whether the agent of a namespace answers.
    func hasAgent(_ namespace: String) -> Bool {
        guard let pid = first[namespace] else { return false }
        return Self.listensForSNMP(pid) && !agents(namespace).contains { $0.state == "T" }
    }

    /// The agents of a namespace.
    func agents(_ namespace: String) -> [ProcessTable.Entry] { processes("snmpd", in: namespace) }

    /// The processes of a program in a namespace.
    func processes(_ name: String, in namespace: String) -> [ProcessTable.Entry] {
        first[namespace].map { table.descendants(of: $0).filter { $0.name == name } } ?? []
    }

    /// Octets that a namespace's interface has sent; 0 when it has none.
    static func sent(_ interface: String, _ pid: Int32) -> UInt64 {
        for line in (readSmallFile("/proc/\(pid)/net/dev") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == interface else { continue }
            let numbers = parts[1].split(separator: " ")
            return numbers.count > 8 ? UInt64(numbers[8]) ?? 0 : 0
        }
        return 0
    }

    private static func listensForSNMP(_ pid: Int32) -> Bool {
        (readSmallFile("/proc/\(pid)/net/udp") ?? "").contains(":00A1 ")
    }
}

/// Four digits, as the kernel prints ports.
private func hexadecimal(_ port: Int) -> String {
    let digits = String(port, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
}

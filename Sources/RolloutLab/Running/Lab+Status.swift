import Foundation
import RolloutEngine

extension Lab {
    /// What is written down about the lab of this folder; nil when there is none.
    ///
    /// - Throws: `LabError` when it cannot be understood.
    public func record() throws(LabError) -> LabRecord? { try folder.record() }

    /// How the lab of namespaces is doing. Takes a second, in which its traffic is measured.
    ///
    /// - Throws: `LabError` when there is none, or it cannot be looked into.
    public func status() async throws(LabError) -> LabStatus {
        let (record, topology) = try running()
        let before = Survey(folder: folder, topology: topology)
        let uplinksBefore = sent(before, topology)
        let start = ContinuousClock.now
        try? await Task.sleep(for: .seconds(1))
        let now = Survey(folder: folder, topology: topology)
        let uplinksNow = sent(now, topology)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        func rate(_ first: UInt64, _ second: UInt64) -> BitsPerSecond {
            BitsPerSecond(second > first ? UInt64(Double(second - first) * 8 / seconds) : 0)
        }
        var devices: [LabStatus.DeviceStatus] = []
        for device in topology.devices {
            let seen = now.devices[device.name]
            devices.append(
                .init(
                    name: device.name, address: device.management, ssh: seen?.hasSSH ?? false,
                    snmp: seen?.hasSNMP ?? false, traffic: seen?.hasTraffic ?? false,
                    cap: Self.isNamespace(device.namespace) ? try cap(of: device) : nil,
                    rate: rate(before.devices[device.name]?.sent ?? 0, seen?.sent ?? 0),
                    faults: faults(of: device, now, topology)))
        }
        let uplinks = topology.datacentres.map { datacentre in
            LabStatus.UplinkStatus(
                name: topology.uplink(datacentre), capacity: topology.uplinkCapacity,
                rate: rate(uplinksBefore[datacentre] ?? 0, uplinksNow[datacentre] ?? 0),
                snmp: now.hasAgent(topology.router(datacentre)))
        }
        return LabStatus(
            folder: folder.path, kind: record.kind, isWhole: record.isWhole && isComplete(record),
            inventory: folder.inventory, devices: devices, uplinks: uplinks)
    }

    /// The record of a lab that is there.
    ///
    /// - Throws: `LabError` when there is none.
    func running() throws(LabError) -> (LabRecord, LabTopology) {
        guard let record = try folder.record() else {
            throw LabError(
                .badInput, "there is no lab in \(folder.path): build one with `rollout lab up\(folder.options)`")
        }
        guard record.kind == .namespaces else { return (record, record.topology) }
        try Permission.needRoot()
        return (record, record.topology)
    }

    private func sent(_ survey: Survey, _ topology: LabTopology) -> [String: UInt64] {
        var sent: [String: UInt64] = [:]
        for datacentre in topology.datacentres {
            if let pid = survey.first[topology.router(datacentre)] { sent[datacentre] = Survey.sent("uplink", pid) }
        }
        return sent
    }

    /// The rate to which a device's traffic is shaped, as the kernel has it.
    private func cap(of device: LabDevice) throws(LabError) -> BitsPerSecond? {
        guard device.kind.runs != .openVSwitch else { return try capOfSwitch(device) }
        struct Discipline: Decodable {
            struct Options: Decodable { var rate: UInt64? }
            var options: Options?
        }
        let text = try Tool.run(
            "tc", ["-n", device.namespace, "-j", "qdisc", "show", "dev", LabDevice.interface, "root"])
        let found = try? JSONDecoder().decode([Discipline].self, from: Data(text.text.utf8))
        return found?.first?.options?.rate.map { BitsPerSecond($0 * 8) }
    }

    /// The ceiling of the class above all others, which `tc` tells in words only.
    private func capOfSwitch(_ device: LabDevice) throws(LabError) -> BitsPerSecond? {
        let text = try Tool.run("tc", ["-n", device.namespace, "class", "show", "dev", LabDevice.interface]).text
        let top = text.split(separator: "\n").first { $0.contains(" root ") }?.split(separator: " ") ?? []
        guard let place = top.firstIndex(of: "ceil"), place + 1 < top.count else { return nil }
        return BitsPerSecond(String(top[place + 1]))
    }
}

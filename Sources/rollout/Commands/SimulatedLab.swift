import Foundation
import RolloutEngine
import RolloutLab
import RolloutSimulation

/// The lab where network namespaces are not permitted: the same devices, simulated.
struct SimulatedLab {
    let folder: LabFolder

    init(_ folder: LabFolder) { self.folder = folder }

    /// Makes the fleet, unless it is there already.
    func up(_ topology: LabTopology) async throws -> Lab.Outcome {
        let lab = Lab(folder)
        return try await lab.simulate(topology) {
            let inventory = try InventoryFolder.load(folder.inventory).inventory
            _ = try SimulatedFleet.create(folder: folder.fleet, inventory: inventory, clock: SystemClock())
        }
    }

    /// How it is doing. Takes a second, in which its traffic is measured.
    func status() async throws -> LabStatus {
        let fleet = try SimulatedFleet.open(folder: folder.fleet, clock: SystemClock())
        let first = try fleet.state()
        try await Task.sleep(for: .seconds(1))
        let second = try fleet.state()
        let seconds = (second.settledAt - first.settledAt).seconds
        func rate(_ before: Double, _ after: Double) -> BitsPerSecond {
            BitsPerSecond(UInt64(max(0, after - before) * 8 / max(0.001, seconds)))
        }
        let devices = zip(first.devices, second.devices).map { before, after in
            let faults = after.activeFaults
            let shaping = after.running.sections.flatMap(\.lines).first.flatMap { line in
                line.split(separator: " ").first { $0.lowercased().hasSuffix("bit") }
            }
            return LabStatus.DeviceStatus(
                name: after.name.rawValue, address: after.address, ssh: !after.isDown && !faults.contains(.unreachable),
                snmp: !after.isDown && !faults.contains(.snmpSilent),
                traffic: !after.isDown, cap: shaping.flatMap { BitsPerSecond(String($0)) },
                rate: rate(
                    before.counters.map(\.outOctets).reduce(0, +), after.counters.map(\.outOctets).reduce(0, +)),
                faults: faults.map { "\($0)" })
        }
        let uplinks = zip(first.links, second.links).map { before, after in
            LabStatus.UplinkStatus(
                name: after.name.rawValue, capacity: after.capacity,
                rate: rate(before.counters.outOctets, after.counters.outOctets), snmp: !after.isSilent)
        }
        return LabStatus(
            folder: folder.path, kind: .simulated, isWhole: true, inventory: folder.inventory, devices: devices,
            uplinks: uplinks)
    }

    /// Sets a fault on a device or on all; nil takes all away.
    func set(_ fault: LabFault?, on name: String) async throws {
        let fleet = try SimulatedFleet.open(folder: folder.fleet, clock: SystemClock())
        let state = try fleet.state()
        let devices = state.devices.filter { name == "all" || $0.name.rawValue == name }
        guard !devices.isEmpty else { throw LabError(.badInput, "there is no device '\(name)' in the lab") }
        for device in devices {
            guard let fault else {
                try fleet.heal(device.name)
                continue
            }
            for simulated in simulation(of: fault) { try fleet.inject(simulated, on: device.name) }
        }
        guard name == "all", fault == nil || fault == .silence else { return }
        for link in state.links { try fleet.change(link: link.name) { $0.isSilent = fault != nil } }
    }

    private func simulation(of fault: LabFault) -> [Fault] {
        switch fault {
        case .drop: [.unreachable]
        case .cut: [.unreachable, .snmpSilent]
        case .silence: [.snmpSilent]
        case .strangle(let rate): [.strangled(rate)]
        case .hostKey: [.changedHostKey]
        case .slow: [.slow(.seconds(2))]
        }
    }
}

import RolloutEngine
import RolloutLab

/// The screen of `rollout lab status`. Pure.
struct LabScreen {
    let style: Style

    /// The screen's lines: a device each, then the uplinks, then what it amounts to.
    func lines(_ status: LabStatus) -> [String] {
        var devices = TextTable(["device", "address", "ssh", "snmp", "traffic", "cap", "sends", "faults"])
        for device in status.devices {
            devices.add([
                device.name, device.address, word(device.ssh), word(device.snmp), word(device.traffic),
                device.cap?.description ?? "none", device.rate.approximate, device.faults.joined(separator: ", "),
            ])
        }
        var uplinks = TextTable(["uplink", "capacity", "carries", "load", "snmp"])
        for uplink in status.uplinks {
            let load = uplink.capacity.value == 0 ? 0 : uplink.rate.value * 100 / uplink.capacity.value
            uplinks.add([
                uplink.name, uplink.capacity.description, uplink.rate.approximate, "\(load)%", word(uplink.snmp),
            ])
        }
        let well = status.devices.filter { $0.ssh && $0.snmp && $0.traffic && $0.faults.isEmpty }.count
        let kind = status.kind == .simulated ? "simulated lab" : "lab"
        let state = status.isWhole ? "up" : "not whole: run `rollout lab up` to build it anew"
        return devices.lines + [""] + uplinks.lines + [
            "", "\(kind) in \(status.folder) is \(state); \(well) of \(status.devices.count) devices are well",
        ]
    }

    private func word(_ isWell: Bool) -> String { isWell ? "up" : "DOWN" }
}

internal import RolloutEngine

extension FleetState {
    /// The fleet of a plan as it was read: each device holds its base, and its customers offer one and a half times what it
    /// lets through. Links carry what was measured on them.
    init(before plan: Plan, at now: Instant) {
        let bootedAt = now - .minutes(60 * 24 * 30)
        // A device that is watched by name may be one of the control group too.
        let known = Set(plan.devices.map(\.device.name))
        let beside = (plan.beside?.devices ?? []).filter { !known.contains($0.name) }
        let devices = (plan.devices + beside.map { PlannedDevice(device: $0, target: nil) }).map {
            SimulatedDevice(before: $0, bootedAt: bootedAt)
        }
        var flows: [LinkName: Double] = [:]
        for device in devices {
            let sent = device.interfaces.map { device.flow($0).rate }.reduce(0, +)
            for link in device.links { flows[link, default: 0] += sent }
        }
        let loaded = Set(plan.links.map(\.link.name))
        let others = (plan.beside?.links ?? []).filter { !loaded.contains($0.link.name) }
        let links = (plan.links + others).map { planned in
            var link = SimulatedLink(planned.link, bootedAt: bootedAt)
            let others = Double(planned.measured?.value ?? 0) - flows[planned.link.name, default: 0]
            link.background = BitsPerSecond(UInt64(max(0, others)))
            return link
        }
        self.init(settledAt: now, devices: devices, links: links)
    }
}

extension SimulatedDevice {
    fileprivate init(before planned: PlannedDevice, bootedAt: Instant) {
        let device = planned.device
        let base = planned.target?.base ?? DeviceConfig(sections: [])
        let shaped = base.sections.compactMap { $0.lines.first.flatMap { ShapingLine($0)?.rate.value } }
        let named = base.sections.compactMap { $0.name.hasPrefix("qdisc ") ? String($0.name.dropFirst(6)) : nil }
        let interfaces = device.interfaces + named.filter { !device.interfaces.contains($0) }
        let rate = shaped.isEmpty ? 10_000_000 : shaped.reduce(0, +)
        self.init(
            name: device.name, address: device.address, hostname: device.hostname,
            interfaces: interfaces.isEmpty ? ["e0"] : interfaces, links: device.links, running: base,
            demand: BitsPerSecond(rate / 2 * 3), bootedAt: bootedAt)
    }
}

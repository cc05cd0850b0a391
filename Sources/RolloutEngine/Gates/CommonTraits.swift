/// What failing devices share and the others do not. Pure.
public enum CommonTraits {
    /// The traits that all failing devices have and at most one in ten of the others has, most telling first.
    public static func shared(by failing: [DeviceName], in plan: Plan) -> [String] {
        let names = Set(failing)
        let changed = plan.devices.filter { $0.target != nil }
        let bad = changed.filter { names.contains($0.device.name) }
        let good = changed.filter { !names.contains($0.device.name) }
        // What one device has alone says nothing about why it fails.
        guard let first = bad.first, bad.count > 1, !good.isEmpty else { return [] }
        return traits(of: first).filter { trait in
            guard bad.allSatisfy({ traits(of: $0).contains(trait) }) else { return false }
            return good.count { traits(of: $0).contains(trait) } * 10 <= good.count
        }
    }

    private static func traits(of planned: PlannedDevice) -> [String] {
        let device = planned.device
        var traits: [String] = []
        if let firmware = planned.target?.firmware { traits.append("firmware \(firmware)") }
        if let model = planned.target?.model { traits.append("model \(model)") }
        traits += device.links.map { "link \($0)" } + device.domains.map(\.description)
        traits += ["product range \(device.range)", "datacentre \(device.datacentre)", "platform \(device.platform)"]
        return traits
    }
}

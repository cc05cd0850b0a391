/// What failing devices share and the others do not. Pure.
public enum CommonTraits {
    /// The traits that all failing devices have and at most one in ten of the others has, most telling first.
    ///
    /// - Parameter touched: The devices whose fate is known; nil for all that the plan changes. Devices that were not touched
    ///   yet prove nothing.
    public static func shared(by failing: [DeviceName], in plan: Plan, among touched: [DeviceName]? = nil) -> [String] {
        let names = Set(failing)
        let known = touched.map(Set.init)
        let changed = plan.devices.filter { planned in
            (planned.target != nil && (known?.contains(planned.device.name) ?? true))
                || names.contains(planned.device.name)
        }
        let bad = changed.filter { names.contains($0.device.name) }
        let good = changed.filter { !names.contains($0.device.name) }.map { Set(traits(of: $0)) }
        // What one device has alone says nothing about why it fails.
        guard let first = bad.first, bad.count > 1, !good.isEmpty else { return [] }
        let others = bad.dropFirst().map { Set(traits(of: $0)) }
        return traits(of: first).filter { trait in
            others.allSatisfy { $0.contains(trait) } && good.count { $0.contains(trait) } * 10 <= good.count
        }
    }

    private static func traits(of planned: PlannedDevice) -> [String] {
        let device = planned.device
        var traits: [String] = []
        if let firmware = planned.target?.firmware { traits.append("firmware \(firmware)") }
        if let model = planned.target?.model { traits.append("model \(model)") }
        traits += device.links.map { "link \($0)" } + device.domains.map(\.description)
        return traits + [
            "product range \(device.range)", "datacentre \(device.datacentre)", "platform \(device.platform)",
        ]
    }
}

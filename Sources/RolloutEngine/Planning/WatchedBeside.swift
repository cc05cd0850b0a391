/// What a plan watches beside its waves, by name: one of these that fails is enough.
public struct WatchedBeside: Hashable, Codable, Sendable {
    /// The devices; none of them is changed by the plan.
    public var devices: [Device]
    /// The shared links, each with what it may carry.
    public var links: [PlannedLink]
    /// What follows when one fails.
    public var onFail: GateAction

    /// What is watched beside waves.
    public init(devices: [Device], links: [PlannedLink], onFail: GateAction) {
        self.devices = devices
        self.links = links
        self.onFail = onFail
    }

    /// Everything that is read for it.
    public var agents: [WatchedAgent] { devices.compactMap(\.watchedAgent) + links.map(\.link.watchedAgent) }
}

extension Planner {
    /// Finds what the policy names to be watched beside the waves.
    ///
    /// - Returns: Nil when the policy names nothing, or nothing is left of it; and warnings about what cannot be watched.
    /// - Throws: `InputError` for what the inventory does not have.
    static func beside(_ targets: [PlannedDevice], _ links: [PlannedLink], _ input: Input) throws(InputError) -> (
        WatchedBeside?, warnings: [String]
    ) {
        guard let rule = input.policy.watch.also else { return (nil, []) }
        let place = SourceLocation(file: "policy \(input.policy.name)")
        let complaints = rule.complaints(in: input.inventory, at: place)
        guard complaints.isEmpty else { throw InputError(complaints) }
        let changed = Set(targets.map(\.device.name))
        var named: Set<DeviceName> = []
        if let selection = rule.devices {
            named.formUnion(try input.inventory.devices(matching: selection).map(\.name))
        }
        // What the plan changes is watched by its own wave.
        let wanted = input.inventory.devices.filter {
            (named.contains($0.name) || rule.ranges.contains($0.range)) && !changed.contains($0.name)
        }
        var warnings: [String] = []
        let blind = wanted.filter { $0.watchedAgent == nil }
        if !blind.isEmpty {
            warnings.append(
                "watch.also names \(GateText.list(blind.map(\.name.rawValue))), which cannot be watched: no SNMP "
                    + "community or no interfaces")
        }
        let visible = wanted.filter { $0.watchedAgent != nil }
        if visible.count > rule.limit {
            warnings.append(
                "watch.also names \(visible.count) devices, its limit is \(rule.limit): \(rule.limit) of them from "
                    + "everywhere in the inventory are watched")
        }
        let loaded = Dictionary(links.map { ($0.link.name, $0) }, uniquingKeysWith: { first, _ in first })
        let watched = input.inventory.links.filter { rule.allLinks || rule.links.contains($0.name) }.map { link in
            loaded[link.name]
                ?? PlannedLink(
                    link: link, measured: nil,
                    cap: link.capacity.scaled(by: input.policy.headroom.cap(of: link.name)), predicted: nil)
        }
        let devices = ControlGroup.some(of: visible, atMost: rule.limit)
        guard !devices.isEmpty || !watched.isEmpty else { return (nil, warnings) }
        return (WatchedBeside(devices: devices, links: watched, onFail: rule.onFail), warnings)
    }
}

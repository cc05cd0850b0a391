/// How far a plan reaches: what a person approves without knowing the plan that will be made.
public struct BlastRadius: Hashable, Codable, Sendable {
    /// The number of devices that change.
    public var devices: Int
    /// The datacentres in which they stand, sorted.
    public var datacentres: [DatacentreName]
    /// Their product ranges, sorted.
    public var ranges: [RangeName]

    /// How far a plan may reach.
    public init(devices: Int, datacentres: [DatacentreName], ranges: [RangeName]) {
        self.devices = devices
        self.datacentres = datacentres
        self.ranges = ranges
    }

    /// How far a plan reaches.
    public init(of plan: Plan) {
        let changed = plan.devices.filter { $0.target != nil }.map(\.device)
        devices = changed.count
        datacentres = Set(changed.map(\.datacentre)).sorted()
        ranges = Set(changed.map(\.range)).sorted()
    }

    /// Why this reaches further than was approved, in words; nil when it does not.
    public func excess(over approved: BlastRadius) -> String? {
        var beyond: [String] = []
        if devices > approved.devices {
            beyond.append("\(devices.counted("device")), approved are \(approved.devices)")
        }
        let places = datacentres.filter { !approved.datacentres.contains($0) }
        if !places.isEmpty { beyond.append("datacentre \(places.map(\.rawValue).joined(separator: ", "))") }
        let others = ranges.filter { !approved.ranges.contains($0) }
        if !others.isEmpty { beyond.append("range \(others.map(\.rawValue).joined(separator: ", "))") }
        return beyond.isEmpty ? nil : beyond.joined(separator: "; ")
    }
}

/// What else is watched while a rollout runs, and never changed by it: core links, neighbours, other ranges. A doubled port
/// shows upstream first.
public struct WatchBeside: Hashable, Codable, Sendable {
    /// Whether every shared link of the inventory is watched, not only those that a wave loads.
    public var allLinks: Bool
    /// The links that are watched by name.
    public var links: [LinkName]
    /// The devices that are watched, in the language of selections.
    public var devices: String?
    /// The product ranges whose devices are watched.
    public var ranges: [RangeName]
    /// What follows when one of them fails: `observe` or `pause`. Nothing is put back for it, as it may not be ours.
    public var onFail: GateAction
    /// At most so many devices are watched; of more, some from everywhere.
    public var limit: Int

    /// Pauses at the first of at most 200 devices that fails, and at any link.
    public init(
        allLinks: Bool = false, links: [LinkName] = [], devices: String? = nil, ranges: [RangeName] = [],
        onFail: GateAction = .pause, limit: Int = 200
    ) {
        self.allLinks = allLinks
        self.links = links
        self.devices = devices
        self.ranges = ranges
        self.onFail = onFail
        self.limit = limit
    }

    /// Complaints about what this names and the inventory does not have.
    ///
    /// - Parameter place: Where the policy is written.
    public func complaints(in inventory: Inventory, at place: SourceLocation) -> [Complaint] {
        let known = Set(inventory.links.map(\.name))
        var complaints = links.filter { !known.contains($0) }.map { link in
            Complaint(
                at: place, "watch.also names link '\(link)', which inventory \(inventory.name) does not have",
                remedy: suggestion(for: link.rawValue, among: known.sorted().map(\.rawValue), noun: "known links"))
        }
        complaints += ranges.filter { !inventory.ranges.contains($0) }.map { range in
            Complaint(
                at: place, "watch.also names range '\(range)', which inventory \(inventory.name) does not have",
                remedy: suggestion(
                    for: range.rawValue, among: inventory.ranges.map(\.rawValue), noun: "known ranges"))
        }
        if let devices {
            do throws(InputError) { _ = try inventory.devices(matching: devices) } catch {
                complaints += error.complaints.map {
                    Complaint(at: place, "devices of watch.also: \($0.message)", remedy: $0.remedy)
                }
            }
        }
        return complaints
    }
}

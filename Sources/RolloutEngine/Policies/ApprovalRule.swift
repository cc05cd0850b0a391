/// Whose word is needed before something begins.
public struct ApprovalRule: Hashable, Codable, Sendable {
    /// Before what.
    public var before: Occasion
    /// How many different people have to approve, from 1. Whoever created the rollout never counts: with 1 four eyes see it, with 2
    /// two people beside its author.
    public var people: Int
    /// Who may; nil for anyone but its author.
    public var by: [String]?
    /// It is asked for only where devices of these product ranges change; empty for all.
    public var ranges: [RangeName]
    /// It is asked for only where devices of these datacentres change; empty for all.
    public var datacentres: [DatacentreName]
    /// How long an approval is good, from when it was given to when that begins for which it was given; nil for ever.
    public var expires: Timespan?

    /// One person beside the author, whoever it is.
    public init(
        before: Occasion, people: Int = 1, by: [String]? = nil, ranges: [RangeName] = [],
        datacentres: [DatacentreName] = [], expires: Timespan? = nil
    ) {
        self.before = before
        self.people = people
        self.by = by
        self.ranges = ranges
        self.datacentres = datacentres
        self.expires = expires
    }

    /// What waits for an approval.
    public enum Occasion: String, CaseIterable, Hashable, Codable, Sendable {
        /// The first wave of a rollout.
        case rollout
        /// Each wave.
        case wave
    }

    /// In words: `before each wave of hg: 2 of ada, grace, good for 12h`.
    public var words: String {
        var text = before == .rollout ? "before the rollout" : "before each wave"
        let places = ranges.map(\.rawValue) + datacentres.map(\.rawValue)
        if !places.isEmpty { text += " with devices of \(places.joined(separator: ", "))" }
        text += ": \(Self.words(for: people, by))"
        return text + (expires.map { ", good for \($0)" } ?? "")
    }

    /// How many of whom, in words.
    static func words(for people: Int, _ by: [String]?) -> String {
        by.map { "\(people) of \($0.joined(separator: ", "))" }
            ?? "\(people) \(people == 1 ? "person" : "people") other than its author"
    }

    /// Complaints about what this names and the inventory does not have: such a rule would ask for nothing.
    ///
    /// - Parameter place: Where the policy is written.
    public func complaints(in inventory: Inventory, at place: SourceLocation) -> [Complaint] {
        func unknown(_ names: [String], _ known: [String], _ kind: String) -> [Complaint] {
            names.filter { !known.contains($0) }.map { name in
                Complaint(
                    at: place, "approvals name \(kind) '\(name)', which inventory \(inventory.name) does not have",
                    remedy: suggestion(for: name, among: known, noun: "known \(kind)s"))
            }
        }
        return unknown(ranges.map(\.rawValue), inventory.ranges.map(\.rawValue), "range")
            + unknown(datacentres.map(\.rawValue), inventory.datacentres.map(\.name.rawValue), "datacentre")
    }

    /// Whether it is about one of these devices.
    func isAbout(_ devices: some Sequence<Device>) -> Bool {
        devices.contains { device in
            (ranges.isEmpty || ranges.contains(device.range))
                && (datacentres.isEmpty || datacentres.contains(device.datacentre))
        }
    }
}

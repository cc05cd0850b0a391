import RolloutEngine

/// Where a rollout changes something: what a token's scope has to cover. Pure.
struct Extent: Hashable, Sendable {
    /// The product ranges of the devices that are changed, with the datacentre of each.
    private(set) var places: Set<Place> = []

    /// A product range in a datacentre.
    struct Place: Hashable, Sendable {
        var range: RangeName
        var datacentre: DatacentreName
    }

    /// Of these devices.
    init(_ devices: some Sequence<Device>) {
        for device in devices { places.insert(Place(range: device.range, datacentre: device.datacentre)) }
    }

    /// Of all devices that a plan changes.
    init(_ plan: Plan) { self.init(plan.devices.lazy.filter { $0.target != nil }.map(\.device)) }

    /// The datacentres, for people.
    var datacentres: [DatacentreName] { Set(places.map(\.datacentre)).sorted() }
    /// The ranges, for people.
    var ranges: [RangeName] { Set(places.map(\.range)).sorted() }
}

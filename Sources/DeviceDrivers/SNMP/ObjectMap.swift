import RolloutEngine

/// Which instances an agent has of what is watched beside interfaces.
struct ObjectMap: Sendable {
    /// All instances, object by object in the order asked.
    private(set) var instances: [Instance] = []
    /// Why not all instances of an object are known, by its place; nil where they are.
    private(set) var troubles: [String?]

    /// One instance of a watched object.
    struct Instance: Sendable {
        /// The place of its object among those watched.
        let object: Int
        /// What follows the object's number.
        let suffix: [UInt32]
        /// Whether it was there once and no longer is.
        var isGone = false
    }

    /// More instances of a column than any one gate can judge; what is left out is said.
    static let maximumInstances = 5000

    /// A map of single objects, which need no search.
    init(_ watched: [WatchedObject]) {
        troubles = watched.map { _ in nil }
        for (place, object) in watched.enumerated() where !object.isColumn {
            instances.append(Instance(object: place, suffix: []))
        }
    }

    /// Sets the instances of a column. Those that were known and are no longer there are kept as gone: what vanishes must not
    /// pass for what never was.
    mutating func set(_ found: [[UInt32]], of place: Int, trouble: String?, keeping before: ObjectMap?) {
        troubles[place] = trouble
        let known = before?.instances.filter { $0.object == place }.map(\.suffix) ?? []
        let here = Set(found)
        // When the search was broken off, those that were not reached are not gone.
        let missing = known.filter { !here.contains($0) }
        let all =
            (found.map { Instance(object: place, suffix: $0) }
            + missing.map { Instance(object: place, suffix: $0, isGone: trouble == nil) })
            .sorted { $0.suffix.lexicographicallyPrecedes($1.suffix) }
        let start = instances.firstIndex { $0.object >= place } ?? instances.count
        instances.insert(contentsOf: all.prefix(Self.maximumInstances), at: start)
    }

    /// Adds the objects of a reading to requests.
    func add(to packer: inout RequestPacker) {
        for (position, instance) in instances.enumerated() where !instance.isGone { packer.add(.watched(position)) }
    }

    /// The number of an instance.
    func identifier(of position: Int, _ watched: [WatchedObject]) -> ObjectID {
        let instance = instances[position]
        return ObjectID((watched[instance.object].number + instance.suffix).map(UInt.init))
    }
}

/// Where an agent keeps its watched interfaces, and what follows from that for what to ask.
struct InterfaceMap: Sendable {
    /// In the order watched; nil for an interface that was not found.
    var interfaces: [Place?]
    /// Why one was not found although it may exist, in the same order; nil when the agent has no such interface.
    var troubles: [String?]

    /// One interface's place.
    struct Place: Hashable, Sendable {
        var index: UInt32
        /// Where its name stands.
        var names = NameColumn.name
        var width = Width.undecided
    }

    /// No interface is found yet.
    init(count: Int) {
        interfaces = Array(repeating: nil, count: count)
        troubles = Array(repeating: nil, count: count)
    }

    /// Which octet counters an interface has. Decided for each interface: tables are mixed in the field.
    enum Width: Hashable, Sendable {
        /// Both are asked for until one can be trusted.
        case undecided
        case bits64
        case bits32

        var objects: [InterfaceObject] {
            switch self {
            case .undecided: [.inOctets64, .outOctets64, .inOctets32, .outOctets32, .speed]
            case .bits64: [.inOctets64, .outOctets64]
            case .bits32: [.inOctets32, .outOctets32, .speed]
            }
        }
    }

    /// Adds the objects of a reading to requests. An interface's objects are never without its name.
    ///
    /// - Parameter seesFlaps: Whether ifLastChange is one of them.
    func add(to packer: inout RequestPacker, seesFlaps: Bool) {
        for object in PolledObject.ofAgent { packer.add(object) }
        for (slot, place) in interfaces.enumerated() {
            guard let place else { continue }
            packer.add(place.width.objects + Self.always + (seesFlaps ? [.lastChange] : []), of: slot)
        }
    }

    /// The number of an object of an interface.
    func identifier(of object: InterfaceObject, _ slot: Int) -> ObjectID? {
        interfaces[slot].map { object.column($0.names)[$0.index] }
    }

    private static let always: [InterfaceObject] = [
        .inErrors, .outErrors, .inDiscards, .outDiscards, .operStatus, .highSpeed, .discontinuity,
    ]
}

/// Where an agent keeps its watched interfaces, and what follows from that for what to ask.
struct InterfaceMap: Sendable {
    /// How the rows were found.
    var names: NameColumn
    /// In the order watched; nil for an interface that the agent does not have.
    var interfaces: [Place?]
    /// Why some may be missing although they exist; nil when the whole table was seen.
    var brokenOff: String?

    /// One interface's place.
    struct Place: Hashable, Sendable {
        var index: UInt32
        var width = Width.undecided
    }

    /// Which octet counters an interface has. Decided for each interface: tables are mixed in the field.
    enum Width: Hashable, Sendable {
        /// Both are asked for until one can be trusted.
        case undecided
        case bits64
        case bits32

        var objects: [InterfaceObject] {
            switch self {
            case .undecided: [.inOctets64, .outOctets64, .inOctets32, .outOctets32]
            case .bits64: [.inOctets64, .outOctets64]
            case .bits32: [.inOctets32, .outOctets32]
            }
        }
    }

    /// The objects of a reading, in as few requests as `maximum` objects each allow. Every request starts with the uptime,
    /// and an interface's objects are never without its name.
    func requests(maximum: Int) -> [[PolledObject]] {
        var packer = RequestPacker(maximum: maximum)
        for object in PolledObject.ofAgent { packer.add(object) }
        for (slot, place) in interfaces.enumerated() {
            guard let place else { continue }
            packer.add(place.width.objects + Self.always, of: slot)
        }
        return packer.requests
    }

    /// The number of an object.
    func identifier(of object: PolledObject) -> ObjectID? {
        switch object {
        case .uptime: MIB.sysUpTime
        case .engineBoots: MIB.snmpEngineBoots
        case .engineTime: MIB.snmpEngineTime
        case .ipOutDiscards: MIB.ipSystemStatsOutDiscards
        case .tableLastChange: MIB.ifTableLastChange
        case .interface(let slot, let object): interfaces[slot].map { object.column(names)[$0.index] }
        }
    }

    private static let always: [InterfaceObject] = [
        .inErrors, .outErrors, .inDiscards, .outDiscards, .operStatus, .highSpeed, .discontinuity,
    ]
}

/// Fills requests with objects.
struct RequestPacker {
    /// So many objects fit a request, the uptime and names included.
    let maximum: Int
    private(set) var requests: [[PolledObject]] = [[.uptime]]

    /// Uptime, name and one object.
    static let leastMaximum = 3

    init(maximum: Int) { self.maximum = max(maximum, Self.leastMaximum) }

    /// Adds an object of the agent.
    mutating func add(_ object: PolledObject) {
        if room < 1 { requests.append([.uptime]) }
        requests[requests.count - 1].append(object)
    }

    /// Adds the objects of the interface in `slot` and its name: into one request if it can be.
    mutating func add(_ objects: [InterfaceObject], of slot: Int) {
        if room < objects.count + 1, requests[requests.count - 1].count > 1 { requests.append([.uptime]) }
        var rest = objects[...]
        while !rest.isEmpty {
            if room < 2 { requests.append([.uptime]) }
            let part = rest.prefix(room - 1)
            requests[requests.count - 1] += [.interface(slot, .name)] + part.map { .interface(slot, $0) }
            rest = rest.dropFirst(part.count)
        }
    }

    private var room: Int { maximum - requests[requests.count - 1].count }

    /// A request that an agent cannot answer, as two of half the objects; nil when there is but one object left to blame.
    static func halves(of request: [PolledObject]) -> [[PolledObject]]? {
        let payload = request.filter {
            if case .interface(_, .name) = $0 { return false }
            return $0 != .uptime
        }
        guard payload.count > 1 else { return nil }
        let middle = payload.count / 2
        return [payload[..<middle], payload[middle...]].map { half in
            var packer = RequestPacker(maximum: request.count + 1)
            var index = half.startIndex
            while index < half.endIndex {
                guard case .interface(let slot, _) = half[index] else {
                    packer.add(half[index])
                    index += 1
                    continue
                }
                let objects = half[index...].prefix { if case .interface(slot, _) = $0 { true } else { false } }
                packer.add(
                    objects.compactMap { if case .interface(_, let object) = $0 { object } else { nil } }, of: slot)
                index = objects.endIndex
            }
            return packer.requests[0]
        }
    }
}

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

    /// A request without the object that an agent cannot answer, and that object by itself; nil when nothing would be left of
    /// either, or when it is one that the others are worth nothing without.
    static func isolating(_ position: Int, in request: [PolledObject]) -> [[PolledObject]]? {
        guard request.indices.contains(position), isPayload(request[position]), request.count(where: isPayload) > 1
        else {
            return nil
        }
        var rest = request
        let bad = rest.remove(at: position)
        if case .interface(let slot, _) = bad { return [rest, [.uptime, .interface(slot, .name), bad]] }
        return [rest, [.uptime, bad]]
    }

    private static func isPayload(_ object: PolledObject) -> Bool {
        if case .interface(_, .name) = object { return false }
        return object != .uptime
    }

    /// A request that an agent cannot answer, as two of half the objects; nil when there is but one object left to blame.
    static func halves(of request: [PolledObject]) -> [[PolledObject]]? {
        let payload = request.filter(isPayload)
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

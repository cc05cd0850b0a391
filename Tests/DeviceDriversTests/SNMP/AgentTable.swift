/// What an agent has to say: objects with values, in order.
struct AgentTable: Sendable {
    var objects: [[UInt32]: WireValue] = [:]

    static let uptime: [UInt32] = [1, 3, 6, 1, 2, 1, 1, 3, 0]
    static let engineBoots: [UInt32] = [1, 3, 6, 1, 6, 3, 10, 2, 1, 2, 0]
    static let engineTime: [UInt32] = [1, 3, 6, 1, 6, 3, 10, 2, 1, 3, 0]
    static let ipOutDiscards: [UInt32] = [1, 3, 6, 1, 2, 1, 4, 31, 1, 1, 25, 1]
    static let tableLastChange: [UInt32] = [1, 3, 6, 1, 2, 1, 31, 1, 5, 0]
    static let nameColumn: [UInt32] = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1]

    static func ifTable(_ column: UInt32, _ index: UInt32) -> [UInt32] { [1, 3, 6, 1, 2, 1, 2, 2, 1, column, index] }
    static func ifXTable(_ column: UInt32, _ index: UInt32) -> [UInt32] {
        [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, column, index]
    }

    /// An agent with these interfaces, at rows 1, 2 and so on.
    init(interfaces: [String] = ["eth0", "eth1"]) {
        objects[Self.uptime] = .timeTicks(4_000_000)
        objects[Self.engineBoots] = .integer(7)
        objects[Self.engineTime] = .integer(40_000)
        objects[Self.ipOutDiscards] = .counter32(7800)
        objects[Self.tableLastChange] = .timeTicks(12)
        for (position, name) in interfaces.enumerated() { addInterface(name, at: UInt32(position) + 1) }
    }

    /// Adds an interface whose values tell which row and object they are.
    mutating func addInterface(_ name: String, at index: UInt32, has64Bits: Bool = true) {
        let base = UInt64(index) * 1000
        objects[Self.ifXTable(1, index)] = .text(name)
        objects[Self.ifTable(2, index)] = .text("descr-\(name)")
        if has64Bits {
            objects[Self.ifXTable(6, index)] = .counter64(1 << 60 + base + 6)
            objects[Self.ifXTable(10, index)] = .counter64(1 << 60 + base + 10)
        }
        objects[Self.ifTable(10, index)] = .counter32(UInt32(truncatingIfNeeded: base + 6))
        objects[Self.ifTable(16, index)] = .counter32(UInt32(truncatingIfNeeded: base + 10))
        for column: UInt32 in [13, 14, 19, 20] {
            objects[Self.ifTable(column, index)] = .counter32(UInt32(truncatingIfNeeded: base) &+ column)
        }
        objects[Self.ifTable(8, index)] = .integer(1)
        objects[Self.ifXTable(15, index)] = .gauge32(10_000)
        objects[Self.ifXTable(19, index)] = .timeTicks(5)
    }

    mutating func removeInterface(at index: UInt32) {
        objects = objects.filter { $0.key.last != index || $0.key.count < 11 || $0.key.contains(25) }
    }

    /// What an honest agent answers.
    func answer(to request: WireMessage) -> WireMessage {
        var answer = WireMessage(
            version: request.version, community: request.community, requestID: request.requestID)
        if request.version == 0 { return answerOfVersion1(request, answer) }
        switch request.kind {
        case .get:
            answer.bindings = request.bindings.map {
                WireMessage.Binding(object: $0.object, value: objects[$0.object] ?? .noSuchInstance)
            }
        case .bulk:
            let start = request.bindings.first?.object ?? []
            let following = following(start)
            answer.bindings = following.prefix(request.errorIndex).map {
                WireMessage.Binding(object: $0, value: objects[$0] ?? .null)
            }
            if following.count < request.errorIndex { answer.bindings.append(.init(object: start, value: .endOfView)) }
        case .next:
            answer.bindings = request.bindings.map { binding in
                following(binding.object).first.map { .init(object: $0, value: objects[$0] ?? .null) }
                    ?? .init(object: binding.object, value: .endOfView)
            }
        case .response, .report: break
        }
        return answer
    }

    private func following(_ start: [UInt32]) -> [[UInt32]] {
        objects.keys.filter { start.lexicographicallyPrecedes($0) }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// RFC 1157: one object that is missing, or that v1 cannot carry, spoils the answer.
    private func answerOfVersion1(_ request: WireMessage, _ empty: WireMessage) -> WireMessage {
        var answer = empty
        for (position, binding) in request.bindings.enumerated() {
            var object: [UInt32]? = binding.object
            if request.kind == .next {
                object = following(binding.object).first {
                    if case .counter64? = objects[$0] { false } else { true }
                }
            }
            guard let object, let value = objects[object] else {
                return WireMessage(
                    version: 0, community: request.community, requestID: request.requestID, errorStatus: 2,
                    errorIndex: position + 1, bindings: request.bindings)
            }
            if case .counter64 = value {
                return WireMessage(
                    version: 0, community: request.community, requestID: request.requestID, errorStatus: 2,
                    errorIndex: position + 1, bindings: request.bindings)
            }
            answer.bindings.append(.init(object: object, value: value))
        }
        return answer
    }
}

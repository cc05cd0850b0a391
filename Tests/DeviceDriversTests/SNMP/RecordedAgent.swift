/// What a real agent once said, from a recording in the format of snmpsim: `OID|TAG|VALUE` a line.
struct RecordedAgent: Sendable {
    private let values: [[UInt32]: WireValue]
    private let order: [[UInt32]]

    init(_ text: String) {
        var values: [[UInt32]: WireValue] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let object = parts[0].split(separator: ".").compactMap { UInt32($0) }
            guard object.count >= 2, object.count <= 120, let value = Self.value(parts[1], parts[2]) else { continue }
            values[object] = value
        }
        self.values = values
        order = values.keys.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func value(_ tag: Substring, _ text: Substring) -> WireValue? {
        switch tag {
        case "2": Int(text).map { .integer($0) }
        case "4": .text(String(text))
        case "4x": hex(text).map { .octets($0) }
        case "5": .null
        case "6": .raw(0x06, Wire.object(text.split(separator: ".").compactMap { UInt32($0) }))
        case "64": .raw(0x40, text.split(separator: ".").compactMap { UInt8($0) })
        case "64x": hex(text).map { .raw(0x40, $0) }
        case "65": UInt32(text).map { .counter32($0) }
        case "66": UInt32(text).map { .gauge32($0) }
        case "67": UInt32(text).map { .timeTicks($0) }
        case "70": UInt64(text).map { .counter64($0) }
        default: nil
        }
    }

    private static func hex(_ text: Substring) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    subscript(object: [UInt32]) -> WireValue? { values[object] }

    /// The rows of a column with their values.
    func column(_ column: [UInt32]) -> [(row: UInt32, value: WireValue)] {
        order[index(after: column)...].prefix { $0.starts(with: column) }.compactMap { object in
            guard object.count == column.count + 1, let row = object.last, let value = values[object] else {
                return nil
            }
            return (row, value)
        }
    }

    /// What it answers, as far as fits a datagram.
    func answer(to request: WireMessage) -> WireMessage {
        var answer = WireMessage(version: request.version, community: request.community, requestID: request.requestID)
        switch request.kind {
        case .get:
            answer.bindings = request.bindings.map {
                .init(object: $0.object, value: values[$0.object] ?? .noSuchInstance)
            }
        case .next, .bulk:
            let start = request.bindings.first?.object ?? []
            let following = order[index(after: start)...].prefix(request.kind == .next ? 1 : request.errorIndex)
            answer.bindings = following.map { .init(object: $0, value: values[$0] ?? .null) }
            if following.count < max(request.errorIndex, 1) {
                answer.bindings.append(.init(object: start, value: .endOfView))
            }
        case .response, .report: break
        }
        while answer.encoded.count > 60_000 { answer.bindings.removeLast() }
        return answer
    }

    /// The place of the first object behind one.
    private func index(after object: [UInt32]) -> Int {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if object.lexicographicallyPrecedes(order[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

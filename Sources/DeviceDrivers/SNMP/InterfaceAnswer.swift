import RolloutEngine

/// What an agent answered about one interface.
struct InterfaceAnswer {
    /// Whether its row has the watched name now; nil when the row has none.
    private(set) var isNamedRight: Bool?
    private(set) var inOctets64: UInt64?
    private(set) var outOctets64: UInt64?
    private var inOctets32: UInt32?
    private var outOctets32: UInt32?
    private var inErrors: UInt32?
    private var outErrors: UInt32?
    private var inDiscards: UInt32?
    private var outDiscards: UInt32?
    private var operStatus: Int?
    private var lastChange: UInt32?
    private var highSpeed: UInt32?
    private var speed: UInt32?
    private var discontinuity: UInt32?
    /// The error that the agent gives instead of some of these.
    var errorStatus: Int?

    /// Takes what the row says of its name.
    mutating func name(isRight: Bool) { isNamedRight = isRight }

    /// Takes one value.
    mutating func take(_ object: InterfaceObject, _ value: SNMPValue) {
        switch object {
        case .name: break
        case .inOctets64: inOctets64 = value.counter64
        case .outOctets64: outOctets64 = value.counter64
        case .inOctets32: inOctets32 = value.counter32
        case .outOctets32: outOctets32 = value.counter32
        case .inErrors: inErrors = value.counter32
        case .outErrors: outErrors = value.counter32
        case .inDiscards: inDiscards = value.counter32
        case .outDiscards: outDiscards = value.counter32
        case .operStatus: if case .integer(let status) = value, (1...7).contains(status) { operStatus = status }
        case .lastChange: lastChange = value.timeTicks
        case .highSpeed: if case .gauge32(let speed) = value { highSpeed = speed }
        case .speed: if case .gauge32(let bits) = value { speed = bits }
        case .discontinuity: discontinuity = value.timeTicks
        }
    }

    /// Which octet counters can be trusted, when both were asked for.
    ///
    /// Some agents have 64-bit counters that stand still or lag behind: an honest one is never less than its 32-bit twin,
    /// but for what passed between reading the two. As long as both are zero nothing can be said.
    var width: InterfaceMap.Width {
        guard let in64 = inOctets64, let out64 = outOctets64 else {
            return inOctets32 == nil && outOctets32 == nil ? .undecided : .bits32
        }
        let pairs = [(in64, UInt64(inOctets32 ?? 0)), (out64, UInt64(outOctets32 ?? 0))]
        if pairs.contains(where: { $0.0 < $0.1 / 2 || $0.0 == 0 && $0.1 > 0 }) { return .bits32 }
        return pairs.allSatisfy { $0.0 == 0 } ? .undecided : .bits64
    }

    /// How fast the interface says it is, in Mbit/s: ifSpeed where ifHighSpeed is missing, unless it is at its end.
    private var megabits: UInt32? {
        if let highSpeed, highSpeed > 0 { return highSpeed }
        guard let speed, speed > 0, speed < .max else { return highSpeed }
        // Rounded up: what it bounds must not be bounded too tightly.
        return (speed - 1) / 1_000_000 + 1
    }

    /// The reading of the interface that `key` names.
    func reading(
        of key: InterfaceKey, at place: InterfaceMap.Place?, of address: String, trouble: String?
    ) -> InterfaceReading {
        let watched = key.written
        func unknown(_ code: UnknownReason.Code, _ detail: String) -> InterfaceReading {
            InterfaceReading(name: watched, index: place?.index, unknown: UnknownReason(code, detail))
        }
        guard let place else {
            guard let trouble else { return unknown(.absent, "\(address) has no interface '\(watched)'") }
            return unknown(.agentError, "'\(watched)' was not found at \(address): \(trouble)")
        }
        guard let isNamedRight else {
            guard let errorStatus else { return unknown(.absent, "\(address) no longer has interface '\(watched)'") }
            return unknown(
                .agentError, "\(address) answers error \(errorStatus) when asked for interface '\(watched)'")
        }
        guard isNamedRight else {
            return unknown(.renumbered, "row \(place.index) of \(address) is no longer '\(watched)'")
        }
        let narrow = place.width == .bits32 || place.width == .undecided && width == .bits32
        return InterfaceReading(
            name: watched, index: place.index,
            inOctets: narrow ? inOctets32.map(Counter.bits32) : inOctets64.map(Counter.bits64),
            outOctets: narrow ? outOctets32.map(Counter.bits32) : outOctets64.map(Counter.bits64),
            inErrors: inErrors.map(Counter.bits32), outErrors: outErrors.map(Counter.bits32),
            inDiscards: inDiscards.map(Counter.bits32), outDiscards: outDiscards.map(Counter.bits32),
            operStatus: operStatus, lastChange: lastChange, highSpeed: megabits, discontinuity: discontinuity)
    }
}

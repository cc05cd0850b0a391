/// What two successive readings of one counter say about the time between them. Pure, in whole numbers.
enum CounterDelta {
    /// The growth of a counter, or why there is none to speak of.
    ///
    /// - Parameters:
    ///   - seconds: The time between the readings.
    ///   - highSpeed: What the interface says it can do, in Mbit/s; bounds what going backwards may mean.
    ///   - bitsPerUnit: 8 for octets; nil for packets, whose rate is not bounded by the line rate this way.
    static func growth(
        from earlier: Counter, to later: Counter, seconds: Double, highSpeed: UInt32?, bitsPerUnit: Double?
    ) -> Growth {
        switch (earlier, later) {
        case (.bits64(let before), .bits64(let after)):
            // 64 bits do not wrap in a working life: backwards is a reset.
            return after >= before ? .by(after - before) : .reset
        case (.bits32(let before), .bits32(let after)):
            if after >= before { return .by(UInt64(after - before)) }
            let wrapped = UInt64(UInt32.max) - UInt64(before) + UInt64(after) + 1
            return isPlausibleWrap(wrapped, seconds, highSpeed, bitsPerUnit) ? .by(wrapped) : .reset
        case (.bits32, .bits64), (.bits64, .bits32):
            return .reset
        }
    }

    enum Growth: Hashable {
        case by(UInt64)
        case reset
    }

    /// Going backwards is one wrap only if the line could have carried that much, and could not have carried a whole turn more.
    private static func isPlausibleWrap(
        _ wrapped: UInt64, _ seconds: Double, _ highSpeed: UInt32?, _ bitsPerUnit: Double?
    ) -> Bool {
        guard let bitsPerUnit, let highSpeed, highSpeed > 0, seconds > 0 else { return false }
        let line = Double(highSpeed) * 1_000_000
        let turn = Double(UInt64(1) << 32) * bitsPerUnit / line
        return Double(wrapped) * bitsPerUnit / seconds <= line * 1.1 && seconds < turn
    }
}

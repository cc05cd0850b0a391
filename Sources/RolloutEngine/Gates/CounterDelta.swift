/// What two successive readings of one counter say about the time between them. Pure, in whole numbers.
enum CounterDelta {
    /// The growth of a counter, or why there is none to speak of.
    ///
    /// - Parameters:
    ///   - seconds: The time between the readings.
    ///   - highSpeed: What the interface says it can do, in Mbit/s; bounds what 32 bits may mean. Nil where it is not known.
    ///   - isOctets: Whether octets are counted; the rate of anything else is not bounded by the line rate this way.
    static func growth(
        from earlier: Counter, to later: Counter, seconds: Double, highSpeed: UInt32?, isOctets: Bool
    ) -> Growth {
        switch (earlier, later) {
        case (.bits64(let before), .bits64(let after)):
            // 64 bits do not wrap in a working life: backwards is a reset. So is a leap that no interface can make.
            guard after >= before else { return .reset }
            return isOctets && isLeap(after - before, seconds) ? .reset : .by(after - before)
        case (.bits32(let before), .bits32(let after)):
            guard isOctets else { return after >= before ? .by(UInt64(after - before)) : .reset }
            return octets(before, after, seconds, highSpeed)
        case (.bits32, .bits64), (.bits64, .bits32):
            return .reset
        }
    }

    /// What a counter did between two readings.
    enum Growth: Hashable {
        /// It grew by this.
        case by(UInt64)
        /// It is not comparable: it went backwards, leapt, or changed its width.
        case reset
        /// At line rate it may have gone round more than once, so that its growth means nothing.
        case ambiguous
    }

    private static func octets(_ before: UInt32, _ after: UInt32, _ seconds: Double, _ highSpeed: UInt32?) -> Growth {
        guard let highSpeed, highSpeed > 0, seconds > 0 else {
            return after >= before ? .by(UInt64(after - before)) : .reset
        }
        let line = Double(highSpeed) * 1_000_000
        // Within less than one turn at line rate, the growth modulo 2^32 is the growth.
        guard seconds < turn * 8 / line else { return .ambiguous }
        let growth = UInt64(after &- before)
        guard after < before else { return .by(growth) }
        return Double(growth) * 8 / seconds <= line * 1.1 ? .by(growth) : .reset
    }

    private static func isLeap(_ octets: UInt64, _ seconds: Double) -> Bool {
        Double(octets) * 8 > fastest * max(seconds, 1)
    }

    /// 10 Tbit/s: more than any interface has.
    private static let fastest = 1e13
    private static let turn = Double(UInt64(1) << 32)
}

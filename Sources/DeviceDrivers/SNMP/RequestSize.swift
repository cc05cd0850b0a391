/// How many objects an agent is asked for at once: as many as it has shown that it can answer, and no fewer than it must.
struct RequestSize: Sendable {
    /// So many are asked for. At first as many as surely fit an Ethernet frame of 1500 octets.
    private(set) var maximum = RequestSize.usual
    /// More than this it cannot answer, as far as is known.
    private var ceiling = RequestSize.usual
    private var largestAnswered = 0
    private var wholeReadings = 0

    private static let usual = 60
    /// An agent that is silent is not asked for fewer than this: size is not what keeps it from answering.
    private static let leastForSilent = 8
    private static let readingsBeforeGrowing = 3

    /// It answered a request.
    mutating func answered(_ count: Int) { largestAnswered = max(largestAnswered, count) }

    /// It says that so many are too big.
    ///
    /// - Returns: Whether fewer can be asked for.
    mutating func wasTooBig(_ count: Int) -> Bool {
        guard count > RequestPacker.leastMaximum else { return false }
        maximum = max(min(maximum, count) / 2, RequestPacker.leastMaximum)
        ceiling = maximum
        return true
    }

    /// It did not answer. One that never answered so many may drop large answers on the way, or take too long over them.
    ///
    /// - Returns: Whether fewer are asked for from now on.
    mutating func wasSilent(_ count: Int) -> Bool {
        guard count > largestAnswered, maximum > Self.leastForSilent else { return false }
        // What was tried as growth and failed is not tried again.
        if largestAnswered > 0 { ceiling = max(largestAnswered, Self.leastForSilent) }
        maximum = max(min(maximum, count) / 2, Self.leastForSilent)
        wholeReadings = 0
        return true
    }

    /// A reading came to its end.
    ///
    /// - Returns: Whether more can be asked for from now on.
    mutating func readingSucceeded() -> Bool {
        guard maximum < ceiling else { return false }
        wholeReadings += 1
        guard wholeReadings >= Self.readingsBeforeGrowing else { return false }
        wholeReadings = 0
        maximum = min(maximum * 2, ceiling)
        return true
    }
}

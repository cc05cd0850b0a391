/// A bucket of permissions for each of those who ask: it fills at a rate, and a request takes one out. Pure.
struct RateLimit: Sendable {
    private let perSecond: Double
    private let burst: Double
    private var buckets: [String: (left: Double, at: ContinuousClock.Instant)] = [:]

    /// - Parameters:
    ///   - perSecond: How many are allowed in the long run.
    ///   - burst: How many are allowed at once.
    init(perSecond: Double, burst: Double) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// Nil when it may; else after how many seconds it may again.
    mutating func refusal(of who: String, at now: ContinuousClock.Instant) -> Int? {
        if buckets.count > 4096 { forgetFullOnes(at: now) }
        let left = level(of: who, at: now)
        guard left >= 1 else {
            buckets[who] = (left, now)
            return max(1, Int(((1 - left) / perSecond).rounded(.up)))
        }
        buckets[who] = (left - 1, now)
        return nil
    }

    private func level(of who: String, at now: ContinuousClock.Instant) -> Double {
        guard let bucket = buckets[who] else { return burst }
        let passed = (now - bucket.at) / .seconds(1)
        return min(burst, bucket.left + max(0, passed) * perSecond)
    }

    /// Whoever has a full bucket is as good as unknown.
    private mutating func forgetFullOnes(at now: ContinuousClock.Instant) {
        buckets = buckets.filter { level(of: $0.key, at: now) < burst }
        // Thousands at once are no clients: whoever is left starts afresh, so that they cannot fill the memory.
        if buckets.count > 4096 { buckets = [:] }
    }
}

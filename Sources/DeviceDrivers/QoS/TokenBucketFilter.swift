import RolloutEngine

/// A `tbf` queueing discipline: one bucket in front of one queue.
struct TokenBucketFilter: Hashable, Sendable {
    /// The rate, in whole bytes per second.
    let rate: BitsPerSecond
    /// The bucket in bytes, canonical.
    let burst: UInt64
    /// How much may wait.
    let queue: Queue

    /// How much may wait for tokens.
    enum Queue: Hashable, Sendable {
        /// As much as leaves again within so many microseconds.
        case latency(UInt64)
        /// So many bytes; where no whole number of microseconds means the same.
        case limit(UInt64)
    }

    /// The longest wait that we ask for: 50 ms.
    static let latency: UInt64 = 50_000

    /// What a rate and a bucket mean on a device: both cut to what the kernel can hold.
    init(rate: BitsPerSecond, burst: ByteCount) {
        self.rate = BitsPerSecond(rate.value / 8 * 8)
        self.burst = BucketSize.canonical(bytes: burst.value, at: self.rate)
        queue = .latency(Self.latency)
    }

    /// What the kernel says it holds: bytes per second, ticks of 64 ns, bytes.
    init(bytesPerSecond: UInt64, ticks: UInt64, limit: UInt64) {
        rate = BitsPerSecond(bytesPerSecond * 8)
        burst = BucketSize.canonical(ticks: ticks, at: rate)
        queue = Self.queue(holding: limit, bytesPerSecond: bytesPerSecond, burst: burst)
    }

    private init(rate: BitsPerSecond, burst: UInt64, queue: Queue) {
        self.rate = rate
        self.burst = burst
        self.queue = queue
    }

    /// The wait that makes `tc` compute exactly this limit, the roundest if there are several; else the limit as it is.
    private static func queue(holding limit: UInt64, bytesPerSecond: UInt64, burst: UInt64) -> Queue {
        guard limit > burst, bytesPerSecond > 0 else { return .limit(limit) }
        func held(_ micros: UInt64) -> UInt64 {
            UInt64(Double(bytesPerSecond) * Double(micros) / 1e6 + Double(burst))
        }
        let about = UInt64((Double(limit - burst) / Double(bytesPerSecond) * 1e6).rounded())
        // Below 1 MB/s several waits mean the same number of bytes.
        let reach = 1_000_000 / bytesPerSecond + 1
        for size: UInt64 in [10_000, 1000, 100, 10, 1] {
            let candidate = (about + size / 2) / size * size
            if candidate > 0, candidate <= about + reach, candidate + reach >= about, held(candidate) == limit {
                return .latency(candidate)
            }
        }
        for candidate in (about > reach ? about - reach : 1)...(about + reach) where held(candidate) == limit {
            return .latency(candidate)
        }
        return .limit(limit)
    }

    /// The words that `tc` understands, and the canonical line.
    var words: [String] {
        let queue =
            switch queue {
            case .latency(let micros): ["latency", "\(micros)us"]
            case .limit(let bytes): ["limit", "\(bytes)b"]
            }
        return ["tbf", "rate", "\(rate.value)bit", "burst", "\(burst)b"] + queue
    }

    /// Reads the canonical line; nil for anything else.
    init?(line: String) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 7, words[0] == "tbf", words[1] == "rate", words[3] == "burst",
            let rate = number(words[2], "bit"), let burst = number(words[4], "b")
        else { return nil }
        switch words[5] {
        case "latency":
            guard let micros = number(words[6], "us") else { return nil }
            self.init(rate: BitsPerSecond(rate), burst: burst, queue: .latency(micros))
        case "limit":
            guard let bytes = number(words[6], "b") else { return nil }
            self.init(rate: BitsPerSecond(rate), burst: burst, queue: .limit(bytes))
        default: return nil
        }
    }
}

/// A whole number with exactly this unit behind it; nil for anything else, also for signs and spaces.
func number(_ word: some StringProtocol, _ unit: String) -> UInt64? {
    guard word.hasSuffix(unit) else { return nil }
    let digits = word.dropLast(unit.count)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return UInt64(digits)
}

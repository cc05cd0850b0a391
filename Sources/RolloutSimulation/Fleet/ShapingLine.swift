internal import RolloutEngine

/// One canonical line of a shaped interface: `tbf rate 20000000bit burst 32768b latency 50000us`, as on Linux.
struct ShapingLine: Hashable {
    /// What the interface may send.
    var rate: BitsPerSecond
    /// How much it may send at once.
    var burst: ByteCount

    /// A shaped interface.
    init(rate: BitsPerSecond, burst: ByteCount) {
        self.rate = rate
        self.burst = burst
    }

    /// Reads the canonical line; nil for any other.
    init?(_ line: String) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 7, words[0] == "tbf", words[1] == "rate", words[3] == "burst", words[5] == "latency",
            words[6] == "50000us", words[2].hasSuffix("bit"), words[4].hasSuffix("b"),
            let rate = UInt64(words[2].dropLast(3)), let burst = UInt64(words[4].dropLast(1))
        else { return nil }
        self.init(rate: BitsPerSecond(rate), burst: ByteCount(burst))
    }

    /// The canonical line.
    var text: String { "tbf rate \(rate.value)bit burst \(burst.value)b latency 50000us" }

    /// The section that shapes an interface.
    static func section(of interface: String) -> String { "qdisc \(interface)" }
}

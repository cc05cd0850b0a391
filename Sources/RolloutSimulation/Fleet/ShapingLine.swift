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

    /// Reads the canonical line; nil for any other. Byte by byte, as it is read whenever time goes on.
    init?(_ line: String) {
        var rest = line.utf8[...]
        func skip(_ word: StaticString) -> Bool {
            let bytes = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
            guard rest.starts(with: bytes) else { return false }
            rest = rest.dropFirst(bytes.count)
            return true
        }
        func number() -> UInt64? {
            let digits = rest.prefix { $0 >= 48 && $0 <= 57 }
            guard !digits.isEmpty, digits.count < 19 else { return nil }
            rest = rest.dropFirst(digits.count)
            return digits.reduce(0) { $0 * 10 + UInt64($1 - 48) }
        }
        guard skip("tbf rate "), let rate = number(), skip("bit burst "), let burst = number(),
            skip("b latency 50000us"), rest.isEmpty
        else { return nil }
        self.init(rate: BitsPerSecond(rate), burst: ByteCount(burst))
    }

    /// The canonical line.
    var text: String { "tbf rate \(rate.value)bit burst \(burst.value)b latency 50000us" }

    /// The section that shapes an interface.
    static func section(of interface: String) -> String { "qdisc \(interface)" }
}

/// How large the token bucket of a shaper should be for its rate. Pure.
///
/// A bucket that is too small keeps a shaper below its rate, because it is refilled only as often as the kernel looks; one
/// that is too large lets long trains of packets through at line speed.
public enum BurstRule {
    /// The round trip for which bursts are sized: across a continent.
    static let roundTrip = Timespan.milliseconds(50)
    /// How often the slowest common kernels look at a shaper, per second.
    static let ticksPerSecond: UInt64 = 250
    /// A full Ethernet frame with its header, in bytes.
    static let frame: UInt64 = 1514

    /// The bucket for a rate: what passes in a fifth of a round trip (10 ms), at least ten full frames, rounded up to
    /// a whole, or one and a half times a, power of two of KiB.
    public static func automatic(for rate: BitsPerSecond) -> ByteCount {
        let wanted = max(
            bytes(of: rate, dividedBy: 5000 / UInt64(roundTrip.milliseconds)), frame * 10, smallest(for: rate))
        var step: UInt64 = 1024
        while step < wanted {
            if step % 2048 == 0 && step / 2 * 3 >= wanted { return ByteCount(step / 2 * 3) }
            step *= 2
        }
        return ByteCount(step)
    }

    /// What is wrong with a bucket that somebody wrote down, or nil when its rate can be reached with it.
    public static func complaint(burst: ByteCount, rate: BitsPerSecond) -> String? {
        let least = smallest(for: rate)
        guard burst.value < least else { return nil }
        return
            "a burst of \(burst) is too small for \(rate): a shaper that is looked at \(ticksPerSecond) times a second"
            + " needs at least \(least)B; use 'auto' (\(automatic(for: rate)))"
    }

    /// What one tick lets through, and never less than two frames: a packet larger than the bucket would never pass.
    private static func smallest(for rate: BitsPerSecond) -> UInt64 {
        max(bytes(of: rate, dividedBy: ticksPerSecond), frame * 2)
    }

    private static func bytes(of rate: BitsPerSecond, dividedBy parts: UInt64) -> UInt64 {
        let divisor = parts * 8
        return rate.value / divisor + (rate.value % divisor == 0 ? 0 : 1)
    }
}

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

    /// The bucket of a policer: what arrives within a round trip, and never less than one segment of 64 KiB, into which senders
    /// and cards gather packets.
    ///
    /// A policer has no queue: TCP sends a window at once and waits a round trip for its answer, so a smaller bucket drops what
    /// would have fitted the rate.
    public static func policing(_ rate: BitsPerSecond) -> ByteCount {
        max(arriving(at: rate, within: roundTrip), ByteCount(segment))
    }

    /// What arrives at a rate within a time, rounded up to whole bytes.
    public static func arriving(at rate: BitsPerSecond, within span: Timespan) -> ByteCount {
        // By parts, so that no rate times no time is too large.
        let (whole, rest) = rate.value.quotientAndRemainder(dividingBy: 8000)
        let time = UInt64(max(0, span.milliseconds))
        return ByteCount(whole * time + (rest * time + 7999) / 8000)
    }

    /// What is wrong with a policer's bucket that somebody wrote down, or nil when its rate can be reached with it.
    ///
    /// The least is what arrives in 5 ms and ten full frames, which is where Juniper's policers start as well ("Determining
    /// Proper Burst Size for Traffic Policers").
    public static func policingComplaint(burst: ByteCount, rate: BitsPerSecond) -> String? {
        let least = max(arriving(at: rate, within: .milliseconds(5)), ByteCount(frame * 10))
        guard burst < least else { return nil }
        return
            "a burst of \(burst) is too small for \(rate): a policer drops what does not fit at once, and needs at least"
            + " \(least.value)B (5ms of the rate, ten frames); use 'auto' (\(policing(rate)), \(roundTrip) of it)"
    }

    /// The largest packet that senders and cards hand over in one piece, in bytes.
    public static let segment: UInt64 = 65_536

    /// What one tick lets through, and never less than two frames: a packet larger than the bucket would never pass.
    private static func smallest(for rate: BitsPerSecond) -> UInt64 {
        max(bytes(of: rate, dividedBy: ticksPerSecond), frame * 2)
    }

    private static func bytes(of rate: BitsPerSecond, dividedBy parts: UInt64) -> UInt64 {
        let divisor = parts * 8
        return rate.value / divisor + (rate.value % divisor == 0 ? 0 : 1)
    }
}

import RolloutEngine

/// One size for every bucket that the kernel cannot tell apart. Pure.
///
/// The kernel keeps a bucket as the time that its rate needs to fill it, in ticks of 64 ns, and `tc` cuts that time down to
/// whole microseconds for htb and to ticks for tbf. What is read back is therefore up to one microsecond of traffic less than
/// what was set. Sizes are made canonical by the microsecond that they fall into, so that a size that was set reads back as
/// itself. The price: a bucket found on a device is put back to within one microsecond of its rate (four below 10 Mbit/s).
enum BucketSize {
    /// The kernel's tick in microseconds (`PSCHED_SHIFT` 6: 64 ns).
    static let tick = 0.064
    /// Sizes of full frames: never rounded to something that such a frame does not fit into.
    private static let frames: [UInt64] = [9018, 9014, 1522, 1518, 1514]
    /// How far readings may lie beside the truth, in microseconds: more than one tick.
    private static let slack = 0.08

    /// The canonical size, in bytes, of a bucket that was read as so many ticks.
    static func canonical(ticks: UInt64, at rate: BitsPerSecond) -> UInt64 {
        canonical(micros: Double(ticks) * tick, at: rate)
    }

    /// The canonical size, in bytes, of a bucket that is asked for.
    static func canonical(bytes: UInt64, at rate: BitsPerSecond) -> UInt64 {
        guard rate.value > 0 else { return bytes }
        return canonical(micros: Double(bytes) / bytesPerMicro(rate), at: rate)
    }

    private static func bytesPerMicro(_ rate: BitsPerSecond) -> Double { Double(rate.value) / 8e6 }

    private static func canonical(micros: Double, at rate: BitsPerSecond) -> UInt64 {
        let speed = bytesPerMicro(rate)
        // So slow that each byte has microseconds of its own: the size itself can be known.
        if speed < 0.4 { return UInt64(max(1, ((micros - slack) * speed).rounded(.up))) }
        // Wide enough that every window holds a whole number of bytes.
        let width = speed >= 1.25 ? 1.0 : 4.0
        let start = ((micros + slack) / width).rounded(.down) * width
        let lowest = UInt64(max(1, ((start + slack) * speed).rounded(.up)))
        // A little more than the slack away from the next window, so that the sum above never rounds into it.
        let highest = max(lowest, UInt64((start + width - slack * 1.1) * speed))
        if let frame = frames.first(where: { lowest...highest ~= $0 }) { return frame }
        return roundest(from: lowest, through: highest)
    }

    /// The number between two that is a multiple of the largest power of two; the smaller one of two such.
    private static func roundest(from lowest: UInt64, through highest: UInt64) -> UInt64 {
        var power: UInt64 = 1 << 40
        while power > 1 {
            let candidate = (lowest + power - 1) / power * power
            if candidate <= highest { return candidate }
            power /= 2
        }
        return lowest
    }
}

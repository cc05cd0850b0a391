import Synchronization

/// The bytes that all sessions of a transport may move together.
final class Pacer: Sendable {
    /// How many bytes a session asks for at a time: a twentieth of a second's worth, so that many take turns.
    let portion: Int64
    private let bucket: Mutex<TokenBucket>

    /// Paces to so many bytes a second, both directions together.
    init(bytesPerSecond: UInt64) {
        portion = Int64(min(16_384, max(256, bytesPerSecond / 20)))
        bucket = Mutex(
            TokenBucket(rate: bytesPerSecond, burst: UInt64(portion), now: Deadline.now().nanoseconds))
    }

    /// Reserves one portion and says from when on it may be moved.
    func reserve() -> Deadline {
        let now = Deadline.now().nanoseconds
        return Deadline(nanoseconds: now + bucket.withLock { $0.reserve(UInt64(portion), now: now) })
    }

    /// Gives back what was reserved and not moved.
    func giveBack(_ bytes: Int64) {
        guard bytes > 0 else { return }
        bucket.withLock { $0.giveBack(UInt64(bytes), now: Deadline.now().nanoseconds) }
    }
}

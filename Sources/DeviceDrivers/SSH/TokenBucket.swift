/// How many bytes may be moved by now: so many a second, with a small burst saved up while idle. Pure.
///
/// Bytes are reserved ahead: the balance may go below zero, and who takes it there is told how long to wait. Everyone is
/// served in the order of asking, and nobody wakes to find that another was quicker.
package struct TokenBucket: Hashable, Sendable {
    /// Bytes a second.
    package let rate: Double
    /// The most that is saved up, in bytes.
    package let burst: Double
    private var balance: Double
    private var updated: UInt64

    /// A full bucket.
    ///
    /// - Parameters:
    ///   - rate: Bytes a second, at least 1.
    ///   - burst: The most that is saved up, in bytes.
    ///   - now: Nanoseconds of a clock that never goes back.
    package init(rate: UInt64, burst: UInt64, now: UInt64) {
        self.rate = Double(max(1, rate))
        self.burst = Double(burst)
        balance = self.burst
        updated = now
    }

    /// Takes bytes and says after how many nanoseconds they may be moved.
    package mutating func reserve(_ bytes: UInt64, now: UInt64) -> UInt64 {
        refill(now)
        balance -= Double(bytes)
        return balance >= 0 ? 0 : UInt64((-balance / rate * 1e9).rounded(.up))
    }

    /// Gives back bytes that were reserved and not moved.
    package mutating func giveBack(_ bytes: UInt64, now: UInt64) {
        refill(now)
        balance = min(burst, balance + Double(bytes))
    }

    private mutating func refill(_ now: UInt64) {
        guard now > updated else { return }
        balance = min(burst, balance + Double(now - updated) / 1e9 * rate)
        updated = now
    }
}

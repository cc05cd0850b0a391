import CLinux
import Glibc
package import RolloutEngine

/// A moment of the monotonic clock by which something must be done.
package struct Deadline: Comparable, Hashable, Sendable {
    /// Nanoseconds of CLOCK_MONOTONIC, which no clock change moves.
    package let nanoseconds: UInt64

    /// Wraps nanoseconds of CLOCK_MONOTONIC.
    package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// This moment.
    package static func now() -> Self {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Self(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// So long from now; never before now.
    package static func after(_ span: Timespan) -> Self { now().adding(milliseconds: span.milliseconds) }

    /// So many milliseconds later.
    package func adding(milliseconds: Int64) -> Self {
        Self(nanoseconds: nanoseconds &+ UInt64(clamping: milliseconds) &* 1_000_000)
    }

    /// What is left of it, zero once it has passed.
    package var remaining: Timespan {
        let now = Self.now().nanoseconds
        return nanoseconds > now ? .milliseconds(Int64((nanoseconds - now) / 1_000_000)) : .zero
    }

    /// The earlier one first.
    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}

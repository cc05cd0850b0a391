internal import Foundation
public import RolloutEngine

/// Real time that runs `factor` times as fast from an origin on: an hour of soak in a minute.
///
/// Processes that share a simulated fleet give the same factor and origin, and so agree about the time.
public struct ScaledClock: EngineClock {
    private let factor: Double
    private let origin: Instant

    /// Real time times a factor, which is greater than 0; both times are equal at `origin`.
    public init(factor: Double, from origin: Instant = Self.realTime()) {
        precondition(factor > 0 && factor.isFinite, "time has to go on")
        self.factor = factor
        self.origin = origin
    }

    /// The scaled time now.
    public func now() -> Instant {
        let passed = Double((Self.realTime() - origin).milliseconds) * factor
        return origin + .milliseconds(Int64(passed.rounded()))
    }

    /// Waits until the scaled time has come, or until the task is cancelled.
    public func sleep(until instant: Instant) async {
        while !Task.isCancelled {
            let rest = instant - now()
            guard rest > .zero else { return }
            try? await Task.sleep(for: .milliseconds(max(1, Int64((rest.seconds * 1000 / factor).rounded(.up)))))
        }
    }

    /// What has passed in scaled time.
    public func uptime() -> Timespan {
        .milliseconds(Int64((Double(Self.realUptime().milliseconds) * factor).rounded()))
    }

    /// What has passed since the machine started.
    public static func realUptime() -> Timespan {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .milliseconds(Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// The machine's own time.
    public static func realTime() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

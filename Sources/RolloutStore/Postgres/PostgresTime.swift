internal import RolloutEngine

/// Instants as PostgreSQL keeps them: of the years 1 to 9999, which have four digits wherever they are written. What is said to be
/// before or after is moved there.
enum PostgresTime {
    /// Microseconds since 2000-01-01 UTC: the binary form of a timestamptz.
    static func microseconds(of instant: Instant) -> Int64 { (clamped(instant).milliseconds - epoch) * 1000 }

    /// The instant of a timestamptz.
    static func instant(_ microseconds: Int64) -> Instant { Instant(milliseconds: microseconds / 1000 + epoch) }

    /// The text of a timestamptz.
    static func text(_ instant: Instant) -> String { clamped(instant).description }

    /// The day (UTC) of an instant as `2026-11-27`.
    static func day(of instant: Instant) -> Substring { text(instant).prefix(10) }

    private static func clamped(_ instant: Instant) -> Instant { min(max(instant, first), last) }

    /// 0001-01-01, 9999-12-31 and 2000-01-01 in milliseconds since 1970.
    private static let first = Instant(milliseconds: -62_135_596_800_000)
    private static let last = Instant(milliseconds: 253_402_300_799_999)
    private static let epoch: Int64 = 946_684_800_000
}

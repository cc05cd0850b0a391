internal import Foundation

// When a clock on a wall shows what an expression says. Pure: daylight saving comes from the time zone database.
extension CronExpression {
    /// The first moment after `instant` at which it is due; nil when there is none, or no such time zone.
    ///
    /// A time that is skipped when clocks are set forward is due at the first moment after the gap, once, however many of its
    /// times are skipped; one that comes twice is due the first time only.
    ///
    /// - Parameter zone: The time zone, by its IANA name.
    public func next(after instant: Instant, in zone: String) -> Instant? {
        guard let zone = TimeZone(identifier: zone) else { return nil }
        let seconds = floorDivide(instant.milliseconds, 1000)
        let today = floorDivide(seconds + Int64(zone.secondsFromGMT(at: seconds)), Self.secondsOfDay)
        // A time of yesterday may be due only now, where the clock was set forward over midnight.
        for day in (today - 1)...(today + Self.farthestDay) where isDue(on: CivilDate(daysSinceEpoch: day)) {
            for hour in hours {
                for minute in minutes {
                    let local = day * Self.secondsOfDay + Int64(hour * 3600 + minute * 60)
                    let due = MaintenanceCalendar.instant(local, in: zone)
                    if due > instant { return due }
                }
            }
        }
        return nil
    }

    private static let secondsOfDay: Int64 = 86_400
    /// The 29th of February falls on each day of the week within forty years.
    private static let farthestDay: Int64 = 40 * 366
}

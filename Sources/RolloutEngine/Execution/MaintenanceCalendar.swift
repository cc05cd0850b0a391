import Foundation

/// When work may begin in a datacentre, in its own time zone. Pure: daylight saving comes from the time zone database.
public enum MaintenanceCalendar {
    /// The first instant from `now` on at which the window is open and stays open for at least `needed`.
    ///
    /// Nil when there is no such instant within the next two weeks. A datacentre without a window is always open.
    public static func start(in datacentre: Datacentre, leaving needed: Timespan, from now: Instant) -> Instant? {
        guard let window = datacentre.window else { return now }
        for opening in openings(of: window, in: datacentre.timeZone, around: now) {
            let begin = max(opening.from, now)
            if begin + needed <= opening.to { return begin }
        }
        return nil
    }

    /// Whether the window is open at `now`, and when it closes; nil when it is closed.
    public static func closing(of datacentre: Datacentre, at now: Instant) -> Instant? {
        guard let window = datacentre.window else { return Instant(milliseconds: .max / 2) }
        return openings(of: window, in: datacentre.timeZone, around: now).first { $0.from <= now && now < $0.to }?.to
    }

    /// The spans in which the window is open, from yesterday to two weeks ahead unless other days are given, in order. Each is
    /// worked out when it is asked for: calendars are slow, and most who ask take the first.
    static func openings(
        of window: MaintenanceWindow, in zone: String, around now: Instant, days: ClosedRange<Int> = -1...14
    ) -> some Sequence<Verdict.Window> {
        let timeZone = TimeZone(identifier: zone)
        var gregorian = Calendar(identifier: .gregorian)
        if let timeZone { gregorian.timeZone = timeZone }
        let calendar = gregorian
        let today = Date(timeIntervalSince1970: Double(now.milliseconds) / 1000)
        return days.lazy.compactMap { offset in
            guard timeZone != nil else { return nil }
            guard let day = calendar.date(byAdding: .day, value: offset, to: calendar.startOfDay(for: today)) else {
                return nil
            }
            // Calendar counts Sunday as 1; windows count Monday as 1.
            let weekday = (calendar.component(.weekday, from: day) + 5) % 7 + 1
            guard window.days.contains(weekday) else { return nil }
            let nextDay = window.endMinute <= window.startMinute
            guard let from = instant(window.startMinute, on: day, calendar),
                let lastDay = nextDay ? calendar.date(byAdding: .day, value: 1, to: day) : day,
                let to = instant(window.endMinute, on: lastDay, calendar), from < to
            else { return nil }
            return Verdict.Window(from: from, to: to)
        }
    }

    /// A wall-clock minute of a day. One that daylight saving skips is the first instant after the gap; of one that comes
    /// twice, the first counts.
    private static func instant(_ minute: Int, on day: Date, _ calendar: Calendar) -> Instant? {
        let date = calendar.date(
            bySettingHour: minute / 60 % 24, minute: minute % 60, second: 0, of: day,
            matchingPolicy: .nextTime, repeatedTimePolicy: .first)
        return date.map { Instant(milliseconds: Int64(($0.timeIntervalSince1970 * 1000).rounded())) }
    }
}

import Foundation

/// When work may begin in a datacentre, in its own time zone. Pure: daylight saving comes from the time zone database.
public enum MaintenanceCalendar {
    /// The first instant from `now` on at which work may be done, and may be done for at least `needed`: the window is open, and
    /// there is no blackout.
    ///
    /// Nil when there is no such instant within two weeks, or within two weeks after the last blackout. A datacentre without a
    /// window is always open.
    public static func start(in datacentre: Datacentre, leaving needed: Timespan, from now: Instant) -> Instant? {
        for opening in hours(of: datacentre, around: now) {
            let begin = max(opening.from, now)
            if begin + needed <= opening.to { return begin }
        }
        return nil
    }

    /// Whether work may be done at `now`, and until when; nil when it may not.
    public static func closing(of datacentre: Datacentre, at now: Instant) -> Instant? {
        hours(of: datacentre, around: now).first { $0.from <= now && now < $0.to }?.to
    }

    /// When a clock on a wall of a time zone shows a minute of a day: the first moment after the gap for one that is skipped, the
    /// first of the two for one that comes twice. Nil when there is no such time zone.
    ///
    /// - Parameter minute: Counted from midnight.
    public static func instant(of day: CalendarDay, minute: Int, in zone: String) -> Instant? {
        TimeZone(identifier: zone).map { instant(day.daysSinceEpoch * secondsOfDay + Int64(minute) * 60, in: $0) }
    }

    /// The spans in which work may be done, in order. Each is worked out when it is asked for.
    private static func hours(of datacentre: Datacentre, around now: Instant) -> some Sequence<Verdict.Window> {
        let blackouts = blackouts(of: datacentre)
        let lastDays = blackouts.last.map { ($0.to - now).milliseconds / (secondsOfDay * 1000) } ?? 0
        // Nobody plans further ahead than two years.
        let days = -1...(14 + Int(min(max(lastDays, 0), 730)))
        let always = Verdict.Window(from: Instant(milliseconds: .min / 2), to: Instant(milliseconds: .max / 2))
        let window = datacentre.window.map { openings(of: $0, in: datacentre.timeZone, around: now, days: days) }
        return (window.map { AnySequence($0) } ?? AnySequence([always])).lazy.flatMap { opening in
            blackouts.reduce([opening]) { spans, blackout in
                spans.flatMap { span in
                    [
                        Verdict.Window(from: span.from, to: min(span.to, blackout.from)),
                        Verdict.Window(from: max(span.from, blackout.to), to: span.to),
                    ].filter { $0.from < $0.to }
                }
            }
        }
    }

    /// A datacentre's blackouts by the clock, the one that ends last at the end.
    private static func blackouts(of datacentre: Datacentre) -> [Verdict.Window] {
        guard let days = datacentre.blackouts, let zone = TimeZone(identifier: datacentre.timeZone) else { return [] }
        return days.map { blackout in
            Verdict.Window(
                from: instant(blackout.first.daysSinceEpoch * secondsOfDay, in: zone),
                to: instant((blackout.last.daysSinceEpoch + 1) * secondsOfDay, in: zone))
        }.sorted { ($0.to, $0.from) < ($1.to, $1.from) }
    }

    /// The spans in which the window is open, from yesterday to two weeks ahead unless other days are given, in order. Each is
    /// worked out when it is asked for, as most who ask take the first.
    static func openings(
        of window: MaintenanceWindow, in zone: String, around now: Instant, days: ClosedRange<Int> = -1...14
    ) -> some Sequence<Verdict.Window> {
        let zone = TimeZone(identifier: zone)
        return days.lazy.compactMap { offset in
            guard let zone else { return nil }
            let seconds = now.milliseconds / 1000
            let day = (seconds + Int64(zone.secondsFromGMT(at: seconds))) / secondsOfDay + Int64(offset)
            // Days count from a Thursday; windows count Monday as 1.
            guard window.days.contains(Int((day + 3) % 7) + 1) else { return nil }
            let lastDay = window.endMinute <= window.startMinute ? day + 1 : day
            let from = instant(day * secondsOfDay + Int64(window.startMinute) * 60, in: zone)
            let to = instant(lastDay * secondsOfDay + Int64(window.endMinute) * 60, in: zone)
            return from < to ? Verdict.Window(from: from, to: to) : nil
        }
    }

    /// When a clock on the wall shows a time, in seconds since 1970 by that clock. A time that is skipped is the first instant
    /// after the gap; of one that comes twice, the first counts.
    ///
    /// `Calendar` has an answer too, but takes the next day for a gap of half an hour.
    static func instant(_ local: Int64, in zone: TimeZone) -> Instant {
        let before = local - Int64(zone.secondsFromGMT(at: local - secondsOfDay))
        let after = local - Int64(zone.secondsFromGMT(at: local + secondsOfDay))
        func shows(_ instant: Int64) -> Bool { instant + Int64(zone.secondsFromGMT(at: instant)) >= local }
        var (low, high) = (min(before, after), max(before, after))
        if shows(low) { return Instant(milliseconds: low * 1000) }
        // From here on the clock only goes on or leaps ahead: the first moment at which it shows that much.
        while high - low > 1 {
            let middle = (low + high) / 2
            if shows(middle) { high = middle } else { low = middle }
        }
        return Instant(milliseconds: high * 1000)
    }

    private static let secondsOfDay: Int64 = 86_400
}

extension TimeZone {
    /// How far local time is ahead, at an instant in seconds since 1970.
    func secondsFromGMT(at seconds: Int64) -> Int {
        secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
    }
}

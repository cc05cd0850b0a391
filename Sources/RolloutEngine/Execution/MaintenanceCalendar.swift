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
    private static func instant(_ local: Int64, in zone: TimeZone) -> Instant {
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
    fileprivate func secondsFromGMT(at seconds: Int64) -> Int {
        secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
    }
}

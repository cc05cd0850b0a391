import Foundation
import Testing

@testable import RolloutEngine

@Suite("Windows where clocks are set")
struct MaintenanceCalendarTests {
    /// What a window of a datacentre's local time is in universal time.
    struct Night: Sendable, CustomTestStringConvertible {
        var zone: String
        var asked: String
        var window: (start: String, end: String)
        var opens: String
        var closes: String
        var testDescription: String { "\(window.start) to \(window.end) in \(zone), asked at \(asked)" }
    }

    static let nights: [Night] = [
        // 02:00 to 03:00 does not exist in Paris: a minute of it is the first one after.
        Night(
            zone: "Europe/Paris", asked: "2026-03-28T23:30", window: ("02:30", "05:00"), opens: "2026-03-29T01:00",
            closes: "2026-03-29T03:00"),
        Night(
            zone: "Europe/Paris", asked: "2026-03-28T12:00", window: ("22:00", "05:30"), opens: "2026-03-28T21:00",
            closes: "2026-03-29T03:30"),
        // 02:00 to 03:00 comes twice: the first counts.
        Night(
            zone: "Europe/Paris", asked: "2026-10-24T22:30", window: ("02:30", "04:00"), opens: "2026-10-25T00:30",
            closes: "2026-10-25T03:00"),
        Night(
            zone: "America/New_York", asked: "2026-03-08T05:30", window: ("02:15", "04:00"), opens: "2026-03-08T07:00",
            closes: "2026-03-08T08:00"),
        Night(
            zone: "America/New_York", asked: "2026-11-01T04:30", window: ("01:15", "04:00"), opens: "2026-11-01T05:15",
            closes: "2026-11-01T09:00"),
        // Lord Howe sets its clocks by half an hour: from UTC+10:30 to UTC+11 at 02:00, and back.
        Night(
            zone: "Australia/Lord_Howe", asked: "2026-10-03T13:45", window: ("02:15", "04:00"),
            opens: "2026-10-03T15:30", closes: "2026-10-03T17:00"),
        Night(
            zone: "Australia/Lord_Howe", asked: "2026-04-04T13:15", window: ("01:45", "04:00"),
            opens: "2026-04-04T14:45", closes: "2026-04-04T17:30"),
        // Santiago sets them at midnight: the day begins at 01:00.
        Night(
            zone: "America/Santiago", asked: "2026-09-06T04:10", window: ("01:30", "03:00"), opens: "2026-09-06T04:30",
            closes: "2026-09-06T06:00"),
        Night(
            zone: "America/Santiago", asked: "2026-09-05T12:00", window: ("00:30", "03:00"), opens: "2026-09-06T04:00",
            closes: "2026-09-06T06:00"),
    ]

    @Test("opens and closes by the clock on the wall", arguments: nights)
    func wallClock(night: Night) throws {
        let asked = try #require(Instant(night.asked + ":00.000Z"))
        let window = MaintenanceWindow(
            startMinute: Self.minute(night.window.start), endMinute: Self.minute(night.window.end))
        let opening = try #require(
            MaintenanceCalendar.openings(of: window, in: night.zone, around: asked).first { $0.to > asked })
        #expect(opening.from == Instant(night.opens + ":00.000Z"))
        #expect(opening.to == Instant(night.closes + ":00.000Z"))
    }

    @Test(
        "every quarter of an hour of every day is the first at which the clock shows it or more",
        arguments: [
            "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut", "UTC",
        ])
    func everyDay(name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        func shown(_ second: Int64) -> Int64 {
            second + Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
        }
        let newYear: Int64 = 1_767_225_600
        for day in Int64(0)..<365 {
            let midnight = newYear + day * 86_400
            // Days on which a clock is set, and one of each fortnight.
            guard shown(midnight) - midnight != shown(midnight + 86_400) - midnight - 86_400 || day % 14 == 0 else {
                continue
            }
            for date in [midnight - 86_400, midnight, midnight + 86_400] {
                var clock = date - 86_400
                while shown(clock) < date { clock += 300 }
                for minute in stride(from: 0, to: 1425, by: 15) {
                    while shown(clock) < date + Int64(minute) * 60 { clock += 300 }
                    let found = MaintenanceCalendar.openings(
                        of: MaintenanceWindow(startMinute: minute, endMinute: 0), in: name,
                        around: Instant(milliseconds: (clock + 60) * 1000), days: 0...0
                    ).first { _ in true }
                    #expect(found?.from.milliseconds == clock * 1000, "day \(day), minute \(minute)")
                }
            }
        }
    }

    /// When work begins in a datacentre with blackouts, in universal time.
    struct Held: Sendable, CustomTestStringConvertible {
        var window: (start: String, end: String)? = ("22:00", "05:30")
        var zone = "Europe/Paris"
        var blackouts: [(String, String)]
        var needed: Timespan = .minutes(60)
        var asked: String
        var begins: String?
        var testDescription: String { "asked at \(asked), held on \(blackouts.map { "\($0.0) to \($0.1)" })" }
    }

    static let held: [Held] = [
        // The night before, until midnight; then the night after, from midnight on.
        Held(blackouts: [("2026-12-24", "2026-12-26")], asked: "2026-12-23T20:00", begins: "2026-12-23T21:00"),
        Held(blackouts: [("2026-12-24", "2026-12-26")], asked: "2026-12-23T22:00", begins: "2026-12-23T22:00"),
        Held(blackouts: [("2026-12-24", "2026-12-26")], asked: "2026-12-23T22:01", begins: "2026-12-26T23:00"),
        Held(blackouts: [("2026-12-24", "2026-12-24")], asked: "2026-12-24T21:00", begins: "2026-12-24T23:00"),
        // Longer than the two weeks that are looked ahead; and one after the other.
        Held(blackouts: [("2026-12-01", "2027-03-31")], asked: "2026-12-01T12:00", begins: "2027-03-31T22:00"),
        Held(
            blackouts: [("2027-01-01", "2027-01-31"), ("2026-12-01", "2026-12-31")], asked: "2026-12-01T12:00",
            begins: "2027-01-31T23:00"),
        // At any time but then.
        Held(
            window: nil, blackouts: [("2026-03-29", "2026-03-29")], asked: "2026-03-29T05:00",
            begins: "2026-03-29T22:00"),
        Held(
            window: nil, blackouts: [("2026-03-29", "2026-03-29")], asked: "2026-03-28T22:30",
            begins: "2026-03-29T22:00"),
        Held(
            window: nil, zone: "Australia/Lord_Howe", blackouts: [("2026-10-04", "2026-10-04")],
            asked: "2026-10-03T13:31", begins: "2026-10-04T13:00"),
        // What is needed fits nowhere.
        Held(blackouts: [], needed: .minutes(8 * 60), asked: "2026-12-01T12:00", begins: nil),
        Held(
            window: ("22:00", "23:30"), blackouts: [("2026-12-24", "2026-12-24")], asked: "2026-12-24T20:00",
            begins: "2026-12-25T21:00"),
    ]

    @Test("nothing begins on a day of a blackout, nor so late before it that it would reach into it", arguments: held)
    func blackouts(_ held: Held) throws {
        let datacentre = Datacentre(
            name: "gra", timeZone: held.zone,
            window: held.window.map {
                MaintenanceWindow(startMinute: Self.minute($0.start), endMinute: Self.minute($0.end))
            },
            blackouts: try held.blackouts.map {
                Blackout(first: try #require(CalendarDay($0.0)), last: try #require(CalendarDay($0.1)))
            })
        let asked = try #require(Instant(held.asked + ":00.000Z"))
        let begins = held.begins.flatMap { Instant($0 + ":00.000Z") }
        #expect(MaintenanceCalendar.start(in: datacentre, leaving: held.needed, from: asked) == begins)
        if let begins {
            let closing = try #require(MaintenanceCalendar.closing(of: datacentre, at: begins))
            #expect(closing >= begins + held.needed)
        }
    }

    @Test("days are read as they are written, and none that is in no calendar")
    func days() {
        for text in ["2026-12-24", "1970-01-01", "2028-02-29", "0001-01-01"] {
            #expect(CalendarDay(text)?.description == text)
        }
        for text in ["2026-02-29", "2026-04-31", "2026-13-01", "2026-1-1", "24.12.2026", "2026-12-24T00", ""] {
            #expect(CalendarDay(text) == nil)
        }
    }

    private static func minute(_ text: String) -> Int {
        let parts = text.split(separator: ":").compactMap { Int($0) }
        return parts[0] * 60 + parts[1]
    }
}

import Foundation
import Testing

@testable import RolloutEngine

@Suite("Cron expressions")
struct CronTests {
    /// When an expression is due after a moment, in universal time.
    struct Due: Sendable, CustomTestStringConvertible {
        var expression: String
        var zone = "UTC"
        var after: String
        var due: [String]
        var testDescription: String { "'\(expression)' in \(zone) after \(after)" }
    }

    static let ordinary: [Due] = [
        Due(expression: "30 22 * * *", after: "2026-11-27T22:29:59", due: ["2026-11-27T22:30", "2026-11-28T22:30"]),
        // Not at that moment again.
        Due(expression: "30 22 * * *", after: "2026-11-27T22:30:00", due: ["2026-11-28T22:30"]),
        Due(
            expression: "0 1 * * mon-fri", after: "2026-11-27T00:00:00", due: ["2026-11-27T01:00", "2026-11-30T01:00"]),
        Due(expression: "0 0 * * 7", after: "2026-11-27T00:00:00", due: ["2026-11-29T00:00", "2026-12-06T00:00"]),
        Due(
            expression: "*/20 9-17/4 * * *", after: "2026-11-27T09:20:00",
            due: ["2026-11-27T09:40", "2026-11-27T13:00"]),
        Due(expression: "0 0 29 2 *", after: "2026-01-01T00:00:00", due: ["2028-02-29T00:00", "2032-02-29T00:00"]),
        Due(
            expression: "15 3 1,15 jan,Jul *", after: "2026-01-15T03:15:00",
            due: ["2026-07-01T03:15", "2026-07-15T03:15"]),
        // Where both days are given, one that fits is enough.
        Due(
            expression: "0 12 13 * fri", after: "2026-11-12T00:00:00",
            due: [
                "2026-11-13T12:00", "2026-11-20T12:00", "2026-11-27T12:00", "2026-12-04T12:00", "2026-12-11T12:00",
                "2026-12-13T12:00",
            ]),
        // A step after a number goes on to the end.
        Due(expression: "50/5 4 * * *", after: "2026-11-27T04:50:00", due: ["2026-11-27T04:55", "2026-11-28T04:50"]),
        Due(expression: "0 22 * * *", zone: "Asia/Kolkata", after: "2026-11-27T00:00:00", due: ["2026-11-27T16:30"]),
    ]

    static let clocksAreSet: [Due] = [
        // Paris, 29 March: 02:00 to 03:00 is skipped.
        Due(
            expression: "30 2 * * *", zone: "Europe/Paris", after: "2026-03-28T12:00:00",
            due: ["2026-03-29T01:00", "2026-03-30T00:30"]),
        Due(
            expression: "*/15 2,3 * * *", zone: "Europe/Paris", after: "2026-03-29T00:00:00",
            due: ["2026-03-29T01:00", "2026-03-29T01:15", "2026-03-29T01:30", "2026-03-29T01:45", "2026-03-30T00:00"]),
        // 25 October: 02:00 to 03:00 comes twice.
        Due(
            expression: "30 2 * * *", zone: "Europe/Paris", after: "2026-10-24T12:00:00",
            due: ["2026-10-25T00:30", "2026-10-26T01:30"]),
        Due(
            expression: "0,30 * * * *", zone: "Europe/Paris", after: "2026-10-24T23:30:00",
            due: ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T02:00"]),
        // New York, 8 March and 1 November.
        Due(
            expression: "15 2 * * *", zone: "America/New_York", after: "2026-03-07T12:00:00",
            due: ["2026-03-08T07:00", "2026-03-09T06:15"]),
        Due(
            expression: "15 1 * * *", zone: "America/New_York", after: "2026-10-31T12:00:00",
            due: ["2026-11-01T05:15", "2026-11-02T06:15"]),
        // Lord Howe sets its clocks by half an hour: 02:00 to 02:30 is skipped on 4 October, 01:30 to 02:00 comes twice on 5 April.
        Due(
            expression: "15 2 * * *", zone: "Australia/Lord_Howe", after: "2026-10-03T12:00:00",
            due: ["2026-10-03T15:30", "2026-10-04T15:15"]),
        Due(
            expression: "45 1 * * *", zone: "Australia/Lord_Howe", after: "2026-04-04T12:00:00",
            due: ["2026-04-04T14:45", "2026-04-05T15:15"]),
        // Santiago sets them at midnight: the day begins at 01:00.
        Due(
            expression: "0 0 6 9 *", zone: "America/Santiago", after: "2026-09-01T00:00:00",
            due: ["2026-09-06T04:00"]),
        // Samoa had no 30 December 2011.
        Due(
            expression: "0 12 * * *", zone: "Pacific/Apia", after: "2011-12-29T12:00:00",
            due: ["2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"]),
    ]

    @Test("are due when the clock on the wall shows it", arguments: ordinary + clocksAreSet)
    func due(_ due: Due) throws {
        let expression = try CronExpression(due.expression)
        var now = try #require(Instant(due.after + ".000Z"))
        for expected in due.due {
            let found = try #require(expression.next(after: now, in: due.zone))
            #expect(found == Instant(expected + ":00.000Z"), "after \(now)")
            now = found
        }
    }

    @Test(
        "a daily one is due once each day of ten years, never twice and never left out",
        arguments: ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "UTC"], [0, 1, 2, 3])
    func daily(zone: String, hour: Int) throws {
        let expression = try CronExpression("20 \(hour) * * *")
        let known = try #require(TimeZone(identifier: zone))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = known
        var now = try #require(Instant("2024-01-01T12:00:00.000Z"))
        var days: [Int] = []
        for _ in 0..<3650 {
            now = try #require(expression.next(after: now, in: zone))
            let date = Date(timeIntervalSince1970: Double(now.milliseconds) / 1000)
            let local = now.milliseconds / 1000 + Int64(known.secondsFromGMT(for: date))
            days.append(Int(local / 86_400))
        }
        #expect(zip(days, days.dropFirst()).allSatisfy { $1 == $0 + 1 })
    }

    @Test(
        "what cannot be understood is refused, with what was expected",
        arguments: [
            ("", "5"), ("* * * *", "4 fields"), ("* * * * * *", "6 fields"), ("60 * * * *", "minute"),
            ("* 24 * * *", "hour"), ("* * 0 * *", "day of the month"), ("* * * 13 *", "month"), ("* * * * 8", "week"),
            ("5-1 * * * *", "minute"), ("*/0 * * * *", "minute"), ("1,,2 * * * *", "minute"), ("-1 * * * *", "minute"),
            ("+1 * * * *", "minute"), ("1- * * * *", "minute"), ("1/2/3 * * * *", "minute"), ("x * * * *", "minute"),
            ("* * * jan-foo *", "month"), ("* * 31 feb,apr *", "never"), ("* * 30 2 *", "never"),
            ("@daily", "1 fields"),
            ("٣ * * * *", "minute"), ("999999999999999999999 * * * *", "minute"),
        ])
    func refused(text: String, word: String) {
        let error = #expect(throws: CronMistake.self) { try CronExpression(text) }
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    }

    @Test("is written as it was read, with single spaces")
    func written() throws {
        let expression = try CronExpression("  30\t22 * *  mon-fri ")
        #expect(expression.description == "30 22 * * mon-fri")
        #expect(try JSONDecoder().decode(CronExpression.self, from: JSONEncoder().encode(expression)) == expression)
    }
}

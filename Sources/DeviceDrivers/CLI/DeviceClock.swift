import Foundation
import RolloutEngine

/// What a device's own clock shows, whatever its time zone: its scheduler goes by nothing else. Pure.
struct DeviceClock: Hashable, Sendable {
    /// Seconds since 1970 began, as the device counts its days.
    var seconds: Int64

    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    init(seconds: Int64) { self.seconds = seconds }

    /// Finds a time in lines: groups `year`, `month` (a number or a name), `day`, `hour`, `minute`, `second`, of whichever
    /// expression and line has them first. Seconds may be missing. Nil when there is no such time.
    init?(_ expressions: [LineExpression], in lines: some Sequence<String>) {
        var parts: [String: String] = [:]
        for line in lines {
            for expression in expressions {
                guard let match = expression.firstMatch(in: line) else { continue }
                for name in expression.groupNames where parts[name] == nil { parts[name] = match[name] }
            }
        }
        func number(_ name: String) -> Int? { parts[name].flatMap { Int($0) } }
        let month = parts["month"].flatMap { text in
            Int(text) ?? Self.months.firstIndex(of: text.prefix(3).lowercased()).map { $0 + 1 }
        }
        let components = DateComponents(
            calendar: Self.calendar, timeZone: .gmt, year: number("year"), month: month, day: number("day"),
            hour: number("hour"), minute: number("minute"), second: number("second") ?? 0)
        guard components.year != nil, month != nil, components.day != nil, components.hour != nil,
            components.minute != nil, components.isValidDate, let date = components.date
        else { return nil }
        seconds = Int64(date.timeIntervalSince1970)
    }

    /// A device that starts without a clock counts from 1970, or from the year it was made in. None of those this driver meets
    /// is younger than this.
    var isSet: Bool { seconds >= 1_577_836_800 }

    /// That much later, and on to the next whole step.
    func advanced(by span: Timespan, upTo step: Timespan) -> DeviceClock {
        let unit = max(1, step.milliseconds / 1000)
        return DeviceClock(seconds: (seconds + span.milliseconds / 1000 + unit - 1) / unit * unit)
    }

    /// The time until a later one; negative when that has passed.
    func span(until other: DeviceClock) -> Timespan { .milliseconds((other.seconds - seconds) * 1000) }

    /// What stands for the placeholders of a time that is due.
    var values: [String: String] {
        let parts = Self.calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(seconds)))
        func two(_ number: Int?) -> String { String(format: "%02d", number ?? 0) }
        return [
            "due_year": String(format: "%04d", parts.year ?? 0), "due_month": two(parts.month),
            "due_day": two(parts.day), "due_hour": two(parts.hour), "due_minute": two(parts.minute),
            "due_second": two(parts.second),
        ]
    }

    /// `2026-11-26 20:35:00`.
    var text: String {
        let parts = values
        func part(_ name: String) -> String { parts["due_\(name)"] ?? "" }
        return "\(part("year"))-\(part("month"))-\(part("day")) \(part("hour")):\(part("minute")):\(part("second"))"
    }
}

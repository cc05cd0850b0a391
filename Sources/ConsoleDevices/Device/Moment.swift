/// A point in time on a console device, in milliseconds since 1970-01-01 00:00 UTC.
///
/// Whoever plays a device says what time it is; nothing in this module asks a clock.
public struct Moment: Comparable, Hashable, Codable, Sendable {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    public var milliseconds: Int

    /// That many milliseconds after 1970-01-01 00:00 UTC.
    public init(milliseconds: Int) { self.milliseconds = milliseconds }

    /// A moment is written down as its number.
    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int.self)
    }

    /// A moment is written down as its number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    /// The moment that many seconds later.
    public func after(seconds: Int) -> Moment { Moment(milliseconds: milliseconds + seconds * 1000) }

    /// Whole seconds from this moment until `later`, begun ones counted; 0 when it has passed.
    public func seconds(until later: Moment) -> Int { max(0, (later.milliseconds - milliseconds + 999) / 1000) }

    /// Which of the two comes first.
    public static func < (a: Moment, b: Moment) -> Bool { a.milliseconds < b.milliseconds }
}

extension Moment {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    /// Year, month and day, by the civil calendar (days from 1970 to a date, solved for the date).
    private var date: (year: Int, month: Int, day: Int) {
        let days = milliseconds / 86_400_000 + 719_468
        let era = days / 146_097
        let ofEra = days % 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * ofYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * shifted + 2) / 5 + 1)
    }

    /// The number of the month of that name.
    static func month(named name: Substring) -> Int? { months.firstIndex { $0 == name }.map { $0 + 1 } }

    /// That time of a day of the calendar; nil when there is none.
    init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int = 0) {
        guard (1...12).contains(month), (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second)
        else { return nil }
        let years = month <= 2 ? year - 1 : year
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = years * 365 + years / 4 - years / 100 + years / 400 + ofYear - 719_468
        self.init(milliseconds: ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000)
        guard date.day == day, date.month == month else { return nil }
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// `17:05:09`.
    var clock: String {
        let seconds = milliseconds / 1000
        return "\(Self.two(seconds / 3600 % 24)):\(Self.two(seconds / 60 % 60)):\(Self.two(seconds % 60))"
    }

    /// `2026-11-26`.
    var isoDate: String { "\(date.year)-\(Self.two(date.month))-\(Self.two(date.day))" }

    /// `Nov 26`.
    var monthDay: String { "\(Self.months[date.month - 1]) \(Self.two(date.day))" }

    /// `Thu Nov 26`.
    var weekdayDate: String { "\(Self.weekdays[milliseconds / 86_400_000 % 7]) \(monthDay)" }

    /// `2026`.
    var year: String { "\(date.year)" }
}

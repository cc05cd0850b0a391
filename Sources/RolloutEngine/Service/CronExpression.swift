/// Five fields that say at which minutes of local time something is due: minute, hour, day of the month, month, day of the week.
///
/// Written as in crontab(5): `*`, numbers, ranges, lists, steps, and names of months and days. Where both days are given, one
/// that fits is enough.
public struct CronExpression: Hashable, Sendable, Codable, CustomStringConvertible {
    /// As it was written, with single spaces.
    public let description: String
    let minutes: [Int]
    let hours: [Int]
    private let daysOfMonth: Set<Int>
    private let months: Set<Int>
    /// 0 for Sunday to 6.
    private let daysOfWeek: Set<Int>
    private let isAnyDayOfMonth: Bool
    private let isAnyDayOfWeek: Bool

    /// Reads five fields.
    ///
    /// - Throws: `CronMistake` with the field that cannot be understood, or when no day ever fits.
    public init(_ text: String) throws(CronMistake) {
        let words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard words.count == 5 else {
            throw CronMistake(
                "'\(text)' has \(words.count) fields, expected 5: minute hour day-of-month month day-of-week, such as '30 22 * * mon-fri'"
            )
        }
        description = words.joined(separator: " ")
        minutes = try CronField.minute.read(words[0]).sorted()
        hours = try CronField.hour.read(words[1]).sorted()
        daysOfMonth = try CronField.dayOfMonth.read(words[2])
        months = try CronField.month.read(words[3])
        // Sunday is 0 and 7.
        daysOfWeek = Set(try CronField.dayOfWeek.read(words[4]).map { $0 % 7 })
        isAnyDayOfMonth = words[2].hasPrefix("*")
        isAnyDayOfWeek = words[4].hasPrefix("*")
        if isAnyDayOfWeek, !months.contains(where: { (daysOfMonth.min() ?? 1) <= Self.longest[$0] }) {
            throw CronMistake("'\(description)' is never due: none of these months has such a day")
        }
    }

    /// Whether it is due at some minute of a date.
    func isDue(on date: CivilDate) -> Bool {
        guard months.contains(Int(date.month)) else { return false }
        let fitsMonth = daysOfMonth.contains(Int(date.day))
        // The first day of 1970 was a Thursday.
        let fitsWeek = daysOfWeek.contains(Int(((date.daysSinceEpoch + 4) % 7 + 7) % 7))
        if isAnyDayOfMonth || isAnyDayOfWeek { return fitsMonth && fitsWeek }
        return fitsMonth || fitsWeek
    }

    /// The most days that each month has, from 1.
    private static let longest = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    /// Reads the writing of `description`.
    public init(from decoder: any Decoder) throws {
        self = try CronExpression(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes `description`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// What is wrong with a cron expression, and what was expected.
public struct CronMistake: Error, Hashable, Sendable, CustomStringConvertible {
    /// In words.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// One of the five fields.
private struct CronField {
    let name: String
    let bounds: ClosedRange<Int>
    /// Names for the numbers from `firstName` on.
    var names: [String] = []
    var firstName = 0

    static let minute = CronField(name: "minute", bounds: 0...59)
    static let hour = CronField(name: "hour", bounds: 0...23)
    static let dayOfMonth = CronField(name: "day of the month", bounds: 1...31)
    static let month = CronField(
        name: "month", bounds: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], firstName: 1)
    static let dayOfWeek = CronField(
        name: "day of the week", bounds: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

    func read(_ text: String) throws(CronMistake) -> Set<Int> {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let found = numbers(in: part) else {
                let known = names.isEmpty ? "" : " or \(names.joined(separator: ", "))"
                throw CronMistake(
                    "the \(name) is '\(text)', expected * or numbers from \(bounds.lowerBound) to \(bounds.upperBound)\(known), as in 1,5 or 1-5 or */2"
                )
            }
            values.formUnion(found)
        }
        return values
    }

    private func numbers(in part: Substring) -> [Int]? {
        let halves = part.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count <= 2, let first = halves.first else { return nil }
        var step = 1
        if halves.count == 2 {
            guard let number = number(halves[1]), number > 0 else { return nil }
            step = number
        }
        if first == "*" { return Array(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step)) }
        let ends = first.split(separator: "-", omittingEmptySubsequences: false).map(value)
        guard ends.count <= 2, let low = ends[0], let high = ends.count == 2 ? ends[1] : low, low <= high else {
            return nil
        }
        // A step after a single number goes on to the end, as in crontab(5).
        return Array(
            stride(from: low, through: halves.count == 2 && ends.count == 1 ? bounds.upperBound : high, by: step))
    }

    private func value(_ text: Substring) -> Int? {
        if let index = names.firstIndex(of: text.lowercased()) { return index + firstName }
        return number(text).flatMap { bounds.contains($0) ? $0 : nil }
    }

    private func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.count <= 2, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}

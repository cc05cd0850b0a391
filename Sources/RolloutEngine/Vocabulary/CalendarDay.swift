/// A day of the calendar, wherever it is, written as `2026-12-24`.
public struct CalendarDay: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01.
    public let daysSinceEpoch: Int64

    /// Wraps days since 1970-01-01.
    public init(daysSinceEpoch: Int64) { self.daysSinceEpoch = daysSinceEpoch }

    /// Reads what `description` writes; nil for anything else, also for a day that is in no calendar.
    public init?(_ text: String) {
        guard let midnight = Instant(text + "T00:00:00.000Z") else { return nil }
        daysSinceEpoch = midnight.milliseconds / 86_400_000
        // The 30th of February would be written as the second of March.
        guard description == text else { return nil }
    }

    /// The earlier day first.
    public static func < (left: Self, right: Self) -> Bool { left.daysSinceEpoch < right.daysSinceEpoch }

    /// `2026-12-24`.
    public var description: String {
        String(Instant(milliseconds: daysSinceEpoch * 86_400_000).description.prefix(10))
    }

    /// Reads `2026-12-24`.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let day = CalendarDay(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not a day such as 2026-12-24"))
        }
        self = day
    }

    /// Writes `2026-12-24`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

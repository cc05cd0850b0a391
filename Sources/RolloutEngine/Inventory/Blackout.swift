/// Whole days of local time on which nothing may be done, whatever window is open.
public struct Blackout: Hashable, Codable, Sendable {
    /// The first day.
    public var first: CalendarDay
    /// The last day, itself included.
    public var last: CalendarDay
    /// Why, if said.
    public var because: String?

    /// Days on which nothing may be done.
    public init(first: CalendarDay, last: CalendarDay, because: String? = nil) {
        self.first = first
        self.last = last
        self.because = because
    }
}

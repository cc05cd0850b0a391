/// When each of many agents is read: all of them once a poll, spread over it in strokes.
///
/// Ten thousand requests in one moment would be answered in one moment, and lost. One agent at a time would wake somebody ten
/// thousand times. A stroke is as many agents as are cheaply asked together; a small fleet is one stroke. Pure.
public struct PollPacing: Hashable, Sendable {
    /// The agents of each stroke, by their place in the list.
    public let strokes: [Range<Int>]
    /// The time from one stroke to the next.
    public let gap: Timespan

    /// As many as a switch on the way surely has room for.
    private static let agentsPerStroke = 50
    /// Shorter than anybody minds to be late by.
    private static let shortestGap = Timespan.milliseconds(50)

    /// - Parameters:
    ///   - count: How many agents there are.
    ///   - poll: The time from one reading of an agent to the next.
    public init(count: Int, every poll: Timespan) {
        let most = max(1, Int(clamping: poll.milliseconds / Self.shortestGap.milliseconds))
        let number = min(most, max(1, (count + Self.agentsPerStroke - 1) / Self.agentsPerStroke))
        strokes = (0..<number).map { count * $0 / number..<count * ($0 + 1) / number }
        gap = .milliseconds(max(1, poll.milliseconds / Int64(number)))
    }
}

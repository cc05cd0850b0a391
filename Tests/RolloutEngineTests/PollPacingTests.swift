import Testing

@testable import RolloutEngine

@Suite("Pacing of polls")
struct PollPacingTests {
    @Test(
        "every agent is read once a poll, in order, and no stroke is much larger than another",
        arguments: [0, 1, 49, 50, 51, 999, 10_000, 50_000], [Timespan.seconds(1), .seconds(10), .minutes(5)])
    func everyAgent(_ count: Int, _ poll: Timespan) {
        let pacing = PollPacing(count: count, every: poll)
        #expect(pacing.strokes.flatMap { Array($0) } == Array(0..<count))
        let sizes = pacing.strokes.map(\.count)
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        let round = pacing.gap.milliseconds * Int64(pacing.strokes.count)
        #expect(round <= poll.milliseconds && round > poll.milliseconds - Int64(pacing.strokes.count))
        #expect(pacing.gap >= .milliseconds(50))
    }

    @Test("a small fleet is read at once, a large one in strokes of fifty")
    func sizes() {
        #expect(PollPacing(count: 40, every: .seconds(10)).strokes == [0..<40])
        #expect(PollPacing(count: 10_000, every: .seconds(10)).strokes.count == 200)
        #expect(PollPacing(count: 10_000, every: .seconds(10)).gap == .milliseconds(50))
    }
}

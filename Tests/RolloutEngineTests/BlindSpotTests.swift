import Testing

@testable import RolloutEngine

@Suite("Blind spots")
struct BlindSpotTests {
    private let watch = WatchRule(poll: .seconds(15), baseline: .seconds(60))
    private let agent = WatchedAgent(
        subject: .device("d1"), address: "198.51.100.1", interfaces: ["eth0"], snmp: Samples.device("d1").snmp)

    /// What is not seen of a device that was read at these seconds; those below zero brought nothing.
    private func blindSpot(readAt seconds: [Int64], now: Int64) -> BlindSpot? {
        var samples = SampleWindow(keeping: .minutes(10), allowing: .seconds(50))
        samples.append(
            seconds.map { second in
                CounterSample(
                    subject: agent.subject, at: Samples.start + .seconds(abs(second)),
                    uptime: UInt32(abs(second) * 100),
                    interfaces: [InterfaceReading(name: "eth0", inOctets: .bits64(1))],
                    unknown: second < 0 ? UnknownReason(.timeout, "no answer") : nil)
            })
        return samples.blindSpots(of: [agent], at: Samples.start + .seconds(now), watch)[agent.subject]
    }

    @Test("a device that is read in turn is seen")
    func isSeen() { #expect(blindSpot(readAt: [100, 115, 130, 145], now: 145) == nil) }

    @Test("a device of which a third of the polls brought nothing is seen, of which more did not")
    func needsTwoThirds() {
        #expect(blindSpot(readAt: [100, -115, 130, 145], now: 146) == nil)
        #expect(
            blindSpot(readAt: [100, -115, 130, -145], now: 146)
                == .scarce("heard in 2 of 4 polls, two thirds of them are needed"))
    }

    @Test("two silent polls are silence, since the first of them")
    func isSilent() {
        #expect(
            blindSpot(readAt: [100, 115, -130, -145], now: 145)
                == .silent(UnknownReason(.timeout, "no answer"), since: Samples.start + .seconds(130)))
    }

    @Test("readings that lie close together make no baseline, however many they are")
    func needsSpan() {
        #expect(blindSpot(readAt: [125, 130, 145], now: 146) == .scarce("heard over 20 s, 22.5 s are needed"))
        #expect(blindSpot(readAt: [115, 130, 145], now: 146) == nil)
    }

    @Test("what was enough is too little when time went by and nothing was read")
    func goesStale() {
        #expect(blindSpot(readAt: [85, 130, 145], now: 145) == nil)
        #expect(
            blindSpot(readAt: [85, 130, 145], now: 150)
                == .scarce("heard in 2 of 4 polls, two thirds of them are needed"))
    }
}

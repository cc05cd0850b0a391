import Testing

@testable import RolloutEngine

@Suite("Series of rates that are kept from one look to the next")
struct KnownSeriesTests {
    private let samples = AgentModel().samples(every: 5, to: 300)

    @Test("whatever was asked before, the answer is what these samples alone say")
    func sameAsAnew() {
        let known = KnownSeries()
        let ends = [1, 2, 2, 20, 20, 21, 40, 61, 40]
        for start in [0, 0, 1, 5, 0] {
            for end in ends where end > start {
                let part = Array(samples[start..<end])
                #expect(known.series(of: "eth0", on: "gra-1", in: part) == RateSeries(of: "eth0", in: part))
            }
        }
        #expect(known.series(of: "eth0", on: "gra-1", in: []) == RateSeries(of: "eth0", in: []))
    }

    @Test("interfaces and devices are told apart")
    func toldApart() {
        let known = KnownSeries()
        var others = AgentModel()
        others.restarts = [100]
        let theirs = others.samples(every: 5, to: 300)
        let own = known.series(of: "eth0", on: "gra-1", in: samples)
        #expect(known.series(of: "eth1", on: "gra-1", in: samples) == RateSeries(of: "eth1", in: samples))
        #expect(known.series(of: "eth0", on: "gra-2", in: theirs) == RateSeries(of: "eth0", in: theirs))
        #expect(known.series(of: "eth0", on: "gra-1", in: samples) == own)
    }

    @Test("what was not read anew is not worked out anew")
    func kept() {
        let known = KnownSeries()
        let first = known.series(of: "eth0", on: "gra-1", in: samples)
        // Nobody alters what was read; so nobody looks.
        var altered = samples
        altered[7].interfaces = []
        #expect(known.series(of: "eth0", on: "gra-1", in: altered) == first)
    }
}

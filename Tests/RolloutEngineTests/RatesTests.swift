import Testing

@testable import RolloutEngine

@Suite("Rates from counters with a known truth")
struct RatesTests {
    private static let truth = 80_000_000.0

    private func rate(_ samples: [CounterSample], _ from: Double, _ to: Double) -> Double? {
        RateSeries(of: "eth0", in: samples).average(in: AgentModel.window(from, to))?.bitsOut
    }

    private func reasons(_ samples: [CounterSample]) -> [UnknownReason.Code] {
        RateSeries(of: "eth0", in: samples).gaps.map(\.reason.code)
    }

    private func isTrue(_ rate: Double?, within share: Double = 0.01) -> Bool {
        guard let rate else { return false }
        return abs(rate - Self.truth) <= Self.truth * share
    }

    @Test("steady traffic is read as what it is, in both directions")
    func steady() {
        let samples = AgentModel().samples(every: 10, to: 60)
        let average = RateSeries(of: "eth0", in: samples).average(in: AgentModel.window(0, 60))
        #expect(average?.bitsOut == 80_000_000)
        #expect(average?.bitsIn == 8_000_000)
        #expect(average?.errors == 0)
        #expect(average?.discards == 0)
        #expect(average?.ipDiscards == nil)
    }

    @Test(
        "behind a cache of 3 s the rate is within 10 % of the truth at a 30 s window, whatever the phase of polls and cache"
    )
    func cached() {
        for poll in [1.0, 2, 5] {
            for step in 0..<40 {
                var agent = AgentModel()
                agent.cache = 3
                agent.cachePhase = Double(step % 8) * 0.41
                let samples = agent.samples(every: poll, to: 200, phase: Double(step) * poll / 40)
                for start in stride(from: 20.0, to: 160, by: 7.3) {
                    let rate = rate(samples, start, start + 30)
                    #expect(isTrue(rate, within: 0.1), "poll \(poll), step \(step), start \(start): \(rate ?? -1)")
                }
            }
        }
    }

    @Test("no single interval behind a cache shows a zero or a doubled rate that was none")
    func cachedIntervals() {
        for poll in [1.0, 2] {
            var agent = AgentModel()
            agent.cache = 3
            agent.cachePhase = 0.7
            let points = RateSeries(of: "eth0", in: agent.samples(every: poll, to: 120)).points(
                in: AgentModel.window(0, 120))
            #expect(points.count > 20)
            for point in points {
                // A refresh is seen up to one poll late, so that one interval may be a poll longer or shorter.
                #expect(isTrue(point.rates.bitsOut, within: 0.51), "\(point)")
                #expect((point.rates.bitsOut ?? 0) > 0)
            }
        }
    }

    @Test("counters that never move for longer than a cache lasts are a true zero; for less they are unknown")
    func standstill() {
        var agent = AgentModel()
        agent.rate = { $0 < 100 ? 80_000_000 : 0 }
        agent.cache = 3
        for poll in [1.0, 2, 5] {
            let samples = agent.samples(every: poll, to: 140)
            #expect(rate(samples, 108, 138) == 0, "poll \(poll)")
        }
        let short = agent.samples(every: 1, to: 107)
        #expect(rate(short, 102, 107) == nil)
        #expect(RateSeries(of: "eth0", in: short).reasonForNone(in: AgentModel.window(102, 107)).code == .cached)
        var idle = AgentModel()
        idle.rate = { _ in 0 }
        #expect(rate(idle.samples(every: 10, to: 60), 0, 60) == 0)
        #expect(rate(idle.samples(every: 10, to: 10), 0, 10) == nil)
    }

    @Test("a cache of 30 s is not taken for silence once its habit is known")
    func longCache() {
        var agent = AgentModel()
        agent.cache = 30
        let series = RateSeries(of: "eth0", in: agent.samples(every: 5, to: 600))
        for start in stride(from: 60.0, to: 500, by: 11) {
            let average = series.average(in: AgentModel.window(start, start + 28))
            #expect(average == nil || isTrue(average?.bitsOut), "start \(start): \(String(describing: average))")
            #expect(isTrue(series.average(in: AgentModel.window(start, start + 90))?.bitsOut, within: 0.1))
        }
    }

    @Test("a window in which traffic stops is half full, not full")
    func stopsHalfway() {
        var agent = AgentModel()
        agent.rate = { $0 < 115 ? 80_000_000 : 0 }
        agent.cache = 3
        let rate = rate(agent.samples(every: 1, to: 160), 100, 130)
        #expect(rate.map { abs($0 - Self.truth / 2) < Self.truth * 0.1 } ?? false, "\(rate ?? -1)")
    }

    @Test("a wrap of 32 bits is one wrap when the line allows no other reading")
    func wrap32() {
        var agent = AgentModel()
        agent.is32Bit = true
        agent.highSpeed = 100
        agent.startOctets = 4_294_967_296 - 200_000_000
        let samples = agent.samples(every: 10, to: 120)
        #expect(isTrue(rate(samples, 0, 120)))
        #expect(reasons(samples).isEmpty)
    }

    @Test("32 bits at a speed at which they can go round twice are unknown, never a number")
    func wrapTwice() {
        var agent = AgentModel()
        agent.is32Bit = true
        agent.highSpeed = 10_000
        let samples = agent.samples(every: 10, to: 120)
        #expect(rate(samples, 0, 120) == nil)
        #expect(Set(reasons(samples)) == [.tooFewSamples])
    }

    @Test("32 bits that fall by a reset are no wrap: unknown, and right again two polls later")
    func reset32() {
        var agent = AgentModel()
        agent.is32Bit = true
        agent.highSpeed = 100
        agent.counterResets = [55]
        agent.isResetAnnounced = false
        agent.startOctets = 1_000_000_000
        let samples = agent.samples(every: 10, to: 120)
        #expect(reasons(samples) == [.reset])
        #expect(isTrue(rate(samples, 0, 120)))
        #expect(isTrue(rate(samples, 60, 80)))
    }

    @Test("64 bits that go back are a reset, and the rate goes on from there", arguments: [true, false])
    func reset64(announced: Bool) {
        var agent = AgentModel()
        agent.counterResets = [55, 93]
        agent.isResetAnnounced = announced
        agent.startOctets = 9_007_199_254_740_993
        let samples = agent.samples(every: 10, to: 150)
        #expect(reasons(samples) == (announced ? [.discontinuity, .discontinuity] : [.reset, .reset]))
        #expect(isTrue(rate(samples, 0, 150)))
    }

    @Test("64 bits near their end keep every octet: nothing goes through a floating point number first")
    func precise() {
        var agent = AgentModel()
        agent.startOctets = 18_446_744_073_000_000_000
        agent.rate = { _ in 8000 }
        let samples = agent.samples(every: 10, to: 60)
        #expect(rate(samples, 0, 60) == 8000)
    }

    @Test("a leap that no interface can make is a reset")
    func leap() {
        var samples = AgentModel().samples(every: 10, to: 60)
        for index in samples.indices where index >= 3 {
            let value = samples[index].interfaces[0].outOctets?.value ?? 0
            samples[index].interfaces[0].outOctets = .bits64(value + (1 << 63))
        }
        #expect(reasons(samples) == [.reset])
        #expect(isTrue(rate(samples, 0, 60)))
    }

    @Test("sysUpTime wraps after 497 days without a gap, with and without an engine clock", arguments: [true, false])
    func uptimeWrap(hasEngine: Bool) {
        var agent = AgentModel()
        agent.startUptime = (1 << 32) - 3333
        agent.hasEngine = hasEngine
        let samples = agent.samples(every: 10, to: 90)
        #expect(reasons(samples).isEmpty)
        #expect(isTrue(rate(samples, 0, 90)))
        #expect(zip(samples, samples.dropFirst()).allSatisfy { !AgentClock.restarted(from: $0, to: $1) })
    }

    @Test("a restart is a restart, never a wrap, with and without an engine clock", arguments: [true, false])
    func restart(hasEngine: Bool) {
        for uptime: UInt64 in [3000, 40_000_000, (1 << 32) - 90_000] {
            var agent = AgentModel()
            agent.startUptime = uptime
            agent.hasEngine = hasEngine
            agent.restarts = [42]
            let samples = agent.samples(every: 10, to: 120)
            #expect(reasons(samples) == [.restart], "uptime \(uptime)")
            #expect(isTrue(rate(samples, 50, 120)))
            #expect(zip(samples, samples.dropFirst()).contains { AgentClock.restarted(from: $0, to: $1) })
        }
    }

    @Test("a restart in a long silence shows even when the uptime is higher than it was", arguments: [true, false])
    func restartInSilence(hasEngine: Bool) {
        var agent = AgentModel()
        agent.hasEngine = hasEngine
        agent.startUptime = 1000
        agent.restarts = [60]
        let samples = agent.samples(every: 10, to: 300).filter {
            $0.at < AgentModel.instant(30) || $0.at > AgentModel.instant(250)
        }
        #expect(reasons(samples) == [.restart])
    }

    @Test("another index for the same name is another interface: unknown, then counted anew")
    func renumbered() {
        var agent = AgentModel()
        agent.renumbered = 45
        let samples = agent.samples(every: 10, to: 120)
        #expect(reasons(samples) == [.renumbered])
        #expect(isTrue(rate(samples, 50, 120)))
    }

    @Test("clocks that disagree by more than 10 % and a second make no rate; a little skew does no harm")
    func clocks() {
        var agent = AgentModel()
        agent.skew = 0.05
        #expect(isTrue(rate(agent.samples(every: 10, to: 60), 0, 60), within: 0.051))
        agent.skew = 0.5
        let wrong = agent.samples(every: 10, to: 60)
        #expect(rate(wrong, 0, 60) == nil)
        #expect(Set(reasons(wrong)) == [.clock])
        // Our own clock steps forward by an hour once.
        var stepped = AgentModel().samples(every: 10, to: 100)
        for index in stepped.indices where index >= 5 { stepped[index].at = stepped[index].at + .minutes(60) }
        #expect(reasons(stepped) == [.clock])
        // And back.
        var back = AgentModel().samples(every: 10, to: 100)
        for index in back.indices where index >= 5 { back[index].at = back[index].at - .minutes(60) }
        #expect(reasons(back) == [.clock])
    }

    @Test("answers that are lost or come twice change no rate")
    func lostAndDoubled() {
        for seed: UInt64 in 1...40 {
            var agent = AgentModel()
            agent.lossPercent = 30
            agent.duplicatePercent = 30
            let samples = agent.samples(every: 10, to: 300, seed: seed)
            #expect(isTrue(rate(samples, 0, 300)), "seed \(seed)")
            #expect(!reasons(samples).contains { $0 != .timeout })
        }
    }

    @Test("an agent that repeats its whole answer, clock and all, says nothing")
    func frozen() throws {
        var samples = AgentModel().samples(every: 10, to: 100)
        let frozen = try #require(samples.first)
        for index in samples.indices {
            let at = samples[index].at
            samples[index] = frozen
            samples[index].at = at
        }
        #expect(rate(samples, 0, 100) == nil)
    }

    @Test("a counter that is missing now and then is not zero, and a missing half is not a low sum")
    func missingCounters() {
        var agent = AgentModel()
        agent.errors = { _ in 10 }
        var samples = agent.samples(every: 10, to: 100)
        for index in samples.indices where index % 3 == 1 { samples[index].interfaces[0].inErrors = nil }
        let series = RateSeries(of: "eth0", in: samples)
        #expect(series.average(in: AgentModel.window(0, 100))?.errors == 10)
        for index in samples.indices where index > 5 { samples[index].interfaces[0].inErrors = nil }
        let later = RateSeries(of: "eth0", in: samples).average(in: AgentModel.window(60, 100))
        #expect(later?.errors == nil)
        #expect(isTrue(later?.bitsOut))
    }

    @Test("32 bits that were missing in one answer went on for longer than an interval: their wrap is not believed")
    func missingAtWrap() {
        var agent = AgentModel()
        agent.is32Bit = true
        agent.highSpeed = 1000
        // Goes round after 35 s, while it is missing at 40 s.
        agent.startOctets = (1 << 32) - 350_000_000
        var samples = agent.samples(every: 10, to: 120)
        #expect(reasons(samples).isEmpty)
        samples[4].interfaces[0].outOctets = nil
        #expect(reasons(samples) == [.reset])
        #expect(isTrue(rate(samples, 0, 120)))
    }

    @Test("whatever happens to an agent, its rate is the truth or unknown")
    func neverFabricated() {
        var known = 0
        for seed: UInt64 in 1...400 {
            var random = SeededRandom(seed: seed)
            var agent = AgentModel()
            agent.is32Bit = random.chance(30)
            agent.highSpeed = random.chance(50) ? 100 : 1000
            agent.hasEngine = random.chance(50)
            agent.cache = random.chance(60) ? 3 : 0
            agent.cachePhase = Double(Int.random(in: 0..<30, using: &random)) / 10
            agent.startOctets = random.chance(50) ? (1 << 32) - 500_000_000 : random.next() >> 1
            agent.startUptime = random.chance(30) ? (1 << 32) - 10_000 : 5_000_000
            if random.chance(30) { agent.restarts = [Double(Int.random(in: 10..<290, using: &random))] }
            if random.chance(30) { agent.counterResets = [Double(Int.random(in: 10..<290, using: &random))] }
            // 32 bits that fall silently just before they would wrap anyway cannot be told from a wrap by anybody.
            agent.isResetAnnounced = agent.is32Bit || random.chance(50)
            if random.chance(20) { agent.renumbered = 133 }
            agent.lossPercent = Int.random(in: 0..<40, using: &random)
            agent.duplicatePercent = 20
            let poll = [1.0, 2, 5, 10][Int.random(in: 0..<4, using: &random)]
            let samples = agent.samples(every: poll, to: 300, phase: 0.3, seed: seed)
            for start in stride(from: 5.0, to: 200, by: 17) {
                guard
                    let average = RateSeries(of: "eth0", in: samples).average(in: AgentModel.window(start, start + 90)),
                    average.seconds >= 30
                else { continue }
                known += 1
                // A restart or reset behind a cache may hide up to one cache period.
                #expect(isTrue(average.bitsOut, within: 0.12), "seed \(seed), start \(start): \(average)")
            }
        }
        #expect(known > 2000)
    }
}

@Suite("Rates: what one counter's step means")
struct CounterDeltaTests {
    @Test(
        "tables of steps",
        arguments: [
            (Counter.bits64(5), Counter.bits64(9), CounterDelta.Growth.by(4)),
            (.bits64(9), .bits64(5), .reset),
            (.bits64(.max), .bits64(0), .reset),
            (.bits32(5), .bits32(9), .by(4)),
            (.bits32(.max), .bits32(99), .by(100)),
            // 100 Mbit/s carry at most 1.375e8 octets in 10 s, a tenth more included.
            (.bits32(4_200_000_000), .bits32(10), .by(94_967_306)),
            (.bits32(4_100_000_000), .bits32(10), .reset),
            (.bits32(9), .bits64(9), .reset),
        ])
    func steps(before: Counter, after: Counter, growth: CounterDelta.Growth) {
        #expect(
            CounterDelta.growth(from: before, to: after, seconds: 10, highSpeed: 100, isOctets: true) == growth)
    }

    @Test("32 bits whose speed nobody knows count as far as they grow", arguments: [nil, 0] as [UInt32?])
    func noSpeed(speed: UInt32?) {
        func growth(_ before: UInt32, _ after: UInt32) -> CounterDelta.Growth {
            CounterDelta.growth(
                from: .bits32(before), to: .bits32(after), seconds: 10, highSpeed: speed, isOctets: true)
        }
        #expect(growth(5, 9) == .by(4))
        #expect(growth(5, 4_000_000_000) == .by(3_999_999_995))
        #expect(growth(.max, 3) == .reset)
    }

    @Test("packets have no wrap to believe in, and no wrap is believed without a speed")
    func unbounded() {
        let (before, after) = (Counter.bits32(.max), Counter.bits32(3))
        #expect(CounterDelta.growth(from: before, to: after, seconds: 10, highSpeed: 100, isOctets: false) == .reset)
        #expect(CounterDelta.growth(from: before, to: after, seconds: 10, highSpeed: nil, isOctets: true) == .reset)
        #expect(
            CounterDelta.growth(from: before, to: after, seconds: 400, highSpeed: 100, isOctets: true) == .ambiguous)
    }
}

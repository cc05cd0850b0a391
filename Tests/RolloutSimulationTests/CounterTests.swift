import Foundation
import RolloutEngine
import RolloutSimulation
import Testing

@Suite("Counters of a simulated fleet", .timeLimit(.minutes(10)))
struct CounterTests {
    let at: FleetFixture

    init() throws { at = try FleetFixture() }

    @Test("traffic is what is offered, up to what the configuration allows, and follows a push at once")
    func followsTheCap() async throws {
        #expect(await at.rate(at.sample) == 20_000_000)
        _ = try await at.driver.push(try await at.order(megabits: 30))
        #expect(await at.rate(at.sample) == 30_000_000)
        try at.fleet.setDemand(BitsPerSecond(12_000_000), of: "gra-eco-01")
        #expect(await at.rate(at.sample) == 12_000_000)
    }

    @Test("a revert in the middle of a span is counted to the millisecond, whoever asks, and however often")
    func revertInBetween() async throws {
        var order = try await at.order(megabits: 30)
        order.revertAfter = .seconds(4)
        _ = try await at.driver.push(order)
        let once = await at.rate(at.sample)
        #expect(once == (4 * 30_000_000 + 6 * 20_000_000) / 10)

        let other = try FleetFixture()
        _ = try await other.driver.push(order)
        let before = await other.sample()
        for step in 0..<10 {
            other.clock.advance(by: .seconds(1))
            // Each change of anything settles the file anew.
            try other.fleet.edit("gra-eco-01", section: "file /x", lines: ["\(step)"])
        }
        let after = await other.sample()
        let octets = (after.interfaces[0].outOctets?.value ?? 0) - (before.interfaces[0].outOctets?.value ?? 0)
        #expect(octets * 8 / 10 == once)
    }

    @Test("a link carries the sum of its devices, up to its capacity, beside its background")
    func links() async throws {
        #expect(await at.rate(at.sampleLink) == 40_000_000)
        try at.fleet.change(link: "gra-core-1") { $0.background = BitsPerSecond(50_000_000) }
        #expect(await at.rate(at.sampleLink) == 90_000_000)
        _ = try await at.driver.push(try await at.order(megabits: 35))
        let before = await at.sampleLink()
        #expect(await at.rate(at.sampleLink) == 100_000_000)
        let after = await at.sampleLink()
        let dropped = (after.interfaces[0].outDiscards?.value ?? 0) - (before.interfaces[0].outDiscards?.value ?? 0)
        #expect(dropped == 5_000_000 * 10 / 10_000)
        #expect(after.interfaces[0].highSpeed == 100)
    }

    @Test("little more demand than the cap loses nothing; far more does")
    func discards() async throws {
        try at.fleet.setDemand(BitsPerSecond(39_000_000), of: "gra-eco-01")
        at.clock.advance(by: .seconds(10))
        #expect(await at.sample().interfaces[0].outDiscards == .bits32(0))
        try at.fleet.setDemand(BitsPerSecond(50_000_000), of: "gra-eco-01")
        at.clock.advance(by: .seconds(10))
        #expect(await at.sample().interfaces[0].outDiscards == .bits32(10_000))
    }

    @Test("errors, discards, strangled traffic and a downed interface show in the counters")
    func faults() async throws {
        let start = await at.sample()
        try at.fleet.inject(.errors(perSecond: 20), on: "gra-eco-01")
        try at.fleet.inject(.discards(perSecond: 50), on: "gra-eco-01")
        try at.fleet.inject(.strangled(BitsPerSecond(1_000_000)), on: "gra-eco-01")
        #expect(await at.rate(at.sample) == 1_000_000)
        let sick = await at.sample().interfaces[0]
        #expect((sick.outErrors?.value ?? 0) - (start.interfaces[0].outErrors?.value ?? 0) == 200)
        #expect((sick.outDiscards?.value ?? 0) - (start.interfaces[0].outDiscards?.value ?? 0) == 500)
        try at.fleet.inject(.interfaceDown, on: "gra-eco-01")
        #expect(await at.rate(at.sample) == 0)
        #expect(await at.sample().interfaces[0].operStatus == 2)
    }

    @Test("damage that a change does is there while the change is, and gone when it was put back")
    func damageOfAChange() async throws {
        try at.fleet.inject(.strangled(BitsPerSecond(5_000_000)), on: "gra-eco-01", whileChanged: true)
        #expect(await at.rate(at.sample) == 20_000_000)
        let order = try await at.order()
        _ = try await at.driver.push(order)
        #expect(await at.rate(at.sample) == 5_000_000)
        _ = try await at.driver.rollBack(order)
        #expect(await at.rate(at.sample) == 20_000_000)
    }

    @Test("a restart shows: counters and uptime begin anew, boots grow, nothing flows meanwhile")
    func restart() async throws {
        at.clock.advance(by: .seconds(10))
        let before = await at.sample()
        try at.fleet.reboot("gra-eco-01", taking: .seconds(5))
        at.clock.advance(by: .seconds(15))
        let after = await at.sample()
        #expect(after.engineBoots == (before.engineBoots ?? 0) + 1)
        #expect(after.uptime == 1000)
        #expect(after.engineTime == 10)
        #expect(after.interfaces[0].outOctets == .bits64(10 * 20_000_000 / 8))
    }

    @Test("the agent's own time goes as the clock does")
    func uptime() async throws {
        let before = await at.sample()
        at.clock.advance(by: .seconds(7))
        let after = await at.sample()
        #expect((after.uptime ?? 0) - (before.uptime ?? 0) == 700)
        #expect(after.at - before.at == .seconds(7))
    }

    @Test("a silent agent is unknown after its timeout, never zero; unknown interfaces and agents likewise")
    func silence() async throws {
        try at.fleet.inject(.snmpSilent, on: "gra-eco-01")
        let clock = at.clock
        let mover = Task {
            while !Task.isCancelled {
                if let next = clock.nextWake { clock.advance(to: next) }
                await Task.yield()
            }
        }
        defer { mover.cancel() }
        let start = clock.now()
        let silent = await at.sample()
        #expect(silent.unknown?.code == .timeout)
        #expect(silent.interfaces.isEmpty)
        #expect(clock.now() - start == .seconds(1))
        // Management is another way than SNMP: one may fail without the other.
        _ = try await at.observe()

        let strange = WatchedAgent(
            subject: .device("gra-eco-02"), address: "198.51.100.2", interfaces: ["e7", "e0"], snmp: SNMPSettings())
        let readings = await at.counters.sample(strange).interfaces
        #expect(readings.map(\.unknown?.code) == [.absent, nil])
        let nobody = WatchedAgent(
            subject: .device("x"), address: "198.51.100.99", interfaces: ["e0"], snmp: SNMPSettings())
        #expect(await at.counters.sample(nobody).unknown?.code == .notAsked)
    }
}

@Suite("Clocks of a simulation", .timeLimit(.minutes(10)))
struct ClockTests {
    @Test("a sleeper wakes when the clock was moved far enough, not before")
    func manual() async {
        let clock = ManualClock()
        let start = clock.now()
        let sleeper = Task { await clock.sleep(until: start + .seconds(5)) }
        while clock.nextWake == nil { await Task.yield() }
        clock.advance(by: .seconds(4))
        #expect(clock.nextWake == start + .seconds(5))
        clock.advance(by: .seconds(1))
        await sleeper.value
        #expect(clock.nextWake == nil)
        clock.advance(to: start)
        #expect(clock.now() == start + .seconds(5))
    }

    @Test("cancelling wakes a sleeper, before and while it sleeps")
    func cancelled() async {
        let clock = ManualClock()
        let later = clock.now() + .seconds(5)
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await clock.sleep(until: later)
        }
        await early.value
        let sleeper = Task { await clock.sleep(until: later) }
        while clock.nextWake == nil { await Task.yield() }
        sleeper.cancel()
        await sleeper.value
        #expect(clock.nextWake == nil)
    }

    @Test("a minute passes in a tenth of a second when time runs 600 times as fast")
    func scaled() async {
        let clock = ScaledClock(factor: 600)
        let start = ScaledClock.realTime()
        await clock.sleep(until: clock.now() + .minutes(1))
        let passed = ScaledClock.realTime() - start
        // Only a lower bound: how late a busy machine wakes a task says nothing about the clock.
        #expect(passed >= .milliseconds(90))
    }

    @Test("clocks of one origin and factor agree")
    func agreeing() {
        let origin = ScaledClock.realTime() - .seconds(100)
        let (first, second) = (ScaledClock(factor: 60, from: origin), ScaledClock(factor: 60, from: origin))
        #expect(second.now() - first.now() < .minutes(10))
        #expect(first.now() - origin >= .seconds(6000))
    }
}

import RolloutEngine
import Testing

@testable import RolloutSimulation

/// What the runner makes of the farm around its waves.
@Suite("The whole farm", .timeLimit(.minutes(10)))
struct WholeFarmTests {
    private func say(_ verb: OperatorRequest.Verb, _ night: Night) async throws {
        _ = try await night.store.record(OperatorRequest(verb, by: "test"), for: night.id, at: night.clock.now())
    }

    // MARK: Beside the waves

    @Test(
        "a neighbour that is named and whose interface goes down pauses before anything new starts, and nothing is put back"
    )
    func neighbourDown() async throws {
        let night = try await Night(neighbour: true)
        let fleet = night.fleet
        let state = try await night.drive(under: try await night.lease(holder: "test")) { entry in
            if case .soakStarted(wave: 0) = entry.fact { try? fleet.inject(.interfaceDown, on: "core-1") }
        }
        #expect(state.pauses.map(\.reason.kind) == [.beside], "\(state.pauses)")
        #expect(
            state.pauses[0].reason.detail.contains("core-1") && state.pauses[0].reason.detail.contains("did not touch"))
        #expect(state.rollbacks.isEmpty && state[wave: 1].startedAt == nil)
        let alarm = try #require(state[wave: 0].alarms.first)
        #expect(alarm.findings.allSatisfy { $0.isBeside == true && $0.failed })
        // Whoever goes on knows it; it is not said again.
        try await say(.resume(nil), night)
        #expect(try await night.drive().ending == .done)
    }

    @Test(
        "a named link that no wave loads pauses when it is too full, again after a resume, until somebody overrides it")
    func linkFull() async throws {
        let night = try await Night(neighbour: true)
        let fleet = night.fleet
        var state = try await night.drive(under: try await night.lease(holder: "test")) { entry in
            guard case .waveStarted(wave: 0) = entry.fact else { return }
            try? fleet.change(link: "core") { $0.background = BitsPerSecond(900_000_000) }
        }
        #expect(state.pauses.map(\.reason.kind) == [.beside], "\(state.pauses)")
        try await say(.resume(nil), night)
        state = try await night.drive()
        #expect(state.pauses.map(\.reason.kind) == [.beside], "\(state.pauses)")
        for wave in night.plan.plan.waves { try await say(.promote(wave: wave.index, overriding: ["beside"]), night) }
        #expect(try await night.drive().ending == .done)
    }

    @Test("with on_fail: observe a neighbour's failure is written down and the rollout goes on")
    func observed() async throws {
        let night = try await Night(neighbour: true) { $0.watch.also?.onFail = .observe }
        let fleet = night.fleet
        let state = try await night.drive(under: try await night.lease(holder: "test")) { entry in
            if case .soakStarted(wave: 0) = entry.fact { try? fleet.inject(.interfaceDown, on: "core-1") }
        }
        #expect(state.ending == .done, "\(state.pauses)")
        #expect(
            night.plan.plan.waves.contains { wave in state[wave: wave.index].alarms.contains { $0.gate == "beside" } })
    }

    @Test("a neighbour of which nothing is heard pauses too")
    func neighbourSilent() async throws {
        let night = try await Night(neighbour: true)
        try night.fleet.inject(.snmpSilent, on: "core-1")
        let state = try await night.drive()
        #expect(state.pauses.map(\.reason.kind) == [.beside], "\(state.pauses)")
        for device in night.devices { #expect(try night.fleet.device(device).writes == 0) }
    }

    // MARK: Firmware cohorts

    @Test(
        "two devices of one firmware that fail hold the others in every wave, also after kill -9; a release brings them back"
    )
    func cohort() async throws {
        let night = try await Night(firmware: ["bad", "bad", "bad", "good", "good", "good", "bad", nil]) {
            $0.budgets.wave = .init(devices: 4)
            $0.canary = CanaryRule(devices: 0)
        }
        let bad = night.plan.plan.devices.filter { $0.target?.firmware == "bad" }.map(\.device.name)
        for name in bad.prefix(2) { try night.fleet.inject(.changedHostKey, on: name) }
        try await night.driveAndDie(after: 12)
        var state = try await night.drive()
        #expect(state.pauses.map(\.reason.kind) == [.cohort], "\(state.pauses)")
        #expect(state.cohortHolds.map(\.cohort.firmware) == ["bad"])
        for name in night.devices where !bad.contains(name) { #expect(state[name].phase == .confirmed, "\(name)") }
        let later = bad.filter { state[$0].phase == .waiting }
        #expect(!later.isEmpty)
        for name in later { #expect(try night.fleet.device(name).writes == 0, "\(name)") }
        for name in bad { try night.fleet.heal(name) }
        let cohort = try #require(state.cohortHolds.first?.cohort)
        try await say(.release(cohort: cohort), night)
        state = try await night.drive()
        for name in later { #expect(state[name].phase == .confirmed, "\(name): \(state[name].phase) \(state.pauses)") }
    }

    // MARK: Peak debt

    /// Half an hour from half an hour after the start on; nights begin at 23:13 in Paris.
    private static func peak(cap: Int? = nil) -> PeakRule {
        PeakRule(hours: MaintenanceWindow(startMinute: 23 * 60 + 45, endMinute: 15), devices: cap)
    }

    @Test("a rollout with a peak is done only when its devices have carried it")
    func carried() async throws {
        let night = try await Night { $0.peak = Self.peak() }
        let start = night.clock.now()
        let state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        let end = try #require(state.endedAt)
        #expect(end - start > .minutes(60) && end - start < .minutes(64), "\(end - start)")
        #expect(try await night.store.claims().isEmpty)
    }

    @Test("a runner that was killed through the peak pays nothing: the next evening has to be carried")
    func unwatched() async throws {
        let night = try await Night { $0.peak = Self.peak() }
        let start = night.clock.now()
        let loop = night.loop
        let (store, id, clock) = (night.store, night.id, night.clock)
        loop.start {
            await clock.sleep(until: start + .minutes(40))
            _ = try? await store.acquireLease(
                of: id, holder: "killer", lasting: .minutes(10), steal: true, at: clock.now())
        }
        _ = try? await night.drive()
        night.clock.advance(by: .minutes(8))
        let state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        let end = try #require(state.endedAt)
        #expect(end - start > .minutes(24 * 60 + 60), "\(end - start)")
    }

    @Test("a runner that is followed by another at once, in the middle of the peak, has been watching all along")
    func shortGap() async throws {
        let night = try await Night { $0.peak = Self.peak() }
        let start = night.clock.now()
        let (loop, store, id, clock) = (night.loop, night.store, night.id, night.clock)
        loop.start {
            await clock.sleep(until: start + .minutes(40))
            _ = try? await store.acquireLease(
                of: id, holder: "killer", lasting: .minutes(10), steal: true, at: clock.now())
        }
        _ = try? await night.drive()
        let state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        #expect(try #require(state.endedAt) - start < .minutes(64))
    }

    @Test("what fails in the peak pauses, and its wave can be put back alone; the others go on carrying theirs")
    func relapseInPeak() async throws {
        let night = try await Night { $0.peak = Self.peak() }
        let (fleet, clock, loop) = (night.fleet, night.clock, night.loop)
        let wave = try #require(night.plan.plan.waves.last)
        let victim = wave.devices[0]
        let start = clock.now()
        loop.start {
            await clock.sleep(until: start + .minutes(45))
            try? fleet.inject(.interfaceDown, on: victim)
        }
        var state = try await night.drive()
        #expect(state.pause(.gateFailed)?.reason.detail.contains(victim.rawValue) == true, "\(state.pauses)")
        #expect(state.rollbacks.isEmpty && state.ending == nil)
        try night.fleet.heal(victim)
        try await say(.rollBack(.wave(wave.index)), night)
        try await say(.resume(nil), night)
        state = try await night.drive()
        for name in wave.devices { #expect(state[name].phase == .rolledBack) }
        try await say(.resume(nil), night)
        state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        for name in night.devices where !wave.devices.contains(name) { #expect(state[name].phase == .confirmed) }
    }

    @Test(
        "no more devices are in debt than the cap, those of another rollout included; the others wait for the next evening"
    )
    func cap() async throws {
        let night = try await Night { policy in
            policy.peak = Self.peak(cap: 5)
            policy.waveSize = WaveSize(devices: 4, share: nil)
        }
        let other = try await night.store.create(
            plan: night.plan.bytes, digest: night.plan.digest, title: "other", by: "test", at: night.clock.now())
        let lease = try await night.store.acquireLease(
            of: other, holder: "other", lasting: .minutes(1), steal: false, at: night.clock.now())
        let foreign = DomainClaim(domain: FailureDomain(kind: "peak-debt", value: "1"), device: "elsewhere")
        _ = try await night.store.append(
            [], to: other, under: lease, claiming: [foreign], releasing: [], at: night.clock.now())
        let start = night.clock.now()
        let state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        let entries = try await night.store.entries(of: night.id, after: 0)
        var fold = RolloutState()
        var most = 0
        for entry in entries {
            fold.apply(entry)
            most = max(most, night.devices.count { fold[$0].mayHoldTarget && fold[$0].peaksCarried == 0 })
        }
        #expect(most <= 4 && most > 0, "\(most)")
        #expect(try #require(state.endedAt) - start > .minutes(24 * 60))
        let waits = entries.compactMap {
            if case .alarm(let alarm) = $0.fact, alarm.gate == "peak" { alarm.reason } else { nil }
        }
        #expect(waits.first?.contains("of at most 5 devices are in debt") == true, "\(waits)")
        #expect(try await night.store.claims().map(\.claim) == [foreign])
    }
}

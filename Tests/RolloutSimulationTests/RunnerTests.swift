import Foundation
import RolloutEngine
import Synchronization
import Testing

@testable import RolloutSimulation

/// The real engine against the simulated fleet, in time that goes from one wake to the next.
@Suite("Runner", .timeLimit(.minutes(10)))
struct RunnerTests {
    @Test("a good change reaches every device, wave by wave, each pushed once")
    func good() async throws {
        let night = try await Night()
        let state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        for device in night.devices {
            #expect(try night.fleet.device(device).running.shapedRate(of: "e0") == BitsPerSecond(20_000_000))
            #expect(try night.fleet.device(device).pushes.values.reduce(0, +) == 1)
            #expect(try night.fleet.device(device).timer == nil)
        }
        #expect(try await night.store.claims().isEmpty)
    }

    @Test("a runner keeps what is known, at its end and every so many facts, and the next one begins with that")
    func keepsSnapshots() async throws {
        let night = try await Night()
        try await night.driveAndDie(after: 40, factsPerSnapshot: 7)
        let kept = try #require(try await night.store.snapshot(of: night.id))
        let entries = try await night.store.entries(of: night.id, after: 0)
        #expect(kept.sequence >= 30)
        #expect(kept.state == RolloutState(folding: entries.filter { $0.sequence <= kept.sequence }))
        let state = try await night.drive(under: try await night.lease(holder: "test"), factsPerSnapshot: 50)
        #expect(state.ending == .done, "\(state.pauses)")
        #expect(try await night.store.snapshot(of: night.id)?.state == state)
        #expect(try await night.store.state(of: night.id) == state)
    }

    @Test("planning writes nothing to any device")
    func planWritesNothing() async throws {
        let night = try await Night()
        for device in night.devices { #expect(try night.fleet.device(device).writes == 0) }
    }

    @Test("a change that starves its devices is put back after the canary; nobody else is touched")
    func bad() async throws {
        let night = try await Night(rate: "1Mbit")
        let state = try await night.drive()
        #expect(state.ending == .rolledBack, "\(state.pauses)")
        let touched = try night.devices.filter { try night.fleet.device($0).writes > 0 }
        #expect(touched == night.plan.plan.waves[0].devices)
        for device in night.devices {
            #expect(try night.fleet.device(device).running.shapedRate(of: "e0") == BitsPerSecond(10_000_000))
        }
    }

    @Test("a bad change that is tried again is put back again: what it did the first time is no \"before\"")
    func badTwice() async throws {
        let night = try await Night(rate: "1Mbit", baseline: .seconds(60))
        #expect(try await night.drive().ending == .rolledBack)
        _ = try await night.store.record(
            OperatorRequest(.retryFailed, by: "test"), for: night.id, at: night.clock.now())
        let state = try await night.drive()
        #expect(state.ending == .rolledBack, "\(state.pauses)")
        #expect(state[wave: 0].passedAt == nil)
        let canary = try #require(night.plan.plan.waves.first?.devices.first)
        #expect(state[canary].attempts[.push] == 1)
    }

    @Test(
        "a runner that dies after any entry is followed by one that brings every device to what the journal says",
        arguments: Array(stride(from: 3, through: 60, by: 3)))
    func resumeAfterDeath(entries: Int) async throws {
        let night = try await Night()
        try await night.driveAndDie(after: entries)
        let state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        for device in night.devices {
            let found = try night.fleet.device(device)
            #expect(found.running.shapedRate(of: "e0") == BitsPerSecond(20_000_000))
            #expect(found.timer == nil)
            let steps = try await night.store.entries(of: night.id, after: 0).filter { $0.fact.concerns(device) }
            #expect(
                found.pushes.values.reduce(0, +) - found.reverts <= 1,
                "\(device) was pushed twice:\n\(steps.map { "\($0.sequence) \($0.fact)" }.joined(separator: "\n"))")
        }
    }

    @Test(
        "with a journal that was put back to an earlier day, devices are asked and none is changed twice",
        arguments: [3, 6, 9, 14, 20, 30])
    func olderJournal(entries: Int) async throws {
        let night = try await Night()
        let lease = try await night.lease(holder: "first")
        let kept = Mutex<MemoryJournalStore.Snapshot?>(nil)
        _ = try await night.drive(under: lease) { entry in
            if entry.sequence == entries { kept.withLock { $0 = night.store.snapshot() } }
        }
        let earlier = kept.withLock { $0 }
        night.store.restore(try #require(earlier))
        let state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        for device in night.devices {
            let found = try night.fleet.device(device)
            #expect(found.running.shapedRate(of: "e0") == BitsPerSecond(20_000_000))
            #expect(found.timer == nil)
            #expect(found.pushes.values.reduce(0, +) - found.reverts <= 1, "\(device) was pushed twice")
        }
    }

    @Test("an agent that falls silent pauses the rollout; silence never passes a gate")
    func silence() async throws {
        let night = try await Night()
        let canary = try #require(night.plan.plan.waves.first?.devices.first)
        try night.fleet.inject(.snmpSilent, on: canary)
        let state = try await night.drive()
        #expect(state.ending == nil)
        #expect(state.isPaused)
        #expect(state[wave: 0].passedAt == nil)
        let reason = state.pauses.map(\.reason.detail).joined()
        #expect(reason.contains(canary.rawValue), "\(reason)")
    }

    @Test("every agent silent pauses too")
    func allSilent() async throws {
        let night = try await Night()
        for device in night.devices { try night.fleet.inject(.snmpSilent, on: device) }
        let state = try await night.drive()
        #expect(state.isPaused && state.ending == nil)
        #expect(state[wave: 0].passedAt == nil)
    }

    @Test("an agent that was silent all along delays no other: the waves without it pass")
    func silentBesides() async throws {
        let night = try await Night()
        let last = try #require(night.plan.plan.waves.last)
        let victim = try #require(last.devices.first)
        try night.fleet.inject(.snmpSilent, on: victim)
        let state = try await night.drive()
        for wave in night.plan.plan.waves.dropLast() { #expect(state[wave: wave.index].passedAt != nil) }
        #expect(state[wave: last.index].passedAt == nil)
        #expect(state.pauses.map(\.reason.kind) == [.gateUnclear], "\(state.pauses)")
        #expect(state.pauses.first?.reason.detail.contains(victim.rawValue) == true)
        // What no gate could judge is not touched.
        for device in last.devices { #expect(try night.fleet.device(device).writes == 0) }
        try night.fleet.heal(victim)
        _ = try await night.store.record(
            OperatorRequest(.resume(nil), by: "test"), for: night.id, at: night.clock.now())
        #expect(try await night.drive().ending == .done)
    }

    @Test("a silent agent can be overridden by a person: its device is pushed, and the next gate asks again")
    func silentOverridden() async throws {
        let night = try await Night()
        let victim = try #require(night.plan.plan.waves[0].devices.first)
        try night.fleet.inject(.snmpSilent, on: victim)
        var state = try await night.drive()
        #expect(try night.fleet.device(victim).writes == 0)
        _ = try await night.store.record(
            OperatorRequest(.promote(wave: 0, overriding: ["traffic"]), by: "test", reason: "known"), for: night.id,
            at: night.clock.now())
        state = try await night.drive()
        #expect(try night.fleet.device(victim).writes > 0)
        #expect(state[wave: 0].passedAt == nil)
        #expect(state.pauses.map(\.reason.kind) == [.gateUnclear])
    }

    @Test("a device of a wave that was let through stays watched: when it fails later, the rollout pauses")
    func relapse() async throws {
        let night = try await Night()
        let fleet = night.fleet
        let victim = try #require(night.plan.plan.waves[0].devices.first)
        let state = try await night.drive(under: try await night.lease(holder: "test")) { entry in
            guard case .wavePassed(wave: 0) = entry.fact else { return }
            try? fleet.inject(.strangled(BitsPerSecond(100_000)), on: victim)
        }
        #expect(state.pause(.gateFailed)?.reason.detail.contains(victim.rawValue) == true, "\(state.pauses)")
        #expect(state.rollbacks.isEmpty)
        #expect(state.ending == nil)
        #expect(night.devices.allSatisfy { !state[$0].isUnsettled })
    }

    @Test("two devices are enough: the second is compared with the first as far back as that was left alone")
    func twoDevices() async throws {
        let night = try await Night(perPlace: 1, baseline: .minutes(10))
        let state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        let verdict = try #require(state[wave: 1].verdicts.first { $0.gate == "traffic" })
        let touched = try #require(state[night.plan.plan.waves[0].devices[0]].since)
        #expect(verdict.before.from > touched)
        #expect(verdict.before.to - verdict.before.from > .seconds(39))
        #expect(verdict.findings.contains { $0.isControl && $0.unknown == nil })
    }

    @Test(
        "what a plan knows of earlier nights, and to which rates it shapes, reaches the verdicts, and evidence of them")
    func history() async throws {
        let gates = [
            GateRule(
                name: "traffic", condition: .traffic(maximumDrop: .percent(30), minimumRate: BitsPerSecond(10_000)),
                onFail: .rollBack),
            GateRule(name: "full", condition: .utilisation(maximum: .percent(99)), onFail: .observe),
        ]
        let night = try await Night(gates: gates, restlessness: 0.2)
        let state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        let last = try #require(night.plan.plan.waves.last)
        let verdicts = state[wave: last.index].verdicts
        let traffic = try #require(verdicts.first { $0.gate == "traffic" })
        #expect(traffic.reason.contains("weighed by how restless each was at all hours"), "\(traffic.reason)")
        let full = try #require(verdicts.first { $0.gate == "full" })
        #expect(full.findings.count == last.devices.count, "\(full.reason)")
        let evidence = try GateEvidence(
            for: verdicts, ofWave: last.index, of: night.plan.plan, rollout: night.id, planDigest: night.plan.digest,
            tool: "test", samples: try await night.store.samples(of: night.id, since: Instant(milliseconds: 0)))
        #expect(try evidence.replay().isSame)
    }

    @Test("a device that cannot be reached spends the budget: it pauses, nothing is left in doubt, and a retry goes on")
    func unreachable() async throws {
        let night = try await Night()
        let victim = try #require(night.plan.plan.waves[1].devices.first)
        try night.fleet.inject(.unreachable, on: victim)
        var state = try await night.drive()
        #expect(state.pause(.budget) != nil, "\(state.pauses)")
        #expect(state[victim].phase == .failed)
        #expect(try night.fleet.device(victim).writes == 0)
        #expect(night.devices.allSatisfy { !state[$0].isUnsettled && !state[$0].isUnknown })
        try night.fleet.heal(victim)
        _ = try await night.store.record(
            OperatorRequest(.retryFailed, by: "test"), for: night.id, at: night.clock.now())
        state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
    }

    @Test(
        "a changed host key and a wrong device stop before anything is sent",
        arguments: [Fault.changedHostKey, .wrongHostname("other")])
    func wrongDevice(fault: Fault) async throws {
        let night = try await Night()
        let victim = try #require(night.plan.plan.waves[0].devices.first)
        try night.fleet.inject(fault, on: victim)
        let state = try await night.drive()
        #expect(state[victim].phase == .failed)
        #expect(try night.fleet.device(victim).writes == 0)
        #expect(state.isPaused)
    }

    @Test("a lost answer is found out by asking", arguments: Fault.Call.allCases)
    func lostAnswers(call: Fault.Call) async throws {
        let night = try await Night(rate: call == .rollBack ? "1Mbit" : "20Mbit")
        for device in night.devices { try night.fleet.inject(.dropsReply(call), on: device) }
        let state = try await night.drive()
        let devices = night.devices.filter { state[$0].changedAt != nil }
        #expect(!devices.isEmpty)
        for device in devices { #expect(!state[device].isUnsettled, "\(device) \(state[device].phase)") }
        if call != .rollBack { #expect(state.ending == .done, "\(state.pauses)") }
    }

    @Test("a device that lies about applying is caught by reading back")
    func liar() async throws {
        let night = try await Night()
        let victim = try #require(night.plan.plan.waves[0].devices.first)
        try night.fleet.inject(.liar, on: victim)
        let state = try await night.drive()
        #expect(state[victim].phase != .confirmed)
        #expect(state.isPaused)
        // It says yes to every rollback too, until its timer has run out: it is asked ever more seldom, not in a mad rush.
        #expect(state[victim].attempts[.rollBack] < 40)
        #expect(state[victim].phase == .failed, "\(state[victim].phase)")
    }

    @Test("two runners cannot drive one rollout: the first finds out before its next append")
    func stolenLease() async throws {
        let night = try await Night()
        let first = try await night.lease(holder: "first")
        let thief = try await night.store.acquireLease(
            of: night.id, holder: "thief", lasting: .minutes(10), steal: true, at: night.clock.now())
        #expect(thief.fence > first.fence)
        let error = await #expect(throws: StoreError.self) { try await night.drive(under: first) }
        #expect(error?.code == .leaseLost)
        for device in night.devices { #expect(try night.fleet.device(device).writes == 0) }
    }

    @Test(
        "a full disk starts nothing new, leaves no device half done, and is a pause that a resume ends",
        arguments: Array(stride(from: 2, through: 42, by: 5)))
    func fullStore(entries: Int) async throws {
        let night = try await Night()
        let store = night.store
        var state = try await night.drive(under: try await night.lease(holder: "test")) {
            if $0.sequence == entries { store.setFull(true) }
        }
        #expect(state.pause(.storeFull) != nil, "\(state.pauses)")
        #expect(night.devices.allSatisfy { !state[$0].isUnsettled && !state[$0].isUnknown })
        for device in night.devices { #expect(try night.fleet.device(device).timer == nil) }
        store.setFull(false)
        _ = try await store.record(OperatorRequest(.resume(nil), by: "test"), for: night.id, at: night.clock.now())
        state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
    }

    @Test("a full disk does not keep a bad change from being put back")
    func fullStoreRollsBack() async throws {
        let night = try await Night(rate: "1Mbit")
        let store = night.store
        let state = try await night.drive(under: try await night.lease(holder: "test")) {
            if case .intent = $0.fact { store.setFull(true) }
        }
        #expect(state.ending == .rolledBack || state.pause(.gateFailed) != nil, "\(state.pauses)")
        for device in night.devices {
            #expect(try night.fleet.device(device).running.shapedRate(of: "e0") == BitsPerSecond(10_000_000))
        }
    }

    @Test(
        "a store that is away for ten minutes: nothing new starts, nothing is left half done, and it goes on when that is back",
        arguments: Array(stride(from: 2, through: 42, by: 4)))
    func storeAway(entries: Int) async throws {
        let night = try await Night()
        let (store, clock, fleet, devices) = (night.store, night.clock, night.fleet, night.devices)
        // From now on it is one that may be.
        store.setAway(false)
        let writes: @Sendable () -> Int = { devices.reduce(0) { $0 + ((try? fleet.device($1).writes) ?? 0) } }
        let seen = Mutex<(atLeaseEnd: Int, atReturn: Int)>((0, 0))
        let waits = Mutex<[String?]>([])
        var state = try await night.drive(
            under: try await night.lease(holder: "test", lasting: .seconds(30)), leaseTime: .seconds(30)
        ) {
            guard $0.sequence == entries else { return }
            store.setAway(true)
            night.loop.start {
                await clock.sleep(until: clock.now() + .seconds(31))
                seen.withLock { $0.atLeaseEnd = writes() }
                await clock.sleep(until: clock.now() + .minutes(10))
                seen.withLock { $0.atReturn = writes() }
                store.setAway(false)
            }
        } onWait: { error in
            waits.withLock { $0.append(error?.message) }
        }
        // A device that was in flight may have put itself back meanwhile, and gates may lack data: that is for a person to look at.
        #expect(state.ending == .done || state.isPaused, "\(state.pauses)")
        #expect(devices.allSatisfy { !state[$0].isUnsettled && !state[$0].isUnknown })
        for device in devices { #expect(try fleet.device(device).timer == nil) }
        if state.ending == nil {
            for verb in [OperatorRequest.Verb.retryFailed, .resume(nil)] {
                _ = try await store.record(OperatorRequest(verb, by: "test"), for: night.id, at: clock.now())
            }
            state = try await night.drive()
            #expect(state.ending == .done, "\(state.pauses)")
        }
        // Who does not hold the lease any more changes no device.
        #expect(seen.withLock { $0.atReturn == $0.atLeaseEnd })
        #expect(waits.withLock { $0.count >= 2 && $0.first == "the store is out of reach" && $0.last == .some(nil) })
        for device in devices {
            #expect(try fleet.device(device).running.shapedRate(of: "e0") == BitsPerSecond(20_000_000))
        }
        let facts = try await store.entries(of: night.id, after: 0)
        let pushes = facts.compactMap { if case .intent(let step) = $0.fact, step.kind == .push { step } else { nil } }
        let outcomes = facts.compactMap { if case .outcome(let step, _) = $0.fact { step } else { nil } }
        #expect(Set(pushes).count == pushes.count)
        #expect(Set(pushes).isSubset(of: outcomes))
    }

    @Test(
        "a store that is away beyond the end of a soak: what agents said meanwhile is judged, and nothing pauses",
        arguments: [Timespan.seconds(25), .seconds(60), .minutes(3)])
    func storeAwayInSoak(span: Timespan) async throws {
        let night = try await Night()
        let (store, clock) = (night.store, night.clock)
        store.setAway(false)
        let state = try await night.drive(under: try await night.lease(holder: "test")) {
            guard case .soakStarted = $0.fact else { return }
            night.loop.start {
                await clock.sleep(until: clock.now() + .seconds(20))
                store.setAway(true)
                await clock.sleep(until: clock.now() + span)
                store.setAway(false)
            }
        }
        #expect(state.ending == .done, "\(state.pauses)")
        let facts = try await store.entries(of: night.id, after: 0).map(\.fact)
        #expect(!facts.contains { if case .paused = $0 { true } else { false } })
        for wave in night.plan.plan.waves {
            #expect(state[wave: wave.index].verdicts.allSatisfy { $0.outcome == .pass })
        }
    }

    @Test("pause is quiet, resume goes on, a rollback by the operator puts everything back")
    func operatorVerbs() async throws {
        let night = try await Night()
        _ = try await night.store.record(OperatorRequest(.pause, by: "test"), for: night.id, at: night.clock.now())
        var state = try await night.drive()
        #expect(state.isPaused)
        for device in night.devices { #expect(try night.fleet.device(device).writes == 0) }
        _ = try await night.store.record(
            OperatorRequest(.resume(nil), by: "test"), for: night.id, at: night.clock.now())
        state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        _ = try await night.store.record(
            OperatorRequest(.rollBack(.all), by: "test"), for: night.id, at: night.clock.now())
        state = try await night.drive()
        #expect(state.ending == .rolledBack, "\(state.pauses)")
        for device in night.devices {
            #expect(try night.fleet.device(device).running.shapedRate(of: "e0") == BitsPerSecond(10_000_000))
        }
        #expect(try await night.store.claims().isEmpty)
    }

    @Test(
        "a stopped line is quiet within a turn, whatever is resumed; what is under way is finished; released, it goes on",
        arguments: [5, 12, 25])
    func stoppedLine(entries: Int) async throws {
        let night = try await Night()
        let lease = try await night.lease(holder: "test")
        let stopped = try await night.drive(under: lease) { entry in
            guard entry.sequence == entries else { return }
            night.loop.start {
                _ = try? await night.store.append(
                    .lineStopped, by: "bob", reason: "fibre cut", after: nil, at: night.clock.now())
            }
        }
        #expect(stopped.pauses.map(\.reason.kind) == [.lineStopped], "\(stopped.pauses)")
        let detail = stopped.pauses.first?.reason.detail ?? ""
        #expect(detail.contains("bob") && detail.contains("fibre cut"), "\(detail)")
        let facts = try await night.store.entries(of: night.id, after: 0)
        let pausedAt = try #require(facts.first { if case .paused = $0.fact { true } else { false } })
        let stop = try #require(try await night.store.serviceState().lineStop)
        #expect(pausedAt.at - stop.at <= .seconds(1))
        #expect(!facts.contains { $0.sequence > pausedAt.sequence && $0.fact.isPush })
        for device in night.devices { #expect(try night.fleet.device(device).timer == nil) }

        // Nobody gets it going but by releasing the line.
        _ = try await night.store.record(OperatorRequest(.resume(nil), by: "eve"), for: night.id, at: night.clock.now())
        #expect(try await night.drive().pause(.lineStopped) != nil)
        _ = try await night.store.append(
            .lineReleased, by: "carol", reason: "spliced", after: nil, at: night.clock.now())
        #expect(try await night.drive().ending == .done)
        let requests = try await night.store.entries(of: night.id, after: 0).compactMap { entry -> OperatorRequest? in
            if case .requested(let request) = entry.fact { request } else { nil }
        }
        let last = try #require(requests.last)
        #expect(last.verb == .resume(.lineStopped) && last.by == "carol")
        #expect(last.reason?.contains("spliced") == true)
    }

    @Test("while the line is stopped, what has to be put back is put back")
    func stoppedLineRollsBack() async throws {
        let night = try await Night()
        _ = try await night.driveAndDie(after: 30)
        _ = try await night.store.append(.lineStopped, by: "bob", reason: nil, after: nil, at: night.clock.now())
        _ = try await night.store.record(
            OperatorRequest(.rollBack(.all), by: "bob"), for: night.id, at: night.clock.now())
        #expect(try await night.drive().ending == .rolledBack)
        for device in night.devices {
            #expect(try night.fleet.device(device).running.shapedRate(of: "e0") == BitsPerSecond(10_000_000))
        }
    }

    @Test("a device edited by hand since the plan is left alone, the others go on")
    func drifted() async throws {
        let night = try await Night()
        let victim = try #require(night.plan.plan.waves[2].devices.first)
        try night.fleet.edit(victim, section: "qdisc e0", lines: ["tbf rate 7000000bit burst 32768b latency 50000us"])
        let state = try await night.drive()
        #expect(state.ending == .done, "\(state.pauses)")
        #expect(state[victim].failure?.code == .drifted)
        #expect(try night.fleet.device(victim).running.shapedRate(of: "e0") == BitsPerSecond(7_000_000))
    }
}

extension Fact {
    fileprivate var isPush: Bool {
        if case .intent(let step) = self { step.kind == .push } else { false }
    }

    fileprivate func concerns(_ device: DeviceName) -> Bool {
        switch self {
        case .intent(let step), .outcome(let step, _): step.device == device
        case .driving: true
        default: false
        }
    }
}

/// One simulated night: a fleet, a plan, a rollout in memory.
struct Night {
    let loop = SimulationLoop()
    var clock: ManualClock { loop.clock }
    let fleet: SimulatedFleet
    let plan: PlanFile
    let store = MemoryJournalStore()
    let id: RolloutID

    var devices: [DeviceName] { plan.plan.waves.flatMap(\.devices) }

    /// - Parameter neighbour: Whether there is a device that is only watched, `core-1`, and a link, `core`.
    init(
        rate: String = "20Mbit", perPlace: Int = 4, baseline: Timespan = .seconds(30), gates: [GateRule]? = nil,
        neighbour: Bool = false, firmware: [String?] = [], restlessness: Double? = nil,
        change alter: (inout Policy) -> Void = { _ in },
        through driver: (SimulatedFleet) -> any DeviceDriver = { SimulatedDriver($0) }
    ) async throws {
        let devices = ["gra", "rbx"].flatMap { place in
            (1...perPlace).map { number in
                Device(
                    name: DeviceName(rawValue: "\(place)-\(number)"),
                    address: "198.51.100.\(place == "gra" ? number : 10 + number)",
                    platform: "simulated", range: "eco", datacentre: DatacentreName(rawValue: place),
                    domains: [FailureDomain(kind: "pair", value: "\(place)-\((number + 1) / 2)")], links: ["up"],
                    interfaces: ["e0"], snmp: SNMPSettings(community: .environment("X")),
                    variables: ["bandwidth": .text("10Mbit")])
            }
        }
        let link = Link(
            name: "up", capacity: BitsPerSecond(1_000_000_000),
            counters: LinkCounters(
                address: "198.51.100.100", interface: "up0", snmp: SNMPSettings(community: .environment("X"))))
        let core = Device(
            name: "core-1", address: "198.51.100.200", platform: "simulated", range: "core", datacentre: "gra",
            interfaces: ["c0"], snmp: SNMPSettings(community: .environment("X")),
            variables: ["bandwidth": .text("10Mbit")])
        let coreLink = Link(
            name: "core", capacity: BitsPerSecond(1_000_000_000),
            counters: LinkCounters(
                address: "198.51.100.201", interface: "core0", snmp: SNMPSettings(community: .environment("X"))))
        let inventory = Inventory(
            name: "night", devices: devices + (neighbour ? [core] : []), links: [link] + (neighbour ? [coreLink] : []),
            datacentres: [
                Datacentre(name: "gra", timeZone: "Europe/Paris"), Datacentre(name: "rbx", timeZone: "Europe/Paris"),
            ], ranges: ["eco", "core"])
        let clock = loop.clock
        fleet = try SimulatedFleet.inMemory(inventory, clock: clock)
        let change = Change(name: "test", intents: [.shape(ShapingIntent(interface: "e0", egressRate: rate))])
        var policy = Policy(
            name: "test", waveSize: WaveSize(devices: 4, share: .percent(100)), soak: .seconds(40),
            watch: WatchRule(poll: .seconds(5), baseline: baseline),
            gates: gates ?? [
                GateRule(
                    name: "traffic", condition: .traffic(maximumDrop: .percent(30), minimumRate: BitsPerSecond(10_000)),
                    onFail: .rollBack),
                GateRule(name: "interfaces", condition: .interfaces, onFail: .rollBack),
                GateRule(name: "links", condition: .links, onFail: .pause),
            ], revertTimer: .minutes(10))
        if neighbour { policy.watch.also = WatchBeside(allLinks: true, ranges: ["core"]) }
        alter(&policy)
        let survey = Survey(
            drivers: DriverRegistry([driver(fleet)]), counters: SimulatedCounterSource(fleet), clock: clock)
        let timer = policy.revertTimer
        var surveyed = try loop.run {
            await survey.read(
                devices, for: change, revertTimer: timer, atOnce: 8, within: .seconds(30), progress: { _ in })
        }
        for (index, version) in firmware.enumerated() {
            guard case .target(var target) = surveyed[index].finding else { continue }
            target.firmware = version
            surveyed[index].finding = .target(target)
        }
        var planned = try Planner.plan(
            Planner.Input(
                tool: "test", now: clock.now(), inventory: inventory, inputs: [], change: change, policy: policy,
                limit: nil, surveyed: surveyed, loads: ["up": .known(.zero)]))
        if let restlessness {
            planned.history = TrafficHistory(
                before: baseline, after: policy.soak, spans: 20,
                spreads: devices.map { .init(device: $0.name, interface: "e0", deviation: restlessness) })
        }
        plan = try PlanFile(planned)
        id = try await store.create(plan: plan.bytes, digest: plan.digest, title: "test", by: "test", at: clock.now())
    }

    func lease(holder: String, lasting span: Timespan = .minutes(10)) async throws -> Lease {
        try await store.acquireLease(of: id, holder: holder, lasting: span, steal: true, at: clock.now())
    }

    func drive() async throws -> RolloutState { try await drive(under: try await lease(holder: "test")) }

    func drive(through driver: any DeviceDriver) async throws -> RolloutState {
        try await drive(under: try await lease(holder: "test"), through: driver)
    }

    func drive(
        under lease: Lease, through driver: (any DeviceDriver)? = nil, factsPerSnapshot: Int64 = 10_000,
        leaseTime: Timespan = .minutes(10),
        onEntry: @escaping @Sendable (JournalEntry) -> Void = { _ in },
        onWait: @escaping @Sendable (StoreError?) -> Void = { _ in }
    ) async throws -> RolloutState {
        var configuration = RolloutRunner.Configuration(holder: lease.holder)
        configuration.leaseTime = leaseTime
        configuration.tick = .seconds(1)
        configuration.waitsForOperator = false
        configuration.factsPerSnapshot = factsPerSnapshot
        let runner = RolloutRunner(
            rollout: id, plan: plan, from: try await store.state(of: id), lease: lease, configuration: configuration,
            store: store,
            performer: LocalStepPerformer(
                drivers: DriverRegistry([driver ?? SimulatedDriver(fleet)]), clock: clock, executor: loop),
            counters: SimulatedCounterSource(fleet), clock: SteadyClock(over: clock), onEntry: onEntry,
            onWait: onWait)
        return try loop.run { try await runner.run() }
    }

    /// A runner that loses its lease once this many entries are written: from then on it can write nothing.
    func driveAndDie(after entries: Int, factsPerSnapshot: Int64 = 10_000) async throws {
        let lease = try await lease(holder: "doomed")
        _ = try? await drive(under: lease, factsPerSnapshot: factsPerSnapshot) { entry in
            guard entry.sequence == entries else { return }
            loop.start {
                _ = try? await store.acquireLease(
                    of: id, holder: "killer", lasting: .minutes(10), steal: true, at: clock.now())
            }
        }
    }
}

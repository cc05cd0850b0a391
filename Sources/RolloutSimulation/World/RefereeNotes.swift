internal import RolloutEngine

/// What the referee knows and thinks. Pure.
struct RefereeNotes: Sendable {
    let plan: Plan
    let isHarmful: Bool
    let startedAt: Instant
    let keepsTrace: Bool
    /// The fold of what is durable.
    private(set) var state = RolloutState()
    private(set) var violation: Violation?
    private(set) var trace: [String] = []
    private(set) var digest = TraceDigest()
    private(set) var events = 0
    /// Devices that somebody changed by hand: what they hold is not the engine's affair.
    private(set) var edited: Set<DeviceName> = []
    /// Since when there are faults on devices.
    private(set) var faultSince: [DeviceName: [Fault: Instant]] = [:]
    /// The fence of the last fact of a runner.
    private var fence: Int64 = 0
    /// Since when the core link is full.
    private var coreFullSince: Instant?
    /// How many devices of another rollout are in debt of their peak.
    var othersInDebt = 0
    /// Who was watched when, and has carried which peak.
    var farm: FarmNotes
    private var soakSince: [Int: Instant] = [:]
    private var goesOnSince: Instant
    private let waveOf: [DeviceName: Wave]
    private let planned: [DeviceName: PlannedDevice]

    init(_ plan: Plan, isHarmful: Bool, startedAt: Instant, keepingTrace: Bool) {
        self.plan = plan
        self.isHarmful = isHarmful
        self.startedAt = startedAt
        keepsTrace = keepingTrace
        goesOnSince = startedAt
        farm = FarmNotes(plan, startedAt: startedAt)
        var waveOf: [DeviceName: Wave] = [:]
        for wave in plan.waves { for device in wave.devices { waveOf[device] = wave } }
        self.waveOf = waveOf
        planned = Dictionary(plan.devices.map { ($0.device.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Notes the first promise that was broken.
    mutating func broken(_ promise: String, _ detail: String, at now: Instant) {
        guard violation == nil else { return }
        violation = Violation(promise: promise, detail: detail, at: now - startedAt, entry: state.sequence)
        log(at: now) { _ in "BROKEN \(promise): \(detail)" }
    }

    /// Notes something for the trace.
    mutating func log(at now: Instant, _ text: (RefereeNotes) -> String) {
        events += 1
        digest.mix(UInt64(bitPattern: (now - startedAt).milliseconds))
        if keepsTrace { trace.append("\(now - startedAt)  \(text(self))") }
    }

    mutating func begin(_ fault: Fault, on device: DeviceName, at now: Instant) {
        faultSince[device, default: [:]][fault] = faultSince[device]?[fault] ?? now
    }

    mutating func end(_ fault: Fault, on device: DeviceName, at now: Instant) {
        if fault == .snmpSilent, let since = silentSince(device) { farm.wasSilent(device, from: since, to: now) }
        faultSince[device]?[fault] = nil
    }

    mutating func endFaults(at now: Instant) {
        for device in faultSince.keys { end(.snmpSilent, on: device, at: now) }  // in any order
        faultSince = [:]
    }

    mutating func coreIsFull(_ isFull: Bool, at now: Instant) {
        log(at: now) { _ in "the core link is \(isFull ? "full" : "free again")" }
        coreFullSince = isFull ? coreFullSince ?? now : nil
    }

    mutating func nobodyDrives(at now: Instant) { farm.nobodyDrives(at: now) }

    func silentSince(_ device: DeviceName) -> Instant? { faultSince[device]?[.snmpSilent] }

    mutating func edit(_ device: DeviceName, at now: Instant) {
        edited.insert(device)
        log(at: now) { _ in "somebody edits \(device)" }
    }

    // MARK: Facts

    /// - Parameter decidedAt: When it was decided, in true time: a process may stand still between deciding and writing.
    mutating func take(
        _ entry: JournalEntry, highestFence: Int64?, decidedAt: Instant, truth: FleetState, at now: Instant
    ) {
        guard violation == nil else { return }
        log(at: now) { _ in "\(entry.sequence) [\(entry.fence)] \(entry.fact)" }
        digest.mix(entry)
        let last = state.sequence
        if last == 5000 + Int64(plan.devices.count) * 50 { broken("liveness", "it writes and writes", at: now) }
        if entry.sequence != last + 1 { broken("P3", "entry \(entry.sequence) follows \(last)", at: now) }
        if entry.fence > 0, let highestFence, entry.fence != highestFence {
            broken("P4", "a fact was taken under fence \(entry.fence), the highest is \(highestFence)", at: now)
        }
        switch entry.fact {
        case .intent(let step) where step.kind == .push:
            checkPush(step, truth, now)
            checkFarm(step, decidedAt, now)
        case .intent(let step) where step.kind == .confirm && state[step.device].wanted == .base:
            broken("P2", "\(step.device) is confirmed although it has to go back", at: now)
        case .intent(let step) where step.kind == .rollBack:
            let device = state[step.device]
            if device.failure != nil && !device.hasEvidence {
                broken("evidence", "\(step.device) failed and is put back without evidence", at: now)
            }
        case .wavePassed(let wave): checkPassed(wave, truth, now)
        case .driving:
            goesOnSince = now
            // Whoever takes over watches a whole soak.
            for wave in soakSince.keys where state[wave: wave].judgedAt == nil {  // in any order
                soakSince[wave] = decidedAt
            }
        case .requested: goesOnSince = now
        case .soakStarted(let wave):
            soakSince[wave] = decidedAt
            for name in self.wave(wave)?.devices ?? [] where state[name].isUnsettled || isMissing(name) {
                broken("P8", "wave \(wave) soaks while \(name) is \(state[name].phase)", at: now)
            }
        default: break
        }
        if let complaint = farm.take(entry, before: state, silentSince: silentSince, at: now) {
            broken(complaint.promise, complaint.detail, at: now)
        }
        state.apply(entry)
        fence = max(fence, entry.fence)
        switch entry.fact {
        case .intent(let step) where step.kind == .push:
            checkCaps(step, now)
            if let complaint = farm.overCap(state, others: othersInDebt) { broken("debt", complaint, at: now) }
        case .outcome(let step, .done(_)) where step.kind == .confirm:
            demand(step.device, holds: .desired, "was confirmed", truth, now)
        case .outcome(let step, .found(.base)) where step.kind == .rollBack:
            demand(step.device, holds: .base, "was put back", truth, now)
        case .finished(let ending): checkEnd(ending, truth, now)
        default: break
        }
    }

    /// Only these facts are left of the journal.
    mutating func refold(_ entries: [JournalEntry], truth: FleetState, at now: Instant) {
        log(at: now) { "power is lost: \(entries.count) of \($0.state.sequence) entries are left" }
        state = RolloutState(folding: entries)
        for device in truth.devices where !edited.contains(device.name) {
            let isTouched = device.timer != nil || content(of: device) != .base
            if isTouched && state[device.name].attempts.isEmpty {
                broken("P5", "\(device.name) was changed, and the journal knows of no intent", at: now)
            }
        }
    }

    private func wave(_ index: Int) -> Wave? { plan.waves.first { $0.index == index } }

    private mutating func checkPush(_ step: DeviceStep, _ truth: FleetState, _ now: Instant) {
        let name = step.device
        if let pause = state.pauses.first {
            broken("P10", "\(name) is pushed while the rollout is paused: \(pause.reason.kind)", at: now)
        }
        if state.abortedAt != nil || state.ending != nil { broken("P10", "\(name) is pushed after the end", at: now) }
        let device = state[name]
        if device.phase != .waiting || device.wanted != .target {
            broken("P1", "\(name) is pushed while \(device.phase), wanted \(device.wanted)", at: now)
        }
        // Three in vain, and three that came too late for the patience with the first.
        if step.attempt > 6 { broken("P1", "\(name) is pushed for the \(step.attempt)th time", at: now) }
        guard let wave = waveOf[name] else { return broken("P11", "\(name) is in no wave", at: now) }
        for before in wave.after where state[wave: before].passedAt == nil {
            broken("P8", "wave \(wave.index) pushes before wave \(before) passed", at: now)
        }
        for (other, itsWave) in waveOf.sorted(by: { $0.key < $1.key }) where other != name && sharesDomain(other, name)
        {
            let it = state[other]
            let isUnproven = it.phase == .confirmed && state[wave: itsWave.index].passedAt == nil
            if it.isUnsettled || it.isUnknown || isUnproven {
                broken("P6", "\(name) is pushed while its pair \(other) is \(it.phase)", at: now)
            }
        }
        let failed = wave.devices.filter { state[$0].failure.map { $0.code != .drifted } ?? false }
        if failed.count > plan.policy.budgets.wave.devices {
            broken("budget", "\(name) is pushed although \(failed.count) of its wave failed", at: now)
        }
        let isLet = plan.policy.gates.isEmpty || !state[wave: wave.index].overridden.isEmpty
        if let since = silentSince(name), !isLet, now - max(since, goesOnSince) > plan.policy.watch.poll * 5 {
            broken("P8", "\(name) is pushed although its agent has been silent since \(since - startedAt)", at: now)
        }
        if let there = truth.devices.first(where: { $0.name == name }), !edited.contains(name) {
            if content(of: there) == .desired {
                broken("P1", "\(name) is pushed although it holds the change", at: now)
            }
        }
    }

    /// Whether a wave still has to wait for a device: not when its cohort is held.
    private func isMissing(_ name: DeviceName) -> Bool {
        guard state[name].phase == .waiting else { return false }
        return !state.cohortHolds.contains { $0.cohort == planned[name]?.cohort }
    }

    private mutating func checkFarm(_ step: DeviceStep, _ decidedAt: Instant, _ now: Instant) {
        if let cohort = planned[step.device]?.cohort, state.cohortHolds.contains(where: { $0.cohort == cohort }) {
            broken("cohort", "\(step.device) is pushed although \(cohort) is held", at: now)
        }
        let neighbours = plan.beside?.devices.map(\.name) ?? []
        for name in neighbours {
            guard let since = faultSince[name]?[.interfaceDown] else { continue }
            demandPause(for: name.rawValue, since, step, decidedAt, now)
        }
        if let since = coreFullSince { demandPause(for: "link core", since, step, decidedAt, now) }
    }

    /// What fails beside the waves pauses them within a few polls. Whoever went on after it began knew.
    private mutating func demandPause(
        for name: String, _ since: Instant, _ step: DeviceStep, _ decidedAt: Instant, _ now: Instant
    ) {
        guard since >= goesOnSince, decidedAt - since > plan.policy.watch.poll * 6 else { return }
        broken("beside", "\(step.device) is pushed although \(name) has failed since \(since - startedAt)", at: now)
    }

    private func sharesDomain(_ one: DeviceName, _ other: DeviceName) -> Bool {
        let domains = Set((planned[one]?.device.domains ?? []).filter { plan.policy.isolate.contains($0.kind) })
        return !domains.isDisjoint(with: planned[other]?.device.domains ?? [])
    }

    private mutating func checkCaps(_ step: DeviceStep, _ now: Instant) {
        let caps = plan.policy.inFlight
        let flying = plan.waves.flatMap(\.devices).filter { state[$0].isUnsettled }
        if flying.count > caps.overall {
            broken("cap", "\(flying.count) devices are in flight, the cap is \(caps.overall)", at: now)
        }
        guard let cap = caps.perDatacentre, let place = planned[step.device]?.device.datacentre else { return }
        let local = flying.count { planned[$0]?.device.datacentre == place }
        if local > cap { broken("cap", "\(local) devices of \(place) are in flight, the cap is \(cap)", at: now) }
    }

    private mutating func checkPassed(_ index: Int, _ truth: FleetState, _ now: Instant) {
        guard let wave = wave(index) else {
            return broken("P8", "wave \(index), which is not planned, passed", at: now)
        }
        let confirmed = wave.devices.filter { state[$0].phase == .confirmed }
        for name in wave.devices where state[name].isUnsettled || isMissing(name) {
            broken("P8", "wave \(index) passed while \(name) is \(state[name].phase)", at: now)
        }
        guard state[wave: index].overridden.isEmpty, !confirmed.isEmpty else { return }
        guard let soak = soakSince[index] else { return broken("P8", "wave \(index) passed without a soak", at: now) }
        // A fact is dated before it is written.
        if now - soak + .seconds(1) < wave.soak {
            broken("P8", "wave \(index) passed after \(now - soak) of \(wave.soak) of soak", at: now)
        }
        if plan.policy.gates.isEmpty { return }
        for name in confirmed {
            if let since = silentSince(name), since < soak {
                broken("P8", "wave \(index) passed although nothing was heard of \(name)", at: now)
            }
        }
        let holding = confirmed.filter { name in
            !edited.contains(name) && truth.devices.contains { $0.name == name && content(of: $0) == .desired }
        }
        // Only who was watched all along can have shown the harm.
        if isHarmful, !holding.isEmpty, wave.devices.allSatisfy({ !edited.contains($0) && silentSince($0) == nil }) {
            broken("P8", "wave \(index) passed although the change does harm to \(list(holding))", at: now)
        }
    }

    private func list(_ names: [DeviceName]) -> String { names.map(\.rawValue).joined(separator: ", ") }

    private mutating func checkEnd(_ ending: Ending, _ truth: FleetState, _ now: Instant) {
        for device in truth.devices where !edited.contains(device.name) {
            let known = state[device.name]
            if known.isUnsettled || known.isUnknown {
                broken("P2", "it ended (\(ending)) with \(device.name) \(known.phase)", at: now)
            }
            if device.timer != nil {
                broken("P2", "it ended (\(ending)) with a timer armed on \(device.name)", at: now)
            }
            if known.phase == .confirmed {
                demand(device.name, holds: .desired, "is confirmed at the end", truth, now)
            } else {
                demand(device.name, holds: .base, "is \(known.phase) at the end", truth, now)
            }
        }
    }

    private mutating func demand(
        _ name: DeviceName, holds wanted: Content, _ claim: String, _ truth: FleetState, _ now: Instant
    ) {
        guard !edited.contains(name), let device = truth.devices.first(where: { $0.name == name }) else { return }
        let found = content(of: device)
        if found != wanted { broken("P2", "\(name) \(claim), but holds \(found)", at: now) }
        if device.timer != nil { broken("P2", "\(name) \(claim), but its revert timer is armed", at: now) }
    }

    // MARK: Devices

    private enum Content { case base, desired, mixture }

    private func content(of device: SimulatedDevice) -> Content {
        guard let target = planned[device.name]?.target else { return .base }
        let names = Set(target.desired.sections.map(\.name))
        let held = DeviceConfig(sections: device.running.sections.filter { names.contains($0.name) })
        if held.isEquivalent(to: target.desired) { return .desired }
        return held.isEquivalent(to: target.base) ? .base : .mixture
    }

    mutating func changed(
        _ before: SimulatedDevice, _ after: SimulatedDevice, by controller: Controller?, truth: FleetState,
        at now: Instant
    ) {
        let name = after.name
        log(at: now) { notes in
            let timers = [before, after].map { $0.timer == nil ? "off" : "on" }.joined(separator: " -> ")
            let contents = [before, after].map { "\(notes.content(of: $0))" }.joined(separator: " -> ")
            return "\(controller?.name ?? "somebody") changes \(name): \(contents), timer \(timers)"
        }
        digest.mix(name.rawValue)
        guard let controller, violation == nil, !edited.contains(name) else { return }
        for fault in before.activeFaults {
            switch fault {
            // A session that was open before goes on.
            case .changedHostKey where isOlderThanAnySession(fault, on: name, now):
                broken("P12", "\(name) is changed although its host key changed", at: now)
            case .wrongHostname where isOlderThanAnySession(fault, on: name, now):
                broken("P11", "\(name) is changed although it is another device", at: now)
            default: break
            }
        }
        let (was, became) = (content(of: before), content(of: after))
        if before.running != after.running, became != .base, after.timer == nil {
            broken("P2", "\(name) is changed without a revert timer", at: now)
        }
        if before.timer != nil, after.timer == nil, became == .mixture {
            broken("P2", "\(name) is confirmed although it holds neither base nor target", at: now)
        }
        // A process that does not know yet that another took over may still finish a message.
        guard controller.lease.map({ $0.fence }) == fence else { return }
        let step = state[name].stepInFlight?.kind
        let needed: DeviceStep.Kind? =
            if before.timer == nil && after.timer != nil || was != became && became != .base {
                .push
            } else if became == .base { .rollBack } else if before.timer != nil && after.timer == nil { .confirm } else
            { nil }
        if let needed, step != needed {
            broken("P5", "\(name) is changed (\(needed)) and the journal says \(state[name].phase)", at: now)
        }
        if was == .desired && became == .desired && (before.timer == nil) == (after.timer == nil) {
            broken("P1", "\(name) is given the change that it holds", at: now)
        }
    }

    private func isOlderThanAnySession(_ fault: Fault, on device: DeviceName, _ now: Instant) -> Bool {
        guard let since = faultSince[device]?[fault] else { return false }
        let deadlines = plan.policy.deadlines
        return now - since > max(deadlines.push, deadlines.confirm, deadlines.rollBack) + .seconds(30)
    }

    // MARK: The end

    mutating func end(truth: FleetState, at now: Instant) {
        for device in truth.devices {
            let known = state[device.name]
            if device.timer != nil { broken("P2", "a timer is left armed on \(device.name)", at: now) }
            if edited.contains(device.name) { continue }
            if known.isUnsettled || known.isUnknown {
                broken("liveness", "everything is mended, and \(device.name) is still \(known.phase)", at: now)
            }
            if known.phase == .confirmed {
                demand(device.name, holds: .desired, "is confirmed", truth, now)
            } else {
                demand(device.name, holds: .base, "is \(known.phase)", truth, now)
            }
        }
        if state.ending == nil && edited.isEmpty {
            let reasons = state.pauses.map { "\($0.reason.kind): \($0.reason.detail)" }.joined(separator: "; ")
            broken("liveness", "everything is mended, and it does not come to an end: \(reasons)", at: now)
        }
    }
}

/// A number that differs when two traces do. FNV-1a over 64 bits.
struct TraceDigest: Sendable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func mix(_ number: UInt64) { value = (value ^ number) &* 0x100_0000_01B3 }
    mutating func mix(_ text: String) { for byte in text.utf8 { mix(UInt64(byte)) } }

    mutating func mix(_ entry: JournalEntry) {
        mix(UInt64(entry.sequence))
        mix(UInt64(entry.fence))
        switch entry.fact {
        case .intent(let step): mix(step.device.rawValue + step.kind.rawValue)
        case .outcome(let step, let result): mix(step.device.rawValue + step.kind.rawValue + "\(result)")
        case .paused(let reason): mix(reason.detail)
        case .judged(_, let verdict): mix(verdict.reason)
        case .alarm(let alarm): mix(alarm.reason)
        case .rollingBack(_, let devices, _): for name in devices { mix(name.rawValue) }
        case .requested(let request): mix(request.by)
        case .created, .driving, .waveStarted, .soakStarted, .wavePassed, .evidence, .finished, .cohortHeld,
            .peakCarried:
            mix(1)
        }
    }
}

internal import RolloutEngine

// What the referee asks before anything new begins, and before each step.
extension RefereeNotes {
    func wave(_ index: Int) -> Wave? { plan.waves.first { $0.index == index } }

    /// Nothing new begins while there is a reason to stand still.
    mutating func checkWork(_ what: String, _ decidedAt: Instant, _ now: Instant) {
        if let pause = journal.pauses.min(by: { $0.rawValue < $1.rawValue }) {
            broken("P10", "\(what) while the rollout is paused: \(pause)", at: now)
        }
        if journal.isAborted || journal.isEnded { broken("P10", "\(what) after the end", at: now) }
        if !journal.wantedBack.isEmpty { broken("back", "\(what) although somebody asked for a rollback", at: now) }
        if let wave = journal.waves.filter({ $0.value.isAlarmed }).keys.min() {
            broken("alarm", "\(what) although something failed in wave \(wave)", at: now)
        }
        if isStoreFull, !what.hasSuffix("soaks") { broken("P7", "\(what) although the store is full", at: now) }
        if let set = clockSetAt, decidedAt - set > .seconds(15) {
            broken("P9", "\(what) although the clock was set at \(set - startedAt)", at: now)
        }
        for (name, device) in journal.devices.sorted(by: { $0.key < $1.key }) {
            if device.isRiddle { broken("P2", "\(what) while nobody knows what \(name) holds", at: now) }
            if device.isWantedBack && device.mayHoldChange && device.standing != .strange {
                broken("back", "\(what) while \(name) has to be put back", at: now)
            }
        }
    }

    /// No step without a reason, and one at a time.
    mutating func checkStep(_ step: DeviceStep, _ date: Instant, _ now: Instant) {
        let name = step.device
        let device = journal[name]
        if let open = device.open { broken("P1", "\(name): \(step.kind) begins during \(open.kind)", at: now) }
        if let quiet = journal.quiet, quiet.devices.contains(name), date < quiet.from {
            broken("P4", "\(name): \(step.kind) begins while something may be on its way to it", at: now)
        }
        if let until = device.restsUntil, date < until {
            broken("P13", "\(name): \(step.kind) begins \(until - date) too early after it failed", at: now)
        }
        switch step.kind {
        case .push, .observe: break
        case .confirm:
            if device.standing != .applied || device.isWantedBack || device.failure != nil {
                broken("P2", "\(name) is confirmed although it is \(words(device))", at: now)
            }
        case .rollBack:
            if device.standing != .amiss && !device.isWantedBack && !device.mayBeGivenUp {
                broken("back", "\(name) is put back although it is \(words(device))", at: now)
            }
            if device.failure != nil && !device.hasEvidence {
                broken("evidence", "\(name) failed and is put back without evidence", at: now)
            }
            checkWayBack(of: name, now)
        }
    }

    private func words(_ device: DeviceNotes) -> String {
        "\(device.standing)\(device.isWantedBack ? ", to go back" : "")\(device.failure == nil ? "" : ", failed")"
    }

    /// The way back is the way there in reverse order, as far as nothing fails on it.
    private mutating func checkWayBack(of name: DeviceName, _ now: Instant) {
        guard let wave = waveOf[name], let place = plan.waves.firstIndex(of: wave) else { return }
        let later = plan.waves[(place + 1)...].flatMap(\.devices) + wave.devices.drop { $0 != name }.dropFirst()
        let first = later.first { other in
            let it = journal[other]
            return it.isWantedBack && it.standing == .confirmed && it.open == nil && it.failure == nil
                && !it.mayBeGivenUp
        }
        if let first { broken("back", "\(name) is put back before \(first), which was changed after it", at: now) }
    }

    mutating func checkPush(_ step: DeviceStep, _ truth: FleetState, _ decidedAt: Instant, _ now: Instant) {
        let name = step.device
        let device = journal[name]
        if !device.mayBePushed { broken("P1", "\(name) is pushed although it is \(words(device))", at: now) }
        // Three in vain, and three that came too late for the patience with the first.
        if device.pushes >= 6 { broken("P1", "\(name) is pushed for the \(device.pushes + 1)th time", at: now) }
        guard let wave = waveOf[name] else { return broken("P11", "\(name) is in no wave", at: now) }
        for before in waves(before: wave) {
            let isPassed = journal[wave: before.index].hasPassed || before.devices.allSatisfy(isHeld)
            if !isPassed { broken("P8", "wave \(wave.index) pushes before wave \(before.index) passed", at: now) }
            if let open = before.devices.first(where: { journal[$0].isMissing && !isHeld($0) }) {
                broken("P8", "wave \(wave.index) pushes before \(open) of wave \(before.index)", at: now)
            }
        }
        checkPair(of: name, now)
        if let domain = others.domain, planned[name]?.device.domains.contains(domain) == true {
            broken("P6", "\(name) is pushed while another rollout holds its \(domain)", at: now)
        }
        let failed = wave.devices.filter { journal[$0].failure.map { $0.code != .drifted } ?? false }
        if failed.count > plan.policy.budgets.wave.devices {
            broken("budget", "\(name) is pushed although \(failed.count) of its wave failed", at: now)
        }
        if let since = waveSince[wave.index], journal[wave: wave.index].verdicts == nil,
            decidedAt - since > plan.policy.deadlines.wave + .seconds(30)
        {
            broken("deadline", "\(name) is pushed \(decidedAt - since) after its wave began", at: now)
        }
        checkHearing(of: name, in: wave, decidedAt, now)
        if let there = truth.devices.first(where: { $0.name == name }), !edited.contains(name) {
            if content(of: there) == .desired {
                broken("P1", "\(name) is pushed although it holds the change", at: now)
            }
            if there.timer != nil { broken("P1", "\(name) is pushed although its revert timer is armed", at: now) }
        }
    }

    /// All waves that come before one.
    private func waves(before wave: Wave) -> [Wave] {
        var found: Set<Int> = []
        var open = wave.after
        while let next = open.popLast() {
            if found.insert(next).inserted { open += self.wave(next)?.after ?? [] }
        }
        return found.sorted().compactMap { self.wave($0) }
    }

    private mutating func checkPair(of name: DeviceName, _ now: Instant) {
        for (other, itsWave) in waveOf.sorted(by: { $0.key < $1.key }) where other != name && sharesDomain(other, name)
        {
            let it = journal[other]
            let isUnproven = it.standing == .confirmed && !journal[wave: itsWave.index].hasPassed
            let isOutOfReach = it.standing == .asBefore && it.failure?.isPassing == true
            if it.isOnItsWay || it.standing == .strange || isUnproven || isOutOfReach {
                broken("P6", "\(name) is pushed while its pair \(other) is \(words(it))", at: now)
            }
        }
    }

    private func sharesDomain(_ one: DeviceName, _ other: DeviceName) -> Bool {
        let domains = Set((planned[one]?.device.domains ?? []).filter { plan.policy.isolate.contains($0.kind) })
        return !domains.isDisjoint(with: planned[other]?.device.domains ?? [])
    }

    /// What is pushed can be judged: there is a time to compare with, and the agents speak.
    private mutating func checkHearing(of name: DeviceName, in wave: Wave, _ decidedAt: Instant, _ now: Instant) {
        guard !plan.policy.gates.isEmpty, journal[wave: wave.index].overridden.isEmpty else { return }
        let poll = plan.policy.watch.poll
        if let since = silentSince(name), now - max(since, goesOnSince) > poll * 5 {
            broken("P8", "\(name) is pushed although its agent has been silent since \(since - startedAt)", at: now)
        }
        let isFirst = wave.devices.allSatisfy { !journal[$0].mayHoldChange && !journal[$0].hasBegun }
        // While peaks are waited for, agents are read more seldom; and what is dated by a clock that was set may be older.
        if isFirst, !clockWasSet, plan.policy.peak == nil, let since = hearing.watchedSince, since > stoodStillUntil,
            decidedAt - since < plan.policy.watch.baseline - .seconds(5)
        {
            broken("P8", "\(name) is pushed \(decidedAt - since) after readings began", at: now)
        }
        let polls = Int(plan.policy.watch.baseline.milliseconds / poll.milliseconds)
        // A process looks around every few seconds, unless it stood still.
        let seen = decidedAt - (decidedAt - stoodStillUntil > .seconds(6) ? .seconds(6) : poll * 2)
        if isFirst, !clockWasSet, plan.policy.peak == nil,
            let heard = hearing.mostAnswered(of: name, among: polls, surelySeenBy: seen), heard * 3 < polls * 2
        {
            broken("P8", "\(name) is pushed although it was heard in \(heard) of \(polls) polls", at: now)
        }
    }

    /// Whether somebody held the cohort of a device, which is then not waited for.
    func isHeld(_ name: DeviceName) -> Bool { cohort(of: name).map { journal.holds[$0] != nil } ?? false }

    private func cohort(of name: DeviceName) -> Cohort? {
        guard let target = planned[name]?.target, let model = target.model, let firmware = target.firmware,
            !model.isEmpty, !firmware.isEmpty
        else { return nil }
        return Cohort(model: model, firmware: firmware)
    }

    /// Whether a wave still has to wait for a device.
    func isOpen(_ name: DeviceName) -> Bool {
        journal[name].isOnItsWay || journal[name].isMissing && !isHeld(name)
    }

    mutating func checkCohort(_ step: DeviceStep, _ now: Instant) {
        if let cohort = cohort(of: step.device) {
            if isHeld(step.device) { broken("cohort", "\(step.device) is pushed although \(cohort) is held", at: now) }
            let failed = journal.devices.filter { name, device in
                let isFailed = device.failure.map { $0.code != .drifted } ?? journal.failedAtGates.contains(name)
                return isFailed && self.cohort(of: name) == cohort && !journal.excused.contains(name)
            }
            if let rule = plan.policy.cohorts, failed.count >= rule.failures {
                broken("cohort", "\(step.device) is pushed although \(failed.count) of \(cohort) failed", at: now)
            }
        }
    }

    mutating func checkCaps(_ step: DeviceStep, _ now: Instant) {
        let caps = plan.policy.inFlight
        let all = plan.waves.flatMap(\.devices)
        if step.kind == .rollBack {
            let count = all.count { journal[$0].open?.kind == .rollBack }
            if count > caps.overall {
                broken("cap", "\(count) devices are being put back, the cap is \(caps.overall)", at: now)
            }
        }
        guard step.kind == .push else { return }
        let flying = all.filter { journal[$0].isOnItsWay }
        if flying.count > caps.overall {
            broken("cap", "\(flying.count) devices are in flight, the cap is \(caps.overall)", at: now)
        }
        guard let cap = caps.perDatacentre, let place = planned[step.device]?.device.datacentre else { return }
        let local = flying.count { planned[$0]?.device.datacentre == place }
        if local > cap { broken("cap", "\(local) devices of \(place) are in flight, the cap is \(cap)", at: now) }
    }

    /// Nothing is put back without a reason, and whatever holds the change, or may, is put back with the rest.
    mutating func checkRollback(_ scope: RollbackScope, _ devices: [DeviceName], _ now: Instant) {
        if !isDue(scope) { broken("back", "\(scope) is put back for no reason", at: now) }
        let all =
            switch scope {
            case .devices(let names): names
            case .wave(let index): wave(index)?.devices ?? []
            case .all: plan.waves.flatMap(\.devices)
            }
        for name in all where journal[name].mayHoldChange && !devices.contains(name) {
            broken("back", "\(name) is forgotten, which is \(words(journal[name]))", at: now)
        }
        if let name = devices.first(where: { !all.contains($0) }) {
            broken("back", "\(name) is put back with \(scope)", at: now)
        }
    }

    /// Whether somebody asked for it, a gate that puts back failed, or too many devices did.
    private func isDue(_ scope: RollbackScope) -> Bool {
        if journal.wantedBack.contains(scope) { return true }
        guard case .wave(let index) = scope else { return false }
        let budget = plan.policy.budgets.wave
        let failed =
            wave(index)?.devices.count { name in
                journal[name].failure.map { $0.code != .drifted } ?? journal[name].mayBeGivenUp
            } ?? 0
        return journal[wave: index].hasToGoBack || budget.reaction == .rollBackWave && failed > budget.devices
    }
}

// How a runner reads counters, and what it makes of them: verdicts and alarms.
extension RolloutRunner {
    /// Takes in what the agents said. All of it at once and not too often: judging is work for the whole wave.
    func lookAtReadings() async throws(StoreError) {
        let now = clock.now()
        guard now >= lookAt else { return }
        // Soon again, as what fails has to be seen before more is pushed; but at most a quarter of the time is spent on it.
        defer {
            let pace = max(250, (clock.now() - now).milliseconds * 4)
            lookAt = now + .milliseconds(min(1000, plan.policy.watch.poll.milliseconds / 2, pace))
        }
        if reconciler.isQuiet(state) { quietUntil = now + plan.policy.watch.poll * (PeakDebt.slowness + 1) }
        await takeInReadings()
        // Also when nothing was read: what was seen a while ago is worth less.
        blindSpots = samples.blindSpots(of: watchedAgents, at: now, plan.policy.watch)
        guard hasNewReadings else { return }
        hasNewReadings = false
        var alarms = alarms()
        // One after the other: a wave reacts to one alarm at a time. What is only reported holds up nothing.
        if alarms.allSatisfy({ $0.action == .observe }), let beside = besideAlarm() { alarms.append(beside) }
        if !alarms.isEmpty { try await append(alarms.map(Fact.alarm)) }
    }

    private func takeInReadings() async {
        let readings = arrivals.take()
        guard !readings.isEmpty else { return }
        samples.append(readings)
        hasNewReadings = true
        // Samples are evidence, not the journal: without them gates pause, so a failure here stops nothing by itself.
        try? await store.append(samples: readings, to: id)
    }

    func judge(wave index: Int) async -> [Fact] {
        // Agents were read on while the store was away and nobody looked.
        await takeInReadings()
        guard let wave = plan.waves.first(where: { $0.index == index }),
            let input = gateInput(for: wave, until: clock.now())
        else { return [] }
        // The last reading of the soak comes up to a poll after its end; whoever does not answer is not waited for.
        let end =
            (state[wave: index].soakStartedAt ?? input.after.to)
            + (PlantedBug.isPlanted(.halvesSoak) ? .milliseconds(wave.soak.milliseconds / 2) : wave.soak)
        let isLate = input.after.to > end + plan.policy.watch.poll + Self.patienceWithAgents
        guard isLate || samples.reach(end, of: input.subjects) else { return [] }
        return GateEvaluator.judge(input).map { .judged(wave: index, $0) }
    }

    /// What is wrong right now with what is watched, beyond what was said before.
    func alarms() -> [Alarm] {
        guard state.ending == nil else { return [] }
        let now = clock.now()
        let looksBack = !state.isPaused && now >= lookBackAt && !PlantedBug.isPlanted(.leavesPassedWaves)
        if looksBack { lookBackAt = now + GateEvaluator.recentSpan(currentWatch) }
        return plan.waves.flatMap { wave -> [Alarm] in
            let waveState = state[wave: wave.index]
            let hasPassed = waveState.passedAt != nil
            guard waveState.startedAt != nil, waveState.rolledBackAt == nil, !hasPassed || looksBack,
                var input = gateInput(for: wave, until: now)
            else { return [] }
            // A wave that was let through stays watched as long as it is known what its devices carried before, or until it
            // has carried its peaks.
            if hasPassed {
                guard let reference = reference(for: wave, input) else { return [] }
                input = reference.put(into: input)
            }
            return (hasPassed ? GateEvaluator.relapses(input) : GateEvaluator.alarms(input))
                .filter { !waveState.overridden.contains($0.gate) }
                .map {
                    Alarm(
                        wave: wave.index, gate: $0.gate, action: $0.action, subjects: $0.subjects, reason: $0.reason,
                        findings: Array($0.findings.prefix(Self.keptFindings)), before: input.before)
                }
                .filter { alarm in
                    // Said once while the rollout goes on; said again after somebody let it go on, but not of a wave that
                    // had passed: that somebody knew. What was wrong before it passed was over then. What is only reported is said
                    // once of each that it is about.
                    let said = waveState.alarms.dropFirst(hasPassed ? waveState.alarmsBeforePass : 0).filter {
                        $0.gate == alarm.gate && $0.action == alarm.action
                    }
                    if hasPassed || alarm.action == .observe {
                        return !Set(alarm.subjects).isSubset(of: said.flatMap(\.subjects))
                    }
                    return said.isEmpty || !state.isPaused
                }
        }
    }

    /// What is wrong with what is watched beside the waves, beyond what was said since somebody last went on.
    private func besideAlarm() -> Alarm? {
        guard let besideWatch, state.ending == nil, !PlantedBug.isPlanted(.looksAwayBeside) else { return nil }
        let current =
            plan.waves.first { state[wave: $0.index].startedAt != nil && state[wave: $0.index].passedAt == nil }
            ?? plan.waves.first { state[wave: $0.index].passedAt == nil } ?? plan.waves.last
        guard let wave = current, !state[wave: wave.index].overridden.contains(BesideWatch.gate) else { return nil }
        let now = clock.now()
        let policy = plan.policy
        // As far back as readings are kept.
        let wentOn = max(state.goesOnSince ?? .distantPast, now - policy.deadlines.wave)
        let begun = plan.waves.compactMap { reconciler.endOfBefore(of: $0, state) }.max()
        let end = max(wentOn, begun ?? wentOn)
        return besideWatch.alarm(
            samples.samples(of: besideWatch.subjects, from: .distantPast),
            before: Verdict.Window(from: end - policy.watch.baseline, to: end), since: wentOn, until: now, beside: wave,
            currentWatch, notAgain: state.saidBeside)
    }

    func gateInput(for wave: Wave, until now: Instant) -> GateInput? {
        let waveState = state[wave: wave.index]
        guard let startedAt = waveState.startedAt else { return nil }
        let hasPassed = waveState.passedAt != nil
        let firstPush = reconciler.endOfBefore(of: wave, state) ?? now
        let group = ControlGroup(beside: wave, of: plan, in: state, startedAt: firstPush)
        let before = group.before
        let treated = reconciler.underTest(wave, state).filter {
            state[$0].changedAt != nil && state[$0].mayHoldTarget
                && !(PlantedBug.isPlanted(.judgesWithoutLast) && $0 == wave.devices.last)
        }
        let loaded = Set(wave.predicted.map(\.link))
        var changedAt: [DeviceName: Instant] = [:]
        for name in treated { changedAt[name] = state[name].changedAt }
        let control =
            hasPassed ? ControlGroup.some(of: group.devices, atMost: Self.enoughControl) : group.devices
        var input = GateInput(
            wave: wave, treated: treated.compactMap { planned[$0]?.device }, control: control,
            links: plan.links.filter { loaded.contains($0.link.name) }, rules: plan.policy.gates,
            watch: currentWatch, samples: [:], before: before,
            after: Verdict.Window(from: waveState.soakStartedAt ?? startedAt, to: now), changedAt: changedAt,
            history: plan.history)
        for name in treated { input.shapedRates[name] = planned[name]?.shapedRates }
        // A few polls more: whether the first reading of a window is fresh shows in the readings before it.
        let margin = plan.policy.watch.poll * 4
        let recent = now - GateEvaluator.recentSpan(input.watch) - margin
        let between =
            hasPassed && before.to + margin < recent ? Verdict.Window(from: before.to + margin, to: recent) : nil
        input.samples = samples.samples(of: input.subjects, from: before.from - margin, leavingOut: between)
        if !hasPassed { input.known = samples.known }
        return input
    }

    /// How agents are read: more seldom while all that is left is to wait for peaks, and until each of them was read once after.
    private var currentWatch: WatchRule {
        var watch = plan.policy.watch
        if quietUntil.map({ clock.now() < $0 }) ?? false { watch.poll = watch.poll * PeakDebt.slowness }
        return watch
    }

    /// What a wave that was let through is compared with. As long as its devices are in debt, readings from before are kept; where
    /// they were lost with the process, the first readings of the new one stand in for them.
    private func reference(for wave: Wave, _ input: GateInput) -> Reference? {
        let isKnown = samples.remembers(input.before.to, of: input.subjects)
        guard let debt = reconciler.debt, wave.devices.contains(where: { debt.isInDebt($0, in: state) }) else {
            references[wave.index] = nil
            return isKnown ? Reference(before: input.before, samples: [:]) : nil
        }
        if let known = references[wave.index], known.before == input.before || !isKnown { return known }
        var before = input.before
        if !isKnown {
            let end = input.after.to - GateEvaluator.recentSpan(input.watch)
            before = Verdict.Window(from: end - plan.policy.watch.baseline, to: end)
            guard samples.remembers(before.from, of: input.subjects) else { return nil }
        }
        let margin = plan.policy.watch.poll * 4
        let kept = samples.samples(of: input.subjects, from: before.from - margin).mapValues {
            $0.filter { $0.at <= before.to }
        }
        let reference = Reference(before: before, samples: kept)
        references[wave.index] = reference
        return reference
    }

    func restoreSamples() async {
        let now = clock.now()
        let poll = plan.policy.watch.poll
        // What was read before a gap is still the "before" of the waves that began then; and a peak may be under way.
        let peak = reconciler.debt?.beganAt(in: state, at: now).map { $0 - samples.gap } ?? now
        let start = min(now - samples.span, peak)
        let stored = ((try? await store.samples(of: id, since: start)) ?? []).filter { $0.at <= now }
        samples.append(stored)
        let isUnbroken = stored.last.map { now - $0.at < poll * 3 } ?? false
        watchedSince = isUnbroken ? SampleWindow.unbrokenStart(of: stored, allowing: poll * 3) : now
        blindSpots = samples.blindSpots(of: watchedAgents, at: now, plan.policy.watch)
    }

    func watchForever() async {
        let readings = PacedReadings(
            of: watchedAgents, every: plan.policy.watch.poll, from: counters, by: clock,
            slowness: { await self.slowness })
        await readings.run { [arrivals] in arrivals.add($0) }
    }

    /// How many times slower agents are read now.
    private var slowness: Int64 { reconciler.isQuiet(state) ? PeakDebt.slowness : 1 }

    func tickForever() async {
        while !Task.isCancelled {
            if isIdle, store.capabilities.notifies {
                // Nothing happens for a while, unless somebody says so.
                await store.waitForFacts(of: id, after: state.sequence, atMost: configuration.tick * 10)
            } else {
                await clock.sleep(until: clock.now() + configuration.tick * (isIdle ? 10 : 1))
            }
            guard !isTickPending else { continue }
            isTickPending = true
            inbox.yield(.tick)
        }
    }
}

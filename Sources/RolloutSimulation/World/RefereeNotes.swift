internal import RolloutEngine

/// What the referee knows and thinks. Pure.
///
/// It goes by the facts as it reads them itself (`JournalNotes`), by what devices truly hold, and by true time; never by what the
/// engine makes of them.
struct RefereeNotes: Sendable {
    let plan: Plan
    let isHarmful: Bool
    let startedAt: Instant
    let keepsTrace: Bool
    /// The engine's fold of what is durable: what screens and operators go by.
    private(set) var state = RolloutState()
    /// What the facts say.
    private(set) var journal: JournalNotes
    private(set) var violation: Violation?
    private(set) var trace: [String] = []
    var digest = TraceDigest()
    private(set) var events = 0
    /// Devices that somebody changed by hand: what they hold is not the engine's affair.
    private(set) var edited: Set<DeviceName> = []
    /// Since when there are faults on devices.
    private(set) var faultSince: [DeviceName: [Fault: Instant]] = [:]
    /// When an interface of each device was last down before it is now.
    private(set) var lastDown: [DeviceName: (from: Instant, to: Instant)] = [:]
    /// What was heard of whom.
    var hearing = HearingNotes()
    /// The fence of the last fact of a runner.
    private(set) var fence: Int64 = 0
    /// Since when the core link is full.
    private(set) var coreFullSince: Instant?
    /// Since when the link is full that the waves load.
    private(set) var uplinkFullSince: Instant?
    /// Whether the store has no room.
    var isStoreFull = false
    /// Until when some process stands still.
    private(set) var stoodStillUntil: Instant
    /// Since when a process has been driving.
    private(set) var drivenSince: Instant
    /// Since when the process that drives works with a clock that was set.
    private(set) var clockSetAt: Instant?
    /// When a clock was last set, by whatever span.
    private(set) var clockMovedAt: Instant?
    private var clockShift = Timespan.zero
    /// Whether some clock was set in this night, so that what is dated says little.
    private(set) var clockWasSet = false
    /// Until when the process that drove before may go on sending; nil when it gave its lease back.
    private var robbedUntil: Instant?
    /// The highest fence of a lease that was written, and of one of which a process heard: only that one has to outlive the machine.
    private var highestLease: Int64 = 0
    private var highestKnownLease: Int64 = 0
    /// What another rollout holds.
    var others = OtherRollout.Holding()
    /// When it last ended: what it claimed was given back.
    private var endedAt: Instant?
    /// Who was watched when, and has carried which peak.
    var farm: FarmNotes
    /// When steps began of which nothing has come yet.
    private var openSince: [DeviceName: Instant] = [:]
    /// When devices were last pushed.
    private(set) var pushedAt: [DeviceName: Instant] = [:]
    /// When waves were started, or somebody went on with them.
    private(set) var waveSince: [Int: Instant] = [:]
    private(set) var soakSince: [Int: Instant] = [:]
    /// The same as it is written down.
    private(set) var soakDate: [Int: Instant] = [:]
    /// When waves were opened, last.
    private(set) var openedAt: [Int: Instant] = [:]
    /// When devices were pushed for the first time.
    private(set) var firstPushedAt: [DeviceName: Instant] = [:]
    /// What devices truly held.
    var holding = HoldingNotes()
    private(set) var goesOnSince: Instant
    let waveOf: [DeviceName: Wave]
    let planned: [DeviceName: PlannedDevice]

    init(_ plan: Plan, isHarmful: Bool, startedAt: Instant, keepingTrace: Bool) {
        self.plan = plan
        self.isHarmful = isHarmful
        self.startedAt = startedAt
        keepsTrace = keepingTrace
        goesOnSince = startedAt
        drivenSince = startedAt
        stoodStillUntil = startedAt
        journal = JournalNotes(judgedBy: plan.policy.gates)
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
        if faultSince[device]?[fault] == nil { hearing.begins(fault, on: device) }
        faultSince[device, default: [:]][fault] = faultSince[device]?[fault] ?? now
    }

    mutating func end(_ fault: Fault, on device: DeviceName, at now: Instant) {
        if fault == .snmpSilent, let since = silentSince(device) {
            farm.wasSilent(device, from: since, to: now)
            hearing.isUnheard(device, until: now)
        }
        if fault == .interfaceDown, let since = faultSince[device]?[fault] {
            holding.wasDown(device, from: since, to: now)
            lastDown[device] = (since, now)
        }
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

    mutating func uplinkIsFull(_ isFull: Bool, at now: Instant) {
        log(at: now) { _ in "the uplink is \(isFull ? "full" : "free again")" }
        uplinkFullSince = isFull ? uplinkFullSince ?? now : nil
    }

    /// A process has nothing left to do, as far as it knows the journal.
    mutating func rests(after sequence: Int64, truth: FleetState, at now: Instant) {
        guard sequence == state.sequence else { return }
        if !journal.isEnded, let wave = journal.waves.filter({ $0.value.hasToGoBack }).keys.min() {
            broken("back", "nothing is done any more although wave \(wave) has to be put back", at: now)
        }
        for device in truth.devices where !edited.contains(device.name) {
            let notes = journal[device.name]
            if notes.standing == .strange {
                if !notes.hasEvidence { broken("evidence", "\(device.name) is left without evidence", at: now) }
                continue
            }
            // By a clock that was set its timer may be over before it is.
            if clockWasSet, notes.mayBeGivenUp { continue }
            if device.timer != nil || notes.isOnItsWay && !notes.mayBeGivenUp {
                broken("P2", "nothing is done any more although \(device.name) is \(notes.standing)", at: now)
            }
        }
    }

    /// A device restarts, and answers nothing for a while.
    mutating func restarts(_ device: DeviceName, taking span: Timespan, at now: Instant) {
        hearing.isUnheard(device, until: now + span)
        holding.restarts(device, at: now)
    }

    mutating func setsClock(by span: Timespan, at now: Instant) {
        clockWasSet = true
        clockMovedAt = now
        clockShift = clockShift + span
        let size = max(clockShift, .zero - clockShift)
        clockSetAt = size > .seconds(10) ? clockSetAt ?? now : nil
    }

    /// - Parameter date: The time, by the clock of who takes it.
    mutating func takeLease(
        _ lease: Lease, from previous: Lease?, stealing: Bool, at date: Instant, _ now: Instant
    ) {
        if lease.fence <= highestLease { broken("P4", "\(lease.holder) drives under an old fence", at: now) }
        highestLease = max(highestLease, lease.fence)
        robbedUntil = previous.flatMap { $0.holder == lease.holder ? nil : $0.expiresAt }
        if let previous, previous.holder != lease.holder, date < previous.expiresAt, !stealing {
            broken("P4", "\(lease.holder) takes the lease of \(previous.holder), which has not run out", at: now)
        }
    }

    mutating func knows(_ lease: Lease) { highestKnownLease = max(highestKnownLease, lease.fence) }

    mutating func standsStill(until instant: Instant) { stoodStillUntil = max(stoodStillUntil, instant) }

    mutating func nobodyDrives(at now: Instant) {
        openSince = [:]
        farm.nobodyDrives(at: now)
    }

    /// How long a driver may take for a step.
    var longestStep: Timespan {
        let deadlines = plan.policy.deadlines
        return max(deadlines.push, deadlines.confirm, deadlines.rollBack)
    }

    func silentSince(_ device: DeviceName) -> Instant? { faultSince[device]?[.snmpSilent] }

    mutating func edit(_ device: DeviceName, at now: Instant) {
        edited.insert(device)
        log(at: now) { _ in "somebody edits \(device)" }
    }

    // MARK: Facts

    /// - Parameter decidedAt: When it was decided, in true time: a process may stand still between deciding and writing.
    mutating func take(
        _ entry: JournalEntry, by process: String? = nil, highestFence: Int64?, decidedAt: Instant, truth: FleetState,
        at now: Instant
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
        checkOverdue(now)
        check(entry, by: process, decidedAt, truth, now)
        if let complaint = farm.take(entry, before: journal, silentSince: silentSince, at: now) {
            broken(complaint.promise, complaint.detail, at: now)
        }
        state.apply(entry)
        journal.take(entry)
        fence = max(fence, entry.fence)
        note(entry, decidedAt, now)
        switch entry.fact {
        case .intent(let step):
            checkCaps(step, now)
            if step.kind == .push, let complaint = farm.overCap(journal, others: others.debtors) {
                broken("debt", complaint, at: now)
            }
        case .finished(let ending):
            endedAt = decidedAt
            checkEnd(ending, truth, now)
        default: break
        }
    }

    /// What is wrong with a fact, before it is taken in.
    private mutating func check(
        _ entry: JournalEntry, by process: String?, _ decidedAt: Instant, _ truth: FleetState, _ now: Instant
    ) {
        switch entry.fact {
        case .intent(let step):
            checkStep(step, entry.at, now)
            if step.kind == .push {
                checkWork("\(step.device) is pushed", decidedAt, now)
                checkPush(step, truth, decidedAt, now)
                checkCohort(step, now)
            }
        case .outcome(let step, let result): checkOutcome(result, of: step, openSince[step.device], truth, now)
        case .driving(_, let quietFrom):
            let isOpen = journal.devices.contains { $0.value.open != nil }
            if isOpen, !clockWasSet, let until = robbedUntil, quietFrom ?? startedAt < until {
                broken("P4", "steps are asked after while who began them may still send", at: now)
            }
        case .waveStarted(let wave):
            checkWork("wave \(wave) starts", decidedAt, now)
            checkApprovals(of: wave, decidedAt, now)
        case .wavePassed(let wave):
            checkWork("wave \(wave) passes", decidedAt, now)
            checkPassed(wave, truth, now)
        case .soakStarted(let wave):
            checkWork("wave \(wave) soaks", decidedAt, now)
            for name in self.wave(wave)?.devices ?? [] where isOpen(name) {
                broken("P8", "wave \(wave) soaks while \(name) is \(journal[name].standing)", at: now)
            }
        case .judged(let wave, let verdict):
            checkVerdict(verdict, of: wave, by: process, lag: decidedAt - entry.at, now)
        case .rollingBack(let scope, let devices, _): checkRollback(scope, devices, now)
        default: break
        }
    }

    /// Notes when things happened, in true time.
    private mutating func note(_ entry: JournalEntry, _ decidedAt: Instant, _ now: Instant) {
        switch entry.fact {
        case .intent(let step):
            openSince[step.device] = decidedAt
            guard step.kind == .push else { break }
            pushedAt[step.device] = decidedAt
            firstPushedAt[step.device] = firstPushedAt[step.device] ?? decidedAt
        case .outcome(let step, _): openSince[step.device] = nil
        case .driving:
            openSince = [:]
            (goesOnSince, drivenSince, clockSetAt, clockShift) = (now, now, nil, .zero)
            for wave in waveSince.keys { waveSince[wave] = now }  // in any order
            // Whoever takes over watches a whole soak.
            for wave in soakSince.keys where !journal[wave: wave].isJudged {  // in any order
                soakSince[wave] = decidedAt
            }
        case .requested:
            goesOnSince = now
            for wave in waveSince.keys { waveSince[wave] = now }  // in any order
        case .waveStarted(let wave): (waveSince[wave], openedAt[wave]) = (decidedAt, decidedAt)
        case .soakStarted(let wave): (soakSince[wave], soakDate[wave]) = (decidedAt, entry.at)
        default: break
        }
    }

    /// Facts were written at once: what was decided together.
    ///
    /// - Parameter claims: What this rollout claims in the store then.
    mutating func tookTogether(_ entries: [JournalEntry], claims: Set<DomainClaim>?, at now: Instant) {
        if let claims { checkClaims(claims, now) }
        let kinds = entries.compactMap { if case .paused(let reason) = $0.fact { reason.kind } else { nil } }
        let putsBack = entries.contains { if case .rollingBack = $0.fact { true } else { false } }
        if kinds.contains(.gateFailed), let wave = journal.waves.filter({ $0.value.hasToGoBack }).keys.min() {
            broken("back", "wave \(wave) failed at a gate that puts it back, and it only pauses", at: now)
        }
        if kinds.contains(.budget), plan.policy.budgets.wave.reaction != .pause, !putsBack {
            broken("back", "more failed than a wave bears, and it only pauses", at: now)
        }
        if putsBack, journal.pauses.isEmpty { broken("P10", "something is put back, and it goes on", at: now) }
        let holds = entries.contains { if case .cohortHeld = $0.fact { true } else { false } }
        if holds, plan.policy.cohorts?.reaction == .pause, !journal.pauses.contains(.cohort) {
            broken("cohort", "a cohort is held, and it goes on", at: now)
        }
    }

    /// Who is changed holds its failure domains until it proved itself, against every other rollout.
    private mutating func checkClaims(_ claims: Set<DomainClaim>, _ now: Instant) {
        for wave in plan.waves where !journal[wave: wave.index].hasPassed {
            for name in wave.devices where journal[name].isOnItsWay || journal[name].standing == .confirmed {
                guard let pushed = pushedAt[name], pushed >= openedAt[wave.index] ?? pushed,
                    pushed > endedAt ?? startedAt
                else { continue }
                let domains = planned[name]?.device.domains.filter { plan.policy.isolate.contains($0.kind) } ?? []
                for domain in domains where !claims.contains(DomainClaim(domain: domain, device: name)) {
                    broken("P6", "\(name) is changed, and its \(domain) is free for others", at: now)
                }
            }
        }
    }

    /// A step that takes longer than it may, and a while.
    private mutating func checkOverdue(_ now: Instant) {
        let patience = longestStep + .minutes(2)
        for (name, since) in openSince where now - max(since, stoodStillUntil) > patience {  // in any order
            broken("P13", "a step on \(name) goes on for \(now - since)", at: now)
        }
    }

    /// What a process read of the journal, from a snapshot on, is what all its facts come to.
    mutating func begins(with known: RolloutState, at now: Instant) {
        guard known.sequence == state.sequence, known != state else { return }
        broken("P3", "a process begins with another state than the \(known.sequence) facts come to", at: now)
    }

    /// Only these facts are left of the journal.
    mutating func refold(_ entries: [JournalEntry], truth: FleetState, at now: Instant) {
        log(at: now) { "power is lost: \(entries.count) of \($0.state.sequence) entries are left" }
        state = RolloutState(folding: entries)
        journal = JournalNotes(judgedBy: plan.policy.gates)
        for entry in entries { journal.take(entry) }
        openSince = [:]
        highestLease = highestKnownLease
        for device in truth.devices where !edited.contains(device.name) {
            let isTouched = device.timer != nil || content(of: device) != .base
            if isTouched && journal.devices[device.name] == nil {
                broken("P5", "\(device.name) was changed, and the journal knows of no intent", at: now)
            }
        }
    }
}

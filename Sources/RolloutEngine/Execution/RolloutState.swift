/// All that is known of a rollout: the fold of its journal. Nothing else ever changes it.
///
/// Whoever changes what facts come to, or what is stored of it, raises `StateSnapshot.version`.
public struct RolloutState: Hashable, Codable, Sendable {
    /// The sequence of the last entry that was applied; 0 before the first.
    public private(set) var sequence: Int64 = 0
    /// When the rollout was created.
    public private(set) var createdAt: Instant?
    /// Who created it.
    public private(set) var createdBy: String?
    /// The digest of its plan.
    public private(set) var planDigest: Digest?
    /// Who drove it last.
    public private(set) var driver: String?
    /// When it took the lease.
    public private(set) var drivenSince: Instant?
    /// When somebody last said to go on, or took it over: silence from before that may have been mended.
    public private(set) var goesOnSince: Instant? {
        didSet { if !PlantedBug.isPlanted(.saysBesideOnce) { saidBeside = [] } }
    }
    /// When the first wave began.
    public private(set) var startedAt: Instant?
    /// When the last entry was written: the latest time that any of them has.
    public private(set) var lastEntryAt: Instant?
    /// The devices that something was recorded about; every other one is waiting.
    private var touched: [DeviceName: DeviceState] = [:]
    /// The waves that something was recorded about.
    private var waveStates: [Int: WaveState] = [:]
    /// Why it stands still: at most one of each kind, in the order in which they came.
    public private(set) var pauses: [Pause] = []
    /// The cohorts to which nothing more is pushed, in the order in which they were held.
    public private(set) var cohortHolds: [CohortHold] = []
    /// The devices that were found failed at gates, and those gates, since failed devices were last taken up again.
    private(set) var gateFailures: [DeviceName: Set<GateName>] = [:]
    /// Failed devices for which a cohort was held and released: they do not hold it again.
    private(set) var excused: Set<DeviceName> = []
    /// What failed beside the waves since somebody last said to go on, or took it over.
    public private(set) var saidBeside: Set<String> = []
    /// The rollback scopes that were decided, in order, each with its reason.
    public private(set) var rollbacks: [Rollback] = []
    /// What operators asked for and the engine has not acted on yet.
    public private(set) var openRequests: [OperatorRequest] = []
    /// Who let it, or a wave of it, begin, the newest word of each; a wave that is put back needs them anew.
    public private(set) var approvals: [Approval] = []
    /// When an operator first said to stop for good.
    public private(set) var abortedAt: Instant?
    /// How it ended, and when.
    public private(set) var ending: Ending?
    /// When it ended.
    public private(set) var endedAt: Instant?

    /// A rollout of which nothing is known yet.
    public init() {}

    /// The fold over entries in their order.
    public init(folding entries: some Sequence<JournalEntry>) {
        for entry in entries { apply(entry) }
    }

    /// Takes out the devices for which this is true; `putBack` puts them back.
    mutating func takeOut(_ isTaken: (DeviceName, DeviceState) -> Bool) {
        touched = touched.filter { !isTaken($0.key, $0.value) }
    }

    /// Puts back devices that were taken out.
    mutating func putBack(_ devices: [(DeviceName, DeviceState)]) {
        touched.reserveCapacity(touched.count + devices.count)
        for (name, device) in devices { touched[name] = device }
    }

    /// Where a device stands.
    public subscript(device: DeviceName) -> DeviceState { touched[device] ?? DeviceState() }
    /// Where a wave stands.
    public subscript(wave wave: Int) -> WaveState { waveStates[wave] ?? WaveState() }

    /// Whether nothing new may be started.
    public var isPaused: Bool { !pauses.isEmpty }
    /// The pause of a kind, if there is one.
    public func pause(_ kind: PauseReason.Kind) -> Pause? { pauses.first { $0.reason.kind == kind } }

    /// A pause and since when.
    public struct Pause: Hashable, Codable, Sendable {
        /// Why.
        public var reason: PauseReason
        /// Since when.
        public var since: Instant
    }

    /// A rollback that was decided.
    public struct Rollback: Hashable, Codable, Sendable {
        /// What is put back.
        public var scope: RollbackScope
        /// Why.
        public var because: String
        /// When it was decided.
        public var at: Instant
    }
}

/// Where one wave stands.
public struct WaveState: Hashable, Codable, Sendable {
    /// When its first device was allowed to start.
    public var startedAt: Instant?
    /// When it was opened, last: what was changed before has proved itself.
    public var openedAt: Instant?
    /// When its last device was settled and it began to prove itself.
    public var soakStartedAt: Instant?
    /// The verdicts at the end of its soak, the newest of each gate. Of a wave that passed, what was found stays in the journal
    /// alone once a later one is judged.
    public var verdicts: [Verdict] = []
    /// When they were reached.
    public var judgedAt: Instant?
    /// How often each gate came out how since the wave began to prove itself, for the limits of gates.
    public var outcomes: [GateName: OutcomeCounts] = [:]
    /// What went wrong while it was in flight or soaking.
    public var alarms: [Alarm] = []
    /// How many of them were given before it was let through.
    var alarmsBeforePass = 0
    /// The alarm that nobody has reacted to yet.
    public var openAlarm: Alarm?
    /// The gates that an operator overrode.
    public var overridden: [GateName] = []
    /// When it was let through.
    public var passedAt: Instant?
    /// When it was decided to put it back.
    public var rolledBackAt: Instant?

    /// A wave that has not started, or one that starts now.
    public init(startedAt: Instant? = nil, overridden: [GateName] = []) {
        self.startedAt = startedAt
        openedAt = startedAt
        self.overridden = overridden
    }

    /// Something went wrong: of what goes wrong at once the strongest action is taken, for the first reason that asks for it.
    mutating func take(_ alarm: Alarm) {
        alarms.append(alarm)
        if alarm.action == .observe { return }
        if openAlarm == nil || alarm.action == .rollBack && openAlarm?.action != .rollBack { openAlarm = alarm }
    }

    /// It is let through.
    mutating func pass(at now: Instant) {
        passedAt = now
        alarmsBeforePass = alarms.count
    }

    /// What was found on each of its devices is much, and nobody asks for it once it passed and another wave is judged.
    mutating func leaveFindingsToJournal() {
        guard passedAt != nil else { return }
        for index in verdicts.indices where !verdicts[index].findings.isEmpty || verdicts[index].basis != nil {
            verdicts[index].findings = []
            verdicts[index].basis = nil
        }
    }

    /// An operator says to go on: what was judged without passing is judged anew after another soak, and the time that was
    /// spent standing still does not count against the wave's deadline.
    mutating func goOn(at now: Instant) {
        guard startedAt != nil, passedAt == nil else { return }
        startedAt = now
        openAlarm = nil
        guard judgedAt != nil else { return }
        soakStartedAt = nil
        judgedAt = nil
        verdicts = []
        outcomes = [:]
    }

    /// It begins to prove itself, or does so once more where its gates bear that they did not pass.
    mutating func soak(from now: Instant) {
        soakStartedAt = now
        judgedAt = nil
        verdicts = []
    }

    /// Another runner goes on with it: the time in which nobody drove does not count against its deadline. Nor is it a soak, and
    /// how long it was nobody can tell, as clocks can be set: the new runner watches a whole one.
    mutating func takeUp(at now: Instant) {
        if judgedAt == nil && passedAt == nil && !PlantedBug.isPlanted(.soaksUnwatched) { soakStartedAt = nil }
        if startedAt != nil && passedAt == nil && soakStartedAt == nil { startedAt = now }
    }

    /// Some of its devices are taken up again: it has to prove itself anew.
    mutating func beginAgain(at now: Instant) {
        guard startedAt != nil, passedAt == nil else { return }
        goOn(at: now)
        if !PlantedBug.isPlanted(.soaksOnAfterRetry) { soakStartedAt = nil }
        rolledBackAt = nil
        outcomes = [:]
    }
}

extension RolloutState {
    /// Takes in one fact. Entries that were applied before are passed over, so that replaying twice is replaying once.
    public mutating func apply(_ entry: JournalEntry) {
        guard entry.sequence > sequence else { return }
        sequence = entry.sequence
        lastEntryAt = max(lastEntryAt ?? entry.at, entry.at)
        let now = entry.at
        switch entry.fact {
        case .created(let digest, let actor):
            createdAt = now
            createdBy = actor
            planDigest = digest
        case .driving(let holder, let quietFrom):
            driver = holder
            drivenSince = now
            goesOnSince = now
            changeAll {
                $0.loseSight(at: now, quietFrom: quietFrom)
                $0.askAgain(at: now)
            }
            for wave in waveStates.keys { waveStates[wave]?.takeUp(at: now) }  // in any order
        case .waveStarted(let wave):
            startedAt = startedAt ?? now
            let overridden = self[wave: wave].overridden
            waveStates[wave] = WaveState(startedAt: now, overridden: overridden)
            changeAll { $0.beginAfresh() }
        case .intent(let step):
            touched[step.device, default: DeviceState()].begin(step, at: now)
        case .outcome(let step, let result):
            // An outcome that arrives after sight was lost is still what happened.
            touched[step.device, default: DeviceState()].take(result, of: step, at: now)
        case .soakStarted(let wave):
            waveStates[wave, default: WaveState()].soak(from: now)
        case .judged(let wave, let verdict):
            for earlier in waveStates.keys where earlier < wave {  // in any order
                waveStates[earlier]?.leaveFindingsToJournal()
            }
            waveStates[wave, default: WaveState()].verdicts.removeAll { $0.gate == verdict.gate }
            waveStates[wave, default: WaveState()].verdicts.append(verdict)
            waveStates[wave, default: WaveState()].outcomes[verdict.gate, default: OutcomeCounts()].add(verdict.outcome)
            waveStates[wave, default: WaveState()].judgedAt = now
            if verdict.outcome == .fail { noteFailures(verdict.findings, at: verdict.gate, now) }
        case .alarm(let alarm):
            waveStates[alarm.wave, default: WaveState()].take(alarm)
            if alarm.gate == BesideWatch.gate {
                saidBeside.formUnion(alarm.subjects)
            } else if alarm.action != .observe {
                noteFailures(alarm.findings, at: alarm.gate, now)
            }
        case .cohortHeld(let cohort, let failed):
            let since = cohortHolds.first { $0.cohort == cohort }?.since
            cohortHolds.removeAll { $0.cohort == cohort }
            cohortHolds.append(CohortHold(cohort: cohort, failed: failed, since: since ?? now))
        case .wavePassed(let wave):
            waveStates[wave, default: WaveState()].pass(at: now)
        case .paused(let reason):
            pauses.removeAll { $0.reason.kind == reason.kind }
            pauses.append(Pause(reason: reason, since: now))
            // Who stands still for another reason has not reacted to an alarm yet.
            guard
                [.gateFailed, .gateUnclear, .beside].contains(reason.kind)
                    || PlantedBug.isPlanted(.anyPauseAnswersAlarm)
            else { break }
            for wave in waveStates.keys { waveStates[wave]?.openAlarm = nil }  // in any order
        case .rollingBack(let scope, let devices, let because):
            rollbacks.append(Rollback(scope: scope, because: because, at: now))
            openRequests.removeAll { $0.verb == .rollBack(scope) }
            for device in devices { touched[device, default: DeviceState()].wanted = .base }
            if case .wave(let wave) = scope { waveStates[wave, default: WaveState()].rolledBackAt = now }
            approvals.removeAll { scope == .all || $0.wave.map { scope == .wave($0) } ?? false }
        case .peakCarried(_, let peak, let devices):
            for device in devices {
                touched[device, default: DeviceState()].peaksCarried += 1
                touched[device, default: DeviceState()].peakEndedAt = peak.to
            }
        case .evidence(let device, _):
            touched[device, default: DeviceState()].hasEvidence = true
        case .requested(let request):
            take(request, at: now)
        case .finished(let ending):
            self.ending = ending
            endedAt = now
        }
    }

    /// Changes every device in its place, in any order.
    private mutating func changeAll(_ change: (inout DeviceState) -> Void) {
        for index in touched.values.indices { change(&touched.values[index]) }
    }

    private mutating func take(_ request: OperatorRequest, at now: Instant) {
        switch request.verb {
        case .pause:
            guard pause(.operator) == nil else { return }
            let detail = "\(request.by) asked" + (request.reason.map { ": \($0)" } ?? "")
            pauses.append(Pause(reason: PauseReason(.operator, detail), since: now))
        case .resume(let kind):
            goesOnSince = now
            pauses.removeAll { kind == nil || $0.reason.kind == kind || PlantedBug.isPlanted(.resumeTakesAll) }
            if PlantedBug.isPlanted(.resumeUndoesAbort) { abortedAt = nil }
            if PlantedBug.isPlanted(.resumeReleasesCohorts) { cohortHolds = [] }
            for wave in waveStates.keys { waveStates[wave]?.goOn(at: now) }  // in any order
            changeAll { $0.askAgain(at: now) }
        case .promote(let wave, let gates):
            goesOnSince = now
            var state = waveStates[wave, default: WaveState()]
            state.overridden += gates.filter { !state.overridden.contains($0) }
            state.openAlarm = nil
            waveStates[wave] = state
            pauses.removeAll {
                $0.reason.kind == .gateFailed || $0.reason.kind == .gateUnclear
                    || $0.reason.kind == .beside && gates.contains(BesideWatch.gate)
            }
        case .approve(let wave):
            approvals.removeAll { $0.wave == wave && $0.by == request.by }
            approvals.append(Approval(wave: wave, by: request.by, at: now))
        case .withdraw(let wave):
            if PlantedBug.isPlanted(.keepsWithdrawn) { break }
            approvals.removeAll { $0.wave == wave && $0.by == request.by }
        case .abort:
            abortedAt = abortedAt ?? now
        case .rollBack:
            openRequests.append(request)
            endingReopened()
        case .release(let cohort):
            goesOnSince = now
            for hold in cohortHolds where hold.cohort == cohort && !PlantedBug.isPlanted(.holdsReleasedAgain) {
                excused.formUnion(hold.failed)
            }
            cohortHolds.removeAll { $0.cohort == cohort }
            pauses.removeAll { $0.reason.kind == .cohort }
        case .retryFailed:
            goesOnSince = now
            cohortHolds = []
            gateFailures = [:]
            excused = []
            changeAll { $0.takeUpAgain(at: now) }
            for wave in waveStates.keys { waveStates[wave]?.beginAgain(at: now) }  // in any order
            pauses.removeAll { $0.reason.kind != .operator }
            endingReopened()
        }
    }

    /// Findings are about a device, or one of its interfaces: `gra-eco-05 eth0`.
    private mutating func noteFailures(_ findings: [Verdict.Finding], at gate: GateName, _ now: Instant) {
        for finding in findings where finding.failed && !finding.isControl && finding.isBeside != true {
            let name = DeviceName(rawValue: String(finding.subject.prefix { $0 != " " }))
            gateFailures[name, default: []].insert(gate)
            touched[name]?.owePeaks(since: now)
        }
    }

    /// A rollback or a retry of an ended rollout opens it again.
    private mutating func endingReopened() {
        ending = nil
        endedAt = nil
        abortedAt = nil
    }
}

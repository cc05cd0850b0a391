internal import RolloutEngine

/// What the journal says, as the referee reads it: apart from the engine's own fold, so that a mistake in that one shows. Pure.
struct JournalNotes: Sendable {
    private let rules: [GateRule]
    private(set) var devices: [DeviceName: DeviceNotes] = [:]
    private(set) var waves: [Int: WaveNotes] = [:]
    private(set) var pauses: Set<PauseReason.Kind> = []
    private(set) var isAborted = false
    private(set) var isEnded = false
    /// Scopes that an operator wants put back, and that nobody has answered yet.
    private(set) var wantedBack: [RollbackScope] = []
    /// The cohorts that are held, each for these devices.
    private(set) var holds: [Cohort: [DeviceName]] = [:]
    /// Failed devices for which a cohort was held and released.
    private(set) var excused: Set<DeviceName> = []
    /// Devices of which gates said that they fail, since failed ones were last taken up again.
    private(set) var failedAtGates: Set<DeviceName> = []
    /// Who approved what: the wave, or nil for the rollout, whose word, and when.
    private(set) var approvals: [(wave: Int?, by: String, at: Instant)] = []
    /// By when everything that the runner before this one sent has arrived, and who had a step under way then.
    private(set) var quiet: (from: Instant, devices: Set<DeviceName>)?

    init(judgedBy rules: [GateRule]) { self.rules = rules }

    subscript(device: DeviceName) -> DeviceNotes { devices[device] ?? DeviceNotes() }
    subscript(wave wave: Int) -> WaveNotes { waves[wave] ?? WaveNotes() }

    /// Whether a wave was started.
    var hasStarted: Bool { !waves.isEmpty }

    mutating func take(_ entry: JournalEntry) {
        switch entry.fact {
        case .driving(_, let quietFrom):
            quiet = quietFrom.map { from in
                (from, Set(devices.filter { $0.value.open != nil }.keys))
            }
            for name in devices.keys { devices[name]?.runnerIsGone() }  // in any order
            for wave in waves.keys where waves[wave]?.isJudged == false { waves[wave]?.verdicts = nil }  // in any order
        case .waveStarted(let wave): waves[wave] = WaveNotes(overridden: self[wave: wave].overridden)
        case .intent(let step): devices[step.device, default: DeviceNotes()].begin(step)
        case .outcome(let step, let result):
            devices[step.device, default: DeviceNotes()].take(result, of: step, at: entry.at)
        case .evidence(let name, _): devices[name, default: DeviceNotes()].hasEvidence = true
        case .soakStarted(let wave): waves[wave, default: WaveNotes()].verdicts = [:]
        case .judged(let wave, let verdict):
            waves[wave, default: WaveNotes()].verdicts?[verdict.gate] = verdict.outcome
            let rule = rules.first { $0.name == verdict.gate && !self[wave: wave].overridden.contains($0.name) }
            if verdict.outcome == .fail, rule?.onFail == .rollBack { waves[wave]?.hasFailed() }
            if verdict.outcome == .fail { noteFailures(verdict.findings, at: verdict.gate) }
        case .wavePassed(let wave): waves[wave, default: WaveNotes()].hasPassed = true
        case .alarm(let alarm):
            guard alarm.action != .observe else { break }
            waves[alarm.wave, default: WaveNotes()].isAlarmed = true
            noteFailures(alarm.findings, at: alarm.gate)
            if alarm.action == .rollBack { waves[alarm.wave]?.hasFailed() }
        case .cohortHeld(let cohort, let failed): holds[cohort] = failed
        case .paused(let reason):
            pauses.insert(reason.kind)
            guard [.gateFailed, .gateUnclear, .beside].contains(reason.kind) else { break }
            for wave in waves.keys { waves[wave]?.isAlarmed = false }  // in any order
        case .rollingBack(let scope, let names, _):
            wantedBack.removeAll { $0 == scope }
            for name in names { devices[name, default: DeviceNotes()].isWantedBack = true }
            if case .wave(let wave) = scope { waves[wave, default: WaveNotes()].goesBack() }
            approvals.removeAll { scope == .all || $0.wave.map { scope == .wave($0) } ?? false }
        case .requested(let request):
            take(request, at: entry.at)
        case .finished: isEnded = true
        case .created, .peakCarried: break
        }
    }

    private mutating func noteFailures(_ findings: [Verdict.Finding], at gate: GateName) {
        guard rules.contains(where: { $0.name == gate && $0.onFail != .observe }) else { return }
        for finding in findings where finding.failed && !finding.isControl && finding.isBeside != true {
            failedAtGates.insert(DeviceName(rawValue: String(finding.subject.prefix { $0 != " " })))
        }
    }

    private mutating func take(_ request: OperatorRequest, at now: Instant) {
        switch request.verb {
        case .pause: pauses.insert(.operator)
        case .resume(let kind):
            pauses = kind.map { pauses.subtracting([$0]) } ?? []
            for wave in waves.keys { waves[wave]?.goOn(anew: false) }  // in any order
            for name in devices.keys { devices[name]?.isAskedAnew() }  // in any order
        case .promote(let wave, let gates):
            pauses.subtract([.gateFailed, .gateUnclear])
            if gates.contains("beside") { pauses.remove(.beside) }
            let puttingBack = rules.filter { $0.onFail == .rollBack }.map(\.name)
            waves[wave, default: WaveNotes()].goOn(without: gates, puttingBack: puttingBack)
        case .approve(let wave): approvals.append((wave, request.by, now))
        case .withdraw(let wave): approvals.removeAll { $0.wave == wave && $0.by == request.by }
        case .abort: isAborted = true
        case .rollBack(let scope):
            wantedBack.append(scope)
            (isAborted, isEnded) = (false, false)
        case .release(let cohort):
            excused.formUnion(holds.removeValue(forKey: cohort) ?? [])
            pauses.remove(.cohort)
        case .retryFailed:
            holds = [:]
            excused = []
            failedAtGates = []
            pauses.formIntersection([.operator])
            (isAborted, isEnded) = (false, false)
            for name in devices.keys { devices[name]?.isTakenUpAgain() }  // in any order
            for wave in waves.keys { waves[wave]?.goOn(anew: true) }  // in any order
        }
    }
}

/// What the journal says of a wave.
struct WaveNotes: Sendable {
    var hasPassed = false
    /// The gates that an operator let it through without.
    var overridden: Set<GateName>
    /// How its gates came out since it began to soak; nil when it does not soak.
    var verdicts: [GateName: Verdict.Outcome]?
    /// Whether something failed that nobody has reacted to yet.
    var isAlarmed = false
    /// Whether something failed for which it has to be put back, and was not yet.
    var hasToGoBack = false
    /// Whether it was decided to put it back since it began, last.
    private(set) var isGoingBack = false

    init(overridden: Set<GateName> = []) { self.overridden = overridden }

    var isJudged: Bool { verdicts?.isEmpty == false }

    mutating func hasFailed() { hasToGoBack = !isGoingBack }

    mutating func goesBack() {
        isGoingBack = true
        hasToGoBack = false
    }

    /// An operator lets it through without some gates. It goes back all the same for what fails at the others.
    mutating func goOn(without gates: [GateName], puttingBack: [GateName]) {
        overridden.formUnion(gates)
        isAlarmed = false
        let open = puttingBack.filter { !overridden.contains($0) && verdicts?[$0] == .fail }
        hasToGoBack = hasToGoBack && !open.isEmpty
    }

    /// An operator says to go on, or to try again what failed.
    mutating func goOn(anew: Bool) {
        isAlarmed = false
        hasToGoBack = false
        if hasPassed { return }
        if anew { isGoingBack = false }
        if anew || isJudged { verdicts = nil }
    }
}

/// What the journal says of a device.
struct DeviceNotes: Sendable {
    /// How it stands, by the last that was written of it.
    var standing = Standing.asBefore
    /// The step that was begun and of which nothing came yet.
    private(set) var open: DeviceStep?
    /// Whether somebody decided to put it back.
    var isWantedBack = false
    /// What made it a failed device.
    private(set) var failure: DriverError?
    var hasEvidence = false
    /// Whether it was pushed since it was last known to be as before for good.
    private(set) var hasBegun = false
    /// How often it was pushed since it was last taken up.
    private(set) var pushes = 0
    /// How often in a row a step on it failed.
    private(set) var failuresInARow = 0
    /// The same, with the answers that its timer still runs although it was told to stop it.
    private var vainInARow = 0
    /// Before then nothing is tried on it again, as the last step failed for a reason that may pass.
    private(set) var restsUntil: Instant?
    /// Whether something came of a step since the newest runner began.
    private(set) var isAnswered = false
    /// Whether it was asked in vain so often that it may have been given up; whether, depends on its timer.
    private(set) var mayBeGivenUp = false

    /// How a device stands.
    enum Standing: Sendable {
        /// On its base, without a timer.
        case asBefore
        /// On its target, with a timer.
        case applied
        /// On its target, without a timer.
        case confirmed
        /// On something that has to be put back.
        case amiss
        /// Nobody knows, and it has to be asked.
        case unknown
        /// On something that nobody ordered, or not to be asked any more: a person has to look.
        case strange
    }

    /// Whether it is on its way: a step is open, or a timer may run.
    var isOnItsWay: Bool {
        if open != nil { return true }
        switch standing {
        case .applied, .amiss, .unknown: return true
        case .asBefore, .confirmed, .strange: return false
        }
    }

    /// Whether it may be pushed.
    var mayBePushed: Bool { open == nil && standing == .asBefore && failure == nil && !isWantedBack }

    /// Whether its wave cannot do without it: it was neither changed nor given up.
    var isMissing: Bool { mayBePushed && !mayBeGivenUp }

    /// Whether it has been changed, or may have been.
    var mayHoldChange: Bool { open.map { $0.kind != .observe } ?? false || standing != .asBefore }

    /// Whether nobody knows how it stands although it was asked again and again.
    var isRiddle: Bool {
        standing == .strange || (standing == .unknown || standing == .amiss) && failuresInARow >= 3
    }

    mutating func begin(_ step: DeviceStep) {
        open = step
        guard step.kind == .push else { return }
        pushes += 1
        hasBegun = true
    }

    mutating func runnerIsGone() {
        if open != nil || standing == .applied { standing = .unknown }
        open = nil
        isAnswered = false
        isAskedAnew()
    }

    mutating func isAskedAnew() {
        restsUntil = nil
        // Who is being asked right now is not asked anew.
        guard open == nil else { return }
        if standing == .strange { standing = .unknown }
        if standing == .unknown || standing == .amiss { (failuresInARow, vainInARow) = (0, 0) }
    }

    mutating func isTakenUpAgain() {
        guard open == nil else { return }
        let known = self
        switch standing {
        case .asBefore where failure != nil || isWantedBack: self = DeviceNotes()
        case .asBefore where mayBeGivenUp:
            // Whether it had been given up, and is taken up again, only its timer could tell.
            self = DeviceNotes()
            (mayBeGivenUp, hasBegun) = (true, known.hasBegun)
        case .strange:
            self = DeviceNotes()
            (standing, hasBegun) = (.unknown, known.hasBegun)
        case .unknown where mayBeGivenUp, .amiss where mayBeGivenUp:
            // One that was not given up is being put back still, with the evidence that there is.
            self = DeviceNotes()
            (standing, mayBeGivenUp, hasBegun) = (.unknown, true, known.hasBegun)
            hasEvidence = known.hasEvidence
        default: break
        }
    }

    mutating func take(_ result: StepResult, of step: DeviceStep, at now: Instant) {
        open = nil
        // Who has tried three times asks at once.
        let isLast = vainInARow >= 2 && (step.kind == .push || step.kind == .confirm)
        defer { restsUntil = isLast ? nil : pauseAfter(result, of: step).map { now + $0 } }
        if case .failed = result {} else { isAnswered = true }
        switch result {
        case .done:
            (failuresInARow, vainInARow) = (0, 0)
            standing = step.kind == .confirm ? .confirmed : .applied
            if step.kind == .confirm { (failure, mayBeGivenUp) = (nil, false) }
        case .found(let found): take(found, of: step)
        case .failed(let error): take(error, of: step)
        }
    }

    /// How long it is left alone at least: the longer the more often it was in vain.
    private func pauseAfter(_ result: StepResult, of step: DeviceStep) -> Timespan? {
        switch result {
        case .done: return nil
        case .found(let found) where !found.isVain(after: step.kind): return nil
        case .failed(let error) where !error.isPassing || standing == .strange || failure != nil: return nil
        case .found, .failed: return .seconds(vainInARow >= 5 ? 8 : 1)
        }
    }

    private mutating func take(_ found: RolloutEngine.Standing, of step: DeviceStep) {
        failuresInARow = 0
        vainInARow = found.isVain(after: step.kind) ? vainInARow + 1 : 0
        switch found {
        case .base:
            standing = .asBefore
            if pushes >= 3 && !isWantedBack { failure = failure ?? DriverError(.cancelled, "in vain", effect: .none) }
        case .target: standing = step.kind == .rollBack ? .strange : .confirmed
        case .pendingTarget: standing = isWantedBack || failure != nil ? .amiss : .applied
        case .pendingBase, .pendingPart: standing = .amiss
        case .pendingOther(let what, _):
            standing = .amiss
            failure = failure ?? DriverError(.verifyMismatch, what, effect: .possible)
        case .other: standing = .strange
        }
    }

    private mutating func take(_ error: DriverError, of step: DeviceStep) {
        failuresInARow += 1
        vainInARow += 1
        switch step.kind {
        case .push where error.effect == .none:
            standing = .asBefore
            if !error.isPassing || failuresInARow >= 3 { failure = error }
        case .push, .confirm:
            (failuresInARow, vainInARow) = (0, 0)
            standing = error.isPassing ? .unknown : .amiss
            if !error.isPassing { failure = error }
        case .observe, .rollBack:
            if error.isPassing {
                if vainInARow >= 3 { mayBeGivenUp = true }
                standing = step.kind == .observe ? .unknown : .amiss
            } else {
                standing = .strange
                failure = failure ?? error
            }
        }
    }
}

extension RolloutEngine.Standing {
    /// Whether a device that says so has not done what it was told.
    fileprivate func isVain(after kind: DeviceStep.Kind) -> Bool {
        switch self {
        case .pendingTarget: kind == .confirm || kind == .rollBack
        case .pendingBase, .pendingPart, .pendingOther: kind == .rollBack
        case .base, .target, .other: false
        }
    }
}

extension DriverError {
    /// Whether it may go by itself.
    var isPassing: Bool {
        switch code {
        case .unreachable, .timeout, .connectionLost, .leaseOver: true
        default: false
        }
    }
}

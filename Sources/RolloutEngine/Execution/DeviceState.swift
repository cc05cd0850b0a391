/// Where one device stands in a rollout, as far as the journal knows.
public struct DeviceState: Hashable, Codable, Sendable {
    /// The phase it is in.
    public var phase: Phase = .waiting
    /// When it came into this phase.
    public var since: Instant?
    /// What is wanted of it: its target, or, once a rollback was decided, its base.
    public var wanted: Wanted = .target
    /// How often each kind of step was begun.
    public var attempts = Attempts()
    /// How often in a row a step failed; 0 after a success.
    public var failuresInARow = 0
    /// The step after a failed one does not begin before then.
    public var retryAt: Instant?
    /// What a runner that is gone sent to it has arrived by then: until then it says nothing that holds.
    public var quietFrom: Instant?
    /// When the device reverts by itself unless confirmed; nil when no timer is known to be armed.
    public var revertsAt: Instant?
    /// When it has reverted by itself at the latest: if the last push armed a timer that was never read, or if it starts anew to
    /// go back, which takes longer than its timer.
    public var revertsBy: Instant?
    /// The trouble that made it a failed device; it counts against budgets until it is retried.
    public var failure: DriverError?
    /// What went wrong last; nil once it has answered since.
    public var lastError: DriverError?
    /// When something was last sent that may have changed it; nil when nothing ever was.
    public var changedAt: Instant?
    /// When the first push began that may have got through: what it carried until then is its "before".
    public var pushBeganAt: Instant?
    /// The attempts before it was taken up again, each from its push until the device was back on its base: what it carried then may
    /// show the harm that was done to it, and is no "before".
    public var earlierAttempts: [Verdict.Window] = []
    /// Since when it has to carry its peaks: since it was confirmed, or last failed at a gate. Nil when it does not hold the change.
    public var debtSince: Instant?
    /// How many whole peaks it has carried since then.
    public var peaksCarried = 0
    /// When the last of them ended.
    public var peakEndedAt: Instant?
    /// Whether its evidence was collected since it got into trouble.
    public var hasEvidence = false

    /// A device that was not touched yet.
    public init() {}

    /// The phases of a device. Every phase but the settled ones has a next step.
    public enum Phase: Hashable, Codable, Sendable {
        /// Untouched, or known to be on its base and allowed to be pushed.
        case waiting
        /// A step was begun and nothing is known of its outcome yet.
        case inFlight(DeviceStep)
        /// The change is applied and was read back; the revert timer is running.
        case applied
        /// On its target, verified over a fresh session, timer disarmed.
        case confirmed
        /// Something may have changed on it: it has to be asked.
        case inDoubt
        /// It has to be put back on its base, though its rollout goes on: what it holds is not what was ordered.
        case mustRevert
        /// Settled: it failed and is known to be on the configuration it had before.
        case failed
        /// Settled: put back and proved equal to its base.
        case rolledBack
        /// Settled: it could not be put back or asked, or holds something that nobody ordered. A person has to look.
        case stranded(String)
    }

    /// What is wanted of a device.
    public enum Wanted: String, Codable, Sendable {
        /// The configuration that the plan orders.
        case target
        /// The configuration that it had.
        case base
    }

    /// How often each kind of step was begun.
    public struct Attempts: Hashable, Codable, Sendable {
        private var push = 0
        private var confirm = 0
        private var rollBack = 0
        private var observe = 0

        /// None yet.
        public init() {}

        /// How often a kind of step was begun.
        public subscript(kind: DeviceStep.Kind) -> Int {
            get {
                switch kind {
                case .push: push
                case .confirm: confirm
                case .rollBack: rollBack
                case .observe: observe
                }
            }
            set {
                switch kind {
                case .push: push = newValue
                case .confirm: confirm = newValue
                case .rollBack: rollBack = newValue
                case .observe: observe = newValue
                }
            }
        }
    }

    /// Whether a step is going on or a timer may be running: the device must not be left like this.
    public var isUnsettled: Bool {
        switch phase {
        case .inFlight, .applied, .inDoubt, .mustRevert: true
        case .waiting, .confirmed, .failed, .rolledBack, .stranded: false
        }
    }

    /// The step that is going on right now.
    public var stepInFlight: DeviceStep? {
        if case .inFlight(let step) = phase { step } else { nil }
    }

    /// Whether nobody knows what the device holds.
    public var isUnknown: Bool {
        switch phase {
        case .inDoubt, .mustRevert, .stranded: true
        case .inFlight, .applied, .waiting, .confirmed, .failed, .rolledBack: false
        }
    }

    /// Whether it has to be asked, did not answer several times in a row, and is still asked because its revert timer runs.
    public var isSilent: Bool {
        switch phase {
        case .inDoubt, .mustRevert: hasFailedTooOften
        case .inFlight(let step): step.kind != .push && step.kind != .confirm && hasFailedTooOften
        case .waiting, .applied, .confirmed, .failed, .rolledBack, .stranded: false
        }
    }

    private var hasFailedTooOften: Bool {
        lastError.map { $0.isTransient && failuresInARow >= Self.patience(with: $0) } ?? false
    }

    /// Whether the change is, or may be, on the device.
    public var mayHoldTarget: Bool {
        switch phase {
        case .inFlight, .applied, .confirmed, .inDoubt, .mustRevert, .stranded: true
        case .waiting, .failed, .rolledBack: false
        }
    }
}

// The transitions. Only `RolloutState.apply` calls them.
extension DeviceState {
    /// How often in a row a step may fail for a passing reason before the device counts as failed or in need of a person.
    static let patience = 3

    /// As `patience`, for a reason. A lock is given up when its holder is done, or when the device notices that a session of ours
    /// was cut off: eight tries are a minute and a half.
    static func patience(with error: DriverError) -> Int { error.code == .locked ? 8 : patience }

    /// The wait before a step is tried again: 1 s, 2 s, 4 s, at most 30 s.
    static func pauseBeforeRetry(after failures: Int) -> Timespan {
        PlantedBug.isPlanted(.retriesAtOnce) ? .zero : .seconds(min(30, 1 << Int64(min(max(failures - 1, 0), 5))))
    }

    mutating func begin(_ step: DeviceStep, at now: Instant) {
        phase = .inFlight(step)
        since = now
        attempts[step.kind] = step.attempt
        retryAt = nil
        // It has been quiet: a later runner, whose clock shows less, need not wait for it once more.
        quietFrom = nil
        if step.kind == .push || step.kind == .rollBack {
            changedAt = now
            debtSince = nil
            peaksCarried = 0
            peakEndedAt = nil
        }
        if step.kind == .push {
            revertsBy = step.revertsBy
            pushBeganAt = pushBeganAt ?? now
        } else if let known = step.revertsBy {
            revertsBy = known
        }
    }

    /// The runner that began a step is gone: what became of the step is not known. Nor is it known whether the revert timer of
    /// an applied change has gone off meanwhile.
    mutating func loseSight(at now: Instant, quietFrom: Instant?) {
        guard
            stepInFlight != nil && !PlantedBug.isPlanted(.forgetsInFlight)
                || phase == .applied && !PlantedBug.isPlanted(.trustsAppliedAfterTakeover)
        else { return }
        self.quietFrom = stepInFlight == nil ? nil : quietFrom
        phase = .inDoubt
        since = now
        failuresInARow = 0
        retryAt = nil
    }

    /// Something failed on it that holds the change: its peaks begin anew.
    mutating func owePeaks(since now: Instant) {
        guard debtSince != nil, !PlantedBug.isPlanted(.failureKeepsDebt) else { return }
        debtSince = now
        peaksCarried = 0
    }

    mutating func take(_ result: StepResult, of step: DeviceStep, at now: Instant) {
        since = now
        defer { if phase == .confirmed { debtSince = debtSince ?? now } }
        switch result {
        case .failed, .found(.other(_, isStranger: true)): break
        // Whoever answered has said what its timer does.
        case .done, .found: revertsBy = nil
        }
        switch result {
        case .done(let revertsAt):
            failuresInARow = 0
            lastError = nil
            switch step.kind {
            case .push:
                phase = .applied
                self.revertsAt = revertsAt
                changedAt = now
            case .confirm:
                phase = .confirmed
                self.revertsAt = nil
                failure = nil
            case .rollBack, .observe:
                phase = .inDoubt
            }
        case .found(let standing):
            let inVain = Self.wasInVain(step, standing)
            failuresInARow = inVain ? failuresInARow + 1 : 0
            lastError = inVain ? Self.timerStays(step) : nil
            take(standing, from: step, at: now)
            // A device that says yes and does nothing is not asked without a breath in between.
            if inVain { retryAt = now + Self.pauseBeforeRetry(after: failuresInARow) }
        case .failed(let error):
            failuresInARow += 1
            lastError = error
            take(error, from: step, at: now)
        }
    }

    /// Whether a step was answered, and the device stands where it stood: the timer that it should have taken away still runs.
    private static func wasInVain(_ step: DeviceStep, _ standing: Standing) -> Bool {
        switch (step.kind, standing) {
        case (.confirm, .pendingTarget), (.rollBack, .pendingTarget), (.rollBack, .pendingBase),
            (.rollBack, .pendingPart), (.rollBack, .pendingOther):
            true
        default: false
        }
    }

    private static func timerStays(_ step: DeviceStep) -> DriverError {
        DriverError(
            .verifyMismatch,
            "it acknowledged the \(step.kind == .confirm ? "confirm" : "rollback"), but its revert timer still runs",
            effect: .possible)
    }

    private mutating func take(_ standing: Standing, from step: DeviceStep, at now: Instant) {
        switch standing {
        case .base:
            revertsAt = nil
            if wanted == .base {
                phase = .rolledBack
            } else if failure != nil {
                phase = .failed
            } else if attempts[.push] >= Self.patience {
                failure = DriverError(
                    .cancelled, "it was back on its base after each of \(Self.patience) pushes", effect: .none)
                phase = .failed
            } else {
                phase = .waiting
            }
        case .target:
            revertsAt = nil
            phase = .confirmed
            if step.kind == .rollBack { phase = .stranded("it holds the new configuration after it was put back") }
        case .pendingTarget(let remaining):
            revertsAt = remaining.map { now + $0 }
            phase = wanted == .base || failure != nil ? .mustRevert : .applied
        case .pendingBase(let remaining):
            revertsAt = remaining.map { now + $0 }
            phase = PlantedBug.isPlanted(.forgetsTimer) ? .waiting : .mustRevert
        case .pendingPart(let remaining):
            // Whoever sent it died or was cut off: no fault of the device, which is put back and pushed again.
            revertsAt = remaining.map { now + $0 }
            phase = .mustRevert
        case .pendingOther(let what, let remaining):
            revertsAt = remaining.map { now + $0 }
            failure = failure ?? DriverError(.verifyMismatch, what, effect: .possible)
            phase = .mustRevert
        case .other(let what, let isStranger):
            if isStranger != true { revertsAt = nil }
            phase = .stranded(what)
        }
    }

    private mutating func take(_ error: DriverError, from step: DeviceStep, at now: Instant) {
        let mayTryAgain =
            error.isTransient
            && (failuresInARow < Self.patience(with: error) || PlantedBug.isPlanted(.retriesForEver))
        // Between two confirms the device is asked where it stands, and answers: only the attempts tell how often it was in vain.
        let vain = step.kind == .confirm ? attempts[.confirm] : failuresInARow
        if mayTryAgain { retryAt = now + Self.pauseBeforeRetry(after: vain) }
        switch step.kind {
        case .push where error.effect == .none:
            changedAt = nil
            pushBeganAt = nil
            revertsBy = nil
            // Nothing was sent: who is wanted back is back.
            phase = !mayTryAgain ? .failed : wanted == .base ? .rolledBack : .waiting
            if !mayTryAgain { failure = Self.givenUp(error, after: failuresInARow) }
        case .push, .confirm:
            // A lost reply is not a failure: the device knows where it stands. A refusal or a mismatch is one: put it back.
            phase = error.isTransient ? .inDoubt : .mustRevert
            if !error.isTransient { failure = error }
            failuresInARow = 0
            if step.kind == .push && PlantedBug.isPlanted(.retriesWithoutReading) { phase = .waiting }
            if step.kind == .confirm && PlantedBug.isPlanted(.confirmsWithoutProof) { phase = .confirmed }
        case .rollBack where PlantedBug.isPlanted(.rollsBackWithoutProof): phase = .rolledBack
        case .observe, .rollBack:
            // The revert timer works without us: as long as it runs, the device is worth waiting for.
            let timerRuns = [revertsAt, revertsBy].compactMap(\.self).contains { now < $0 + .seconds(10) }
            if error.isTransient && (mayTryAgain || timerRuns) {
                retryAt = now + Self.pauseBeforeRetry(after: failuresInARow)
                phase = step.kind == .rollBack ? .mustRevert : .inDoubt
            } else {
                failure = failure ?? error
                phase = .stranded(error.description)
            }
        }
    }

    /// A lock that outlasted all patience says who has to give it up, and what then.
    private static func givenUp(_ error: DriverError, after tries: Int) -> DriverError {
        guard error.code == .locked else { return error }
        return DriverError(
            .locked, "\(error.message); tried \(tries) times: once it is free, `retry --failed`, or `abort`",
            effect: error.effect)
    }

    /// Somebody looked, or looks anew: a device that could not be asked is asked again.
    mutating func askAgain(at now: Instant) {
        switch phase {
        case .stranded, .inDoubt:
            phase = .inDoubt
            since = now
            failuresInARow = 0
            retryAt = nil
        case .mustRevert:
            failuresInARow = 0
            retryAt = nil
        case .waiting, .inFlight, .applied, .confirmed, .failed, .rolledBack: break
        }
    }

    /// A wave is opened: what was tried on a device that is back on its base is over, and has a "before" of its own.
    mutating func beginAfresh() {
        guard phase == .waiting, let began = pushBeganAt else { return }
        pushBeganAt = nil
        if let since, !PlantedBug.isPlanted(.takesHarmForBefore) {
            earlierAttempts.append(Verdict.Window(from: began, to: since))
        }
    }

    /// An operator wants a settled failure, or a device that a person has looked at, to be taken up again.
    mutating func takeUpAgain(at now: Instant) {
        switch phase {
        case .failed, .rolledBack:
            phase = .waiting
            beginAfresh()
            changedAt = nil
        case .stranded:
            phase = PlantedBug.isPlanted(.pushesStranded) ? .waiting : .inDoubt
        case .waiting, .inFlight, .applied, .confirmed, .inDoubt, .mustRevert:
            return
        }
        since = now
        wanted = .target
        failure = nil
        lastError = nil
        failuresInARow = 0
        retryAt = nil
        attempts[.push] = 0
        if !PlantedBug.isPlanted(.keepsOldEvidence) { hasEvidence = false }
    }
}

/// One durable fact about a rollout.
public struct JournalEntry: Hashable, Codable, Sendable {
    /// Its place in the rollout's journal, from 1, without gaps.
    public var sequence: Int64
    /// When it was appended.
    public var at: Instant
    /// The fence of the lease under which it was appended; 0 for what an operator asked for.
    public var fence: Int64
    /// The fact.
    public var fact: Fact

    /// One durable fact.
    public init(sequence: Int64, at: Instant, fence: Int64, fact: Fact) {
        self.sequence = sequence
        self.at = at
        self.fence = fence
        self.fact = fact
    }
}

/// What can happen in a rollout. Nothing else ever changes a `RolloutState`.
public enum Fact: Hashable, Codable, Sendable {
    /// The rollout was created from a plan.
    case created(planDigest: Digest, by: String)
    /// A runner took the lease, for the first time or after another. What another one sent has arrived at devices by
    /// `quietFrom`; nil when none was cut short.
    case driving(holder: String, quietFrom: Instant? = nil)
    /// A wave began; everything before it passed.
    case waveStarted(wave: Int)
    /// Durable before the first byte of a step goes to a device.
    case intent(DeviceStep)
    /// What came of a step.
    case outcome(DeviceStep, StepResult)
    /// Every push of a wave is settled; from now on it has to stay healthy.
    case soakStarted(wave: Int)
    /// A gate was judged at the end of a wave's soak.
    case judged(wave: Int, Verdict)
    /// While a wave was in flight or soaking, a watched thing failed.
    case alarm(Alarm)
    /// All gates of a wave passed, or an operator overrode those that did not.
    case wavePassed(wave: Int)
    /// The rollout stands still for this reason.
    case paused(PauseReason)
    /// So many devices of one model and firmware failed that nothing more is pushed to the others, until a person says so.
    case cohortHeld(Cohort, failed: [DeviceName])
    /// These devices were heard through a whole peak of their datacentre, and nothing failed on them.
    case peakCarried(DatacentreName, Verdict.Window, devices: [DeviceName])
    /// It was decided to put these devices back: from now on their base is wanted, not their target.
    case rollingBack(RollbackScope, devices: [DeviceName], because: String)
    /// What was seen on a device in trouble before it was put back or given up.
    case evidence(DeviceName, Evidence)
    /// An operator asked for something.
    case requested(OperatorRequest)
    /// The end.
    case finished(Ending)
}

/// One step on one device.
public struct DeviceStep: Hashable, Codable, Sendable {
    /// The device.
    public var device: DeviceName
    /// What is done to it.
    public var kind: Kind
    /// Counts the attempts of this kind on this device, from 1.
    public var attempt: Int
    /// When the device has reverted by itself at the latest, whatever becomes of the step, unless it is confirmed: of a push, and of
    /// every step where the device starts anew for that.
    public var revertsBy: Instant?

    /// One step on one device.
    public init(device: DeviceName, kind: Kind, attempt: Int, revertsBy: Instant? = nil) {
        self.device = device
        self.kind = kind
        self.attempt = attempt
        self.revertsBy = revertsBy
    }

    /// What can be done to a device.
    public enum Kind: String, Codable, Sendable {
        /// Arm the timer, apply, read back.
        case push
        /// Verify over a fresh session, disarm.
        case confirm
        /// Put the base back and prove it.
        case rollBack = "roll_back"
        /// Only read, to learn where a device in doubt stands.
        case observe
    }
}

/// What came of a step.
public enum StepResult: Hashable, Codable, Sendable {
    /// Push: applied and read back as ordered, the revert timer is running until then. Confirm: confirmed.
    case done(revertsAt: Instant?)
    /// Observe, or a push that found the target already there, or a rollback that was read back.
    case found(Standing)
    /// It did not work.
    case failed(DriverError)
}

/// Where a device stands, from what it says itself.
public enum Standing: Hashable, Codable, Sendable {
    /// On its base, no timer of ours: untouched, or reverted, or put back.
    case base
    /// On its target, no timer: committed.
    case target
    /// On its target, and our timer will revert it unless confirmed.
    case pendingTarget(Timespan?)
    /// On its base with our timer armed: the change did not get through, or was undone by hand.
    case pendingBase(Timespan?)
    /// On a part of the change, which was cut off, with our timer armed: it has to be put back, and can be pushed again.
    case pendingPart(Timespan?)
    /// On something else, with our timer armed: it has to be put back.
    case pendingOther(String, Timespan?)
    /// On something else. Where another device answers in its place, that says nothing of its timer.
    case other(String, isStranger: Bool? = nil)
}

/// Something watched failed while a wave was in flight or soaking.
public struct Alarm: Hashable, Codable, Sendable {
    /// The wave.
    public var wave: Int
    /// The gate whose condition failed.
    public var gate: GateName
    /// What the gate does about it.
    public var action: GateAction
    /// The devices or links that failed, by name.
    public var subjects: [String]
    /// In words.
    public var reason: String
    /// What was found on those that failed, the first of them where there are many.
    public var findings: [Verdict.Finding]
    /// The span that counted as "before".
    public var before: Verdict.Window

    /// Something watched failed.
    public init(
        wave: Int, gate: GateName, action: GateAction, subjects: [String], reason: String,
        findings: [Verdict.Finding] = [], before: Verdict.Window
    ) {
        self.wave = wave
        self.gate = gate
        self.action = action
        self.subjects = subjects
        self.reason = reason
        self.findings = findings
        self.before = before
    }
}

/// Why a rollout stands still. Pauses are a set; resuming takes one kind out.
public struct PauseReason: Hashable, Codable, Sendable {
    /// The kind, at most one of each at a time.
    public var kind: Kind
    /// In words, with what to do.
    public var detail: String

    /// Why a rollout stands still.
    public init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// The kinds of pause.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// An operator asked.
        case `operator`
        /// A gate failed.
        case gateFailed = "gate_failed"
        /// A gate could not tell.
        case gateUnclear = "gate_unclear"
        /// A failure budget was spent.
        case budget
        /// A device is in doubt and cannot be asked.
        case deviceUnknown = "device_unknown"
        /// Something took longer than it may.
        case deadline
        /// Another rollout holds a failure domain that the next device needs.
        case domainHeld = "domain_held"
        /// The maintenance window closed.
        case window
        /// The store has no room for more work.
        case storeFull = "store_full"
        /// Something that is watched beside the waves failed.
        case beside
        /// A cohort has failed too often, or held cohorts are all that is left.
        case cohort
        /// Somebody set the clock of the machine.
        case clockSet = "clock_set"
        /// Somebody stopped the line for every rollout.
        case lineStopped = "line_stopped"
    }
}

/// What is put back.
public enum RollbackScope: Hashable, Codable, Sendable {
    /// Single devices.
    case devices([DeviceName])
    /// One wave.
    case wave(Int)
    /// Everything that this rollout changed.
    case all
}

/// What an operator asks of a running or resting rollout.
public struct OperatorRequest: Hashable, Codable, Sendable {
    /// What is asked.
    public var verb: Verb
    /// Who asks.
    public var by: String
    /// Why, if said.
    public var reason: String?

    /// What an operator asks.
    public init(_ verb: Verb, by: String, reason: String? = nil) {
        self.verb = verb
        self.by = by
        self.reason = reason
    }

    /// What can be asked.
    public enum Verb: Hashable, Codable, Sendable {
        /// Start nothing new.
        case pause
        /// Take these kinds of pause away; nil means all of them.
        case resume(PauseReason.Kind?)
        /// Go on although these gates did not pass.
        case promote(wave: Int, overriding: [GateName])
        /// Start nothing new, ever; what is done stays.
        case abort
        /// Put back.
        case rollBack(RollbackScope)
        /// Push to a cohort again that was held: its failures were looked at.
        case release(cohort: Cohort)
        /// Try failed devices again.
        case retryFailed
        /// Let this wave begin, or the rollout where none is named, as far as its policy waits for somebody's word.
        case approve(wave: Int?)
        /// Take one's own approval back.
        case withdraw(wave: Int?)
    }
}

/// How a rollout ended.
public enum Ending: String, Hashable, Codable, Sendable {
    /// Every device that could be changed is, and every gate passed or was overridden.
    case done
    /// Everything is back on its base, verified.
    case rolledBack = "rolled_back"
    /// Aborted: what was done stays.
    case aborted
}

/// What can be said of a rollout at a moment, and never more than is known. A fold of its journal; every screen shows this.
public struct RolloutStatus: Hashable, Codable, Sendable {
    /// Its number.
    public var id: RolloutID
    /// The change's name.
    public var title: String
    /// Where it stands as a whole.
    public var phase: Phase
    /// When it was created, and by whom.
    public var createdAt: Instant
    /// By whom it was created.
    public var createdBy: String
    /// When its first wave started.
    public var startedAt: Instant?
    /// When it ended.
    public var endedAt: Instant?
    /// Who drives it now; nil when nobody does.
    public var driver: String?
    /// When this was said.
    public var at: Instant
    /// Why it stands still.
    public var pauses: [Pause]
    /// The waves in order.
    public var waves: [WaveStatus]
    /// Devices that were left out when it was planned.
    public var skipped: [SkippedDevice]
    /// The cohorts to which nothing more is pushed.
    public var cohorts: [HeldCohort]
    /// The devices that have not carried their peaks yet; nil when there are none.
    public var debt: Debt?
    /// The rollbacks that were decided, in order.
    public var rollbacks: [String]
    /// Whose word it waits for before it goes on.
    public var awaiting: [AwaitedApproval]
    /// Until when the fleet is only watched, as the first wave needs a before to compare with; nil when it is not waited for.
    public var watchingUntil: Instant?

    /// Where a rollout stands as a whole.
    public enum Phase: String, Codable, Sendable {
        /// It was created and nothing was sent yet.
        case waiting
        /// It goes forward.
        case running
        /// It stands still.
        case paused
        /// Its waves passed, and it is watched until it has carried its peaks.
        case watching
        /// It puts devices back.
        case rollingBack = "rolling_back"
        /// Nobody drives it, and it has not ended.
        case unattended
        /// It ended well.
        case done
        /// It ended with everything back as it was.
        case rolledBack = "rolled_back"
        /// It was aborted.
        case aborted
    }

    /// Devices of one model and firmware to which nothing more is pushed.
    public struct HeldCohort: Hashable, Codable, Sendable {
        /// Its name, by which it is released.
        public var name: String
        /// Its devices that failed.
        public var failed: [DeviceName]
        /// Its devices that wait for it.
        public var waiting: [DeviceName]
        /// Since when.
        public var since: Instant
    }

    /// Devices that were changed and have not carried their peaks yet.
    public struct Debt: Hashable, Codable, Sendable {
        /// How many.
        public var devices: Int
        /// How many there may be at once, over all rollouts of the store; nil for any number.
        public var cap: Int?
        /// When the next peak ends that can be carried; nil when none is in sight.
        public var until: Instant?
    }

    /// A reason to stand still, and since when.
    public struct Pause: Hashable, Codable, Sendable {
        /// The kind.
        public var kind: PauseReason.Kind
        /// In words.
        public var detail: String
        /// Since when.
        public var since: Instant
    }

    /// One wave.
    public struct WaveStatus: Hashable, Codable, Sendable {
        /// Its number.
        public var index: Int
        /// Whether these are the canaries.
        public var canary: Bool
        /// Its product range.
        public var range: RangeName?
        /// Its datacentre.
        public var datacentre: DatacentreName?
        /// Where it stands.
        public var phase: WavePhase
        /// When it started.
        public var startedAt: Instant?
        /// When its soak ends, once it soaks.
        public var soakEndsAt: Instant?
        /// When it passed.
        public var passedAt: Instant?
        /// Its devices.
        public var devices: [DeviceStatus]
        /// Its newest verdicts.
        public var verdicts: [Verdict]
        /// What went wrong while it was under way.
        public var alarms: [Alarm]
        /// The gates that an operator overrode.
        public var overridden: [GateName]
    }

    /// Where a wave stands.
    public enum WavePhase: String, Codable, Sendable {
        /// Not started.
        case waiting
        /// Devices are being changed.
        case pushing
        /// It has to stay healthy.
        case soaking
        /// Its gates did not let it through.
        case held
        /// Its gates let it through.
        case passed
        /// It was, or is being, put back.
        case rolledBack = "rolled_back"
    }

    /// One device.
    public struct DeviceStatus: Hashable, Codable, Sendable {
        /// Which one.
        public var name: DeviceName
        /// Where it stands.
        public var state: DevicePhase
        /// What there is to say about it.
        public var detail: String?
        /// When it reverts by itself unless confirmed.
        public var revertsAt: Instant?
        /// When it has reverted by itself at the latest, if the change got through at all.
        public var revertsBy: Instant?
        /// Since when it stands there.
        public var since: Instant?
    }

    /// Where a device stands, in a word.
    public enum DevicePhase: String, Codable, Sendable, CaseIterable {
        /// Not touched.
        case waiting
        /// The change is being sent.
        case pushing
        /// Applied; it is being, or has to be, verified over a fresh session.
        case verifying
        /// On its target, proved.
        case confirmed
        /// It is being put back.
        case rollingBack = "rolling_back"
        /// Back on its base, proved.
        case rolledBack = "rolled_back"
        /// It failed and is as it was.
        case failed
        /// It is not known what it holds.
        case unknown
    }

    /// Says what is known of a rollout.
    ///
    /// - Parameter lease: The lease as the store has it; a lease that ran out drives nothing.
    public init(_ record: RolloutRecord, plan: Plan, state: RolloutState, lease: Lease?, at now: Instant) {
        let driven = lease.map { $0.expiresAt > now } ?? false
        id = record.id
        title = record.title
        createdAt = record.createdAt
        createdBy = record.createdBy
        startedAt = state.startedAt
        endedAt = state.endedAt
        driver = driven ? lease?.holder : nil
        at = now
        pauses = state.pauses.map { Pause(kind: $0.reason.kind, detail: $0.reason.detail, since: $0.since) }
        skipped = plan.skipped
        rollbacks = state.rollbacks.map(\.because)
        let known = state.cohortHolds.isEmpty ? nil : Cohorts(plan)
        cohorts = state.cohortHolds.map { hold in
            HeldCohort(
                name: hold.cohort.description, failed: hold.failed,
                waiting: known?.devices(of: hold.cohort).filter { state[$0].phase == .waiting } ?? [], since: hold.since
            )
        }
        awaiting = plan.policy.approvals == nil ? [] : Reconciler(plan: plan).awaitedApprovals(state, at: now)
        let isFirst = driven && state.startedAt == nil && !plan.waves.isEmpty && !plan.policy.gates.isEmpty
        watchingUntil = isFirst ? state.drivenSince.map { $0 + plan.policy.watch.baseline } : nil
        waves = plan.waves.map { wave in
            let waveState = state[wave: wave.index]
            let devices = wave.devices.map { DeviceStatus($0, state[$0], driven: driven) }
            return WaveStatus(
                index: wave.index, canary: wave.canary, range: wave.range, datacentre: wave.datacentre,
                phase: Self.phase(of: waveState, isPaused: state.isPaused), startedAt: waveState.startedAt,
                soakEndsAt: waveState.soakStartedAt.map { $0 + wave.soak }, passedAt: waveState.passedAt,
                devices: devices,
                verdicts: waveState.verdicts, alarms: waveState.alarms, overridden: waveState.overridden)
        }
        if let peaks = PeakDebt(plan), state.ending == nil {
            let owing = peaks.devices(in: state).count
            let cap = peaks.cap == .max ? nil : peaks.cap
            debt = owing == 0 ? nil : Debt(devices: owing, cap: cap, until: peaks.nextEnd(in: state, at: now))
        }
        phase = Self.phase(of: state, driven: driven, waves: waves)
        let held = Set(cohorts.flatMap(\.waiting))
        let isOver = waves.allSatisfy { wave in
            wave.devices.allSatisfy { held.contains($0.name) || $0.state != .waiting && wave.passedAt != nil }
        }
        if phase == .running && debt != nil && isOver { phase = .watching }
    }

    private static func phase(of wave: WaveState, isPaused: Bool) -> WavePhase {
        if wave.rolledBackAt != nil { return .rolledBack }
        if wave.passedAt != nil { return .passed }
        if wave.judgedAt != nil || isPaused && wave.alarms.contains(where: { $0.action != .observe }) { return .held }
        if wave.soakStartedAt != nil { return .soaking }
        return wave.startedAt == nil ? .waiting : .pushing
    }

    private static func phase(of state: RolloutState, driven: Bool, waves: [WaveStatus]) -> Phase {
        switch state.ending {
        case .done: return .done
        case .rolledBack: return .rolledBack
        case .aborted: return .aborted
        case nil: break
        }
        if waves.contains(where: { $0.devices.contains { $0.state == .rollingBack } }) {
            return driven ? .rollingBack : .unattended
        }
        if state.isPaused { return .paused }
        if !driven { return state.startedAt == nil ? .waiting : .unattended }
        return state.startedAt == nil ? .waiting : .running
    }

    /// How many devices stand in each phase.
    public var counts: [DevicePhase: Int] {
        var counts: [DevicePhase: Int] = [:]
        for wave in waves { for device in wave.devices { counts[device.state, default: 0] += 1 } }
        return counts
    }

    /// How many devices the plan changes.
    public var total: Int { waves.reduce(0) { $0 + $1.devices.count } }
}

extension RolloutStatus.DeviceStatus {
    /// Says where a device stands. A step that nobody drives any more is unknown, not under way.
    init(_ name: DeviceName, _ state: DeviceState, driven: Bool) {
        self.name = name
        since = state.since
        revertsAt = state.revertsAt
        revertsBy = state.revertsBy
        let trouble = (state.failure ?? state.lastError)?.description
        let because = trouble.map { ": \($0)" } ?? ""
        detail = trouble
        switch state.phase {
        case .waiting:
            self.state = .waiting
            detail = state.retryAt == nil ? nil : "will be tried again\(because)"
        case .inFlight(let step) where driven:
            switch step.kind {
            case .push: self.state = .pushing
            case .confirm: self.state = .verifying
            case .rollBack: self.state = .rollingBack
            case .observe: self.state = .unknown
            }
            if step.kind == .observe { detail = "being asked where it stands\(because)" }
        case .inFlight(let step):
            self.state = .unknown
            detail = "a \(step.kind.rawValue) was begun and nobody knows how it ended: it has to be asked"
        case .applied:
            self.state = .verifying
            if !driven { detail = "applied, not confirmed: it reverts by itself" }
        case .confirmed: self.state = state.wanted == .base ? .rollingBack : .confirmed
        case .inDoubt:
            self.state = .unknown
            detail = "it has to be asked\(because)"
        case .mustRevert:
            self.state = .rollingBack
        case .failed: self.state = .failed
        case .rolledBack: self.state = .rolledBack
        case .stranded(let what):
            self.state = .unknown
            detail = what
        }
    }
}

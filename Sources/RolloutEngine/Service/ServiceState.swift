/// What is known beside the rollouts: the fold of the service journal.
public struct ServiceState: Hashable, Sendable {
    /// The end of the journal that was taken in.
    public private(set) var chain = ServiceChain.start
    /// The schedules that hold, by name.
    public private(set) var schedules: [ScheduleName: ScheduleState] = [:]
    /// Who had set the schedule that started a rollout, by rollout: also once it was set anew, ran again or was removed.
    private var schedulers: [RolloutID: String] = [:]
    /// Who stopped the line, when and why; nil while it is not stopped.
    public private(set) var lineStop: LineCall?
    /// Who released it last.
    public private(set) var lineRelease: LineCall?
    /// Every token that was ever issued, in that order.
    public private(set) var tokens: [TokenState] = []
    /// The last seal over the facts of each rollout that has one.
    public private(set) var seals: [RolloutID: JournalSeal] = [:]
    /// The alerts that came last, oldest first; at most 100 of them.
    public private(set) var alerts: [ReceivedAlert] = []
    /// What was told over each channel of notices.
    public private(set) var channels: [ChannelName: ChannelState] = [:]

    /// Before the first entry.
    public init() {}

    /// What entries come to.
    public init(folding entries: some Sequence<ServiceEntry>) {
        for entry in entries { apply(entry) }
    }

    /// Takes in the next entry.
    public mutating func apply(_ entry: ServiceEntry) {
        chain = ServiceChain(sequence: entry.sequence, digest: entry.chain)
        switch entry.fact {
        case .scheduleSet(let schedule):
            var its = schedules[schedule.name] ?? ScheduleState(schedule: schedule, setAt: entry.at, setBy: entry.by)
            // Set anew, it counts from then on; the rollout that it started is not forgotten.
            (its.schedule, its.setAt, its.setBy, its.settledUntil) = (schedule, entry.at, entry.by, entry.at)
            (its.begun, its.lastOccurrence, its.lastSkip) = (nil, nil, nil)
            schedules[schedule.name] = its
        case .scheduleRemoved(let name): schedules[name] = nil
        case .scheduleBegun(let name, let occurrence):
            schedules[name]?.begun = ScheduleState.Begun(occurrence: occurrence, at: entry.at, by: entry.by)
        case .scheduleStarted(let name, let occurrence, let rollout):
            schedules[name]?.settle(occurrence, at: entry.at)
            schedules[name]?.lastRollout = rollout
            schedulers[rollout] = schedules[name]?.setBy
        case .scheduleSkipped(let name, let occurrence, let because):
            schedules[name]?.settle(occurrence, at: entry.at)
            schedules[name]?.lastSkip = because
        case .lineStopped:
            // Who stops what is stopped adds nothing: the first reason is the one to look at.
            lineStop = lineStop ?? LineCall(at: entry.at, by: entry.by, reason: entry.reason)
        case .lineReleased:
            lineStop = nil
            lineRelease = LineCall(at: entry.at, by: entry.by, reason: entry.reason)
        case .tokenIssued(let token): tokens.append(TokenState(token: token, issuedAt: entry.at, issuedBy: entry.by))
        case .tokenRevoked(let id):
            for index in tokens.indices where tokens[index].token.id == id && tokens[index].revokedAt == nil {
                tokens[index].revokedAt = entry.at
            }
        case .journalSealed(let rollout, let seal): seals[rollout] = seal
        case .alertReceived(let alert):
            alerts.append(ReceivedAlert(alert: alert, at: entry.at, by: entry.by))
            if alerts.count > Self.keptAlerts { alerts.removeFirst() }
        case .channelOpened(let name, let newest):
            channels[name] = channels[name] ?? ChannelState(openedAt: entry.at, by: entry.sequence, newest: newest)
        case .messageBegun(let message): channels[message.channel]?.begin(message, entry)
        case .messageSettled(let name, let message, let notices, let failure):
            channels[name]?.settle(message, notices: notices, failure: failure, at: entry.at)
        }
    }

    /// The token with this secret, if it may be used at `now`.
    ///
    /// - Parameter secretDigest: The SHA-256 of what the caller showed.
    public func token(withSecret secretDigest: Digest, at now: Instant) -> TokenRecord? {
        tokens.first { $0.token.secretDigest == secretDigest && $0.isUsable(at: now) }?.token
    }

    /// Who had set the schedule that started a rollout; nil for one that no schedule started.
    public func scheduler(of rollout: RolloutID) -> String? { schedulers[rollout] }

    private static let keptAlerts = 100
}

/// Somebody stopped the line, or released it.
public struct LineCall: Hashable, Codable, Sendable {
    /// When.
    public var at: Instant
    /// Who.
    public var by: String
    /// Why, if said.
    public var reason: String?

    /// Somebody stopped the line, or released it.
    public init(at: Instant, by: String, reason: String?) {
        self.at = at
        self.by = by
        self.reason = reason
    }

    /// Who, when and why.
    public var words: String { "\(by), \(at)" + (reason.map { ": \($0)" } ?? "") }
}

/// A schedule, and what it did last.
public struct ScheduleState: Hashable, Codable, Sendable {
    /// The schedule.
    public var schedule: Schedule
    /// Since when it holds as it is.
    public var setAt: Instant
    /// Who set it.
    public var setBy: String
    /// What would be due at or before this is not due any more.
    public var settledUntil: Instant
    /// The occurrence that somebody is beginning; nil when nobody is.
    public var begun: Begun?
    /// The last occurrence that began or was passed over.
    public var lastOccurrence: Instant?
    /// The last rollout that it started.
    public var lastRollout: RolloutID?
    /// Why the last occurrence was passed over; nil when it was not.
    public var lastSkip: String?

    /// A schedule that did nothing yet.
    public init(schedule: Schedule, setAt: Instant, setBy: String) {
        self.schedule = schedule
        self.setAt = setAt
        self.setBy = setBy
        settledUntil = setAt
    }

    /// An occurrence that is being begun: its rollout may have been created already.
    public struct Begun: Hashable, Codable, Sendable {
        /// When it was due.
        public var occurrence: Instant
        /// Since when it is being begun.
        public var at: Instant
        /// By which process.
        public var by: String
    }

    /// An occurrence began or was passed over. What fell due before that was decided is not made up for, even where the clock is
    /// set back.
    mutating func settle(_ occurrence: Instant, at now: Instant) {
        lastOccurrence = occurrence
        lastSkip = nil
        begun = nil
        settledUntil = max(settledUntil, occurrence, now)
    }
}

/// A token and what became of it.
public struct TokenState: Hashable, Codable, Sendable {
    /// The token.
    public var token: TokenRecord
    /// Since when it may be used.
    public var issuedAt: Instant
    /// By whom it was issued.
    public var issuedBy: String
    /// Since when it may not be used any more, because somebody said so.
    public var revokedAt: Instant?

    /// A token that was issued.
    public init(token: TokenRecord, issuedAt: Instant, issuedBy: String) {
        self.token = token
        self.issuedAt = issuedAt
        self.issuedBy = issuedBy
    }

    /// Whether it may be used at `now`: neither revoked nor run out. At the very instant of its end it has run out.
    public func isUsable(at now: Instant) -> Bool {
        revokedAt == nil && token.expiresAt.map { now < $0 } ?? true
    }
}

/// An alert, and when it came.
public struct ReceivedAlert: Hashable, Codable, Sendable {
    /// The alert.
    public var alert: AlertRecord
    /// When it came.
    public var at: Instant
    /// Under whose name.
    public var by: String

    /// An alert that came.
    public init(alert: AlertRecord, at: Instant, by: String) {
        self.alert = alert
        self.at = at
        self.by = by
    }
}

/// What can be said beside the rollouts. Nothing else ever changes a `ServiceState`.
public enum ServiceFact: Hashable, Codable, Sendable {
    /// This schedule holds from now on, in place of one of the same name.
    case scheduleSet(Schedule)
    /// There is no such schedule any more. A rollout that it started goes on.
    case scheduleRemoved(ScheduleName)
    /// An occurrence of a schedule is being begun, by whoever says so: durable before its rollout is created.
    case scheduleBegun(ScheduleName, occurrence: Instant)
    /// An occurrence of a schedule began, as this rollout.
    case scheduleStarted(ScheduleName, occurrence: Instant, rollout: RolloutID)
    /// An occurrence of a schedule was passed over.
    case scheduleSkipped(ScheduleName, occurrence: Instant, because: String)
    /// Every rollout of the store stands still, and none starts, until the line is released.
    case lineStopped
    /// Rollouts may go on. Whatever else they stand still for stays.
    case lineReleased
    /// This token may be used from now on.
    case tokenIssued(TokenRecord)
    /// The token of this number may not be used any more.
    case tokenRevoked(String)
    /// The facts of a rollout are these, up to one of them.
    case journalSealed(RolloutID, JournalSeal)
    /// An alert came from outside.
    case alertReceived(AlertRecord)
    /// From now on this channel of notices is told what happens. The newest rollout was this one, 0 for none.
    case channelOpened(ChannelName, newest: RolloutID)
    /// A message is about to be sent, by whoever says so: durable before its first byte is.
    case messageBegun(MessageBegun)
    /// The message that this entry began, of so many notices, was delivered; or given up for this reason.
    case messageSettled(ChannelName, message: Int64, notices: Int, failure: String?)

    /// The kind, for people who read the table.
    public var kind: String {
        switch self {
        case .scheduleSet: "schedule_set"
        case .scheduleRemoved: "schedule_removed"
        case .scheduleBegun: "schedule_begun"
        case .scheduleStarted: "schedule_started"
        case .scheduleSkipped: "schedule_skipped"
        case .lineStopped: "line_stopped"
        case .lineReleased: "line_released"
        case .tokenIssued: "token_issued"
        case .tokenRevoked: "token_revoked"
        case .journalSealed: "journal_sealed"
        case .alertReceived: "alert_received"
        case .channelOpened: "channel_opened"
        case .messageBegun: "message_begun"
        case .messageSettled: "message_settled"
        }
    }

    /// Whether it can wait. On a full disk such facts are refused first, so that the line can still be stopped, and what schedules
    /// did can still be written down.
    public var canWait: Bool {
        switch self {
        case .scheduleSet, .scheduleBegun, .tokenIssued, .journalSealed, .alertReceived, .channelOpened,
            .messageBegun, .messageSettled:
            true
        case .scheduleRemoved, .scheduleStarted, .scheduleSkipped, .lineStopped, .lineReleased, .tokenRevoked: false
        }
    }
}

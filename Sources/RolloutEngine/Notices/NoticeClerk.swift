/// Decides what is told when. Pure: the same arguments give the same message.
public enum NoticeClerk {
    /// How long what belongs together is waited for: a verdict and the pause that follows from it are facts of their own.
    static let gathering = Timespan.seconds(2)
    /// The time over which messages are counted.
    static let minute = Timespan.minutes(1)

    /// The message that is due; nil when none is, or when there were as many as there may be in a minute.
    ///
    /// One message tells what gathered in one rollout. The last one that a minute has room for tells everything that waits.
    ///
    /// - Parameter pending: What is to be told over this channel, of each journal in order.
    public static func next(
        _ channel: NoticeChannel, _ state: ChannelState, pending: [Notice], at now: Instant
    ) -> MessageBegun? {
        guard state.open == nil else { return nil }
        // A clock that was set back holds nothing up.
        let spent = state.begunAt.filter { $0 <= now && now - $0 < minute }.count
        guard spent < channel.perMinute else { return nil }
        let groups = grouped(pending).filter { now - $0[0].at >= gathering || $0[0].at > now }
        if spent == channel.perMinute - 1 {
            return groups.isEmpty ? nil : message(groups, channel, state)
        }
        let due = groups.filter { group in
            guard let last = state.spokenAt[group[0].place.rollout?.number ?? 0], last <= now else { return true }
            return now - last >= channel.fold
        }
        return due.min { $0[0].at < $1[0].at }.map { message([$0], channel, state) }
    }

    /// How long to wait before a message is tried again: 2 s, 4 s, at most five minutes; longer where the receiver says so.
    public static func pause(after failures: Int, asked: Timespan?) -> Timespan {
        max(.seconds(min(300, 1 << Int64(min(failures, 9)))), asked ?? .zero)
    }

    private static func grouped(_ pending: [Notice]) -> [[Notice]] {
        Dictionary(grouping: pending) { $0.place.rollout?.number ?? 0 }.sorted { $0.key < $1.key }.map {
            $0.value.sorted { $0.place < $1.place }
        }
    }

    private static func message(_ groups: [[Notice]], _ channel: NoticeChannel, _ state: ChannelState)
        -> MessageBegun
    {
        let parts = groups.map { group in
            MessageBegun.Part(
                rollout: group[0].place.rollout, after: group[0].place.sequence - 1,
                through: group[group.count - 1].place.sequence)
        }
        return MessageBegun(channel: channel.name, parts: parts, missed: state.missed)
    }
}

/// A message that somebody is about to send: written down before its first byte is sent, so that whoever goes on after a crash sends
/// the very same under the same name.
public struct MessageBegun: Hashable, Codable, Sendable {
    /// Where to.
    public var channel: ChannelName
    /// What it tells.
    public var parts: [Part]
    /// How many notices before it were never delivered, which it says.
    public var missed: Int

    /// A message to a channel.
    public init(channel: ChannelName, parts: [Part], missed: Int) {
        self.channel = channel
        self.parts = parts
        self.missed = missed
    }

    /// What of one journal is told: what matters of the facts behind `after`, up to `through`.
    public struct Part: Hashable, Codable, Sendable {
        /// The rollout; nil for the service journal.
        public var rollout: RolloutID?
        /// The last fact that is not told.
        public var after: Int64
        /// The last fact that is told.
        public var through: Int64

        /// A stretch of a journal.
        public init(rollout: RolloutID?, after: Int64, through: Int64) {
            self.rollout = rollout
            self.after = after
            self.through = through
        }

        /// Whether a notice is a part of it.
        func holds(_ place: NoticePlace) -> Bool {
            place.rollout == rollout && place.sequence > after && place.sequence <= through
        }
    }

    /// Whether a notice is told by it.
    public func holds(_ place: NoticePlace) -> Bool { parts.contains { $0.holds(place) } }
}

/// What was told over a channel: the fold of the service journal.
public struct ChannelState: Hashable, Codable, Sendable {
    /// Since when there is something told.
    public var openedAt: Instant
    /// The entry that opened it: nothing before it is told.
    public var openedBy: Int64
    /// The newest rollout there was then: what happened in it and in older ones before `openedAt` is not told.
    public var newest: RolloutID
    /// Up to which fact of each journal something was told or given up; 0 is the service journal.
    public private(set) var through: [Int64: Int64] = [:]
    /// When a message about each journal was begun last.
    public private(set) var spokenAt: [Int64: Instant] = [:]
    /// When messages were begun, the last of them.
    public private(set) var begunAt: [Instant] = []
    /// The message that is being sent.
    public private(set) var open: Open?
    /// How many notices were given up since a message was last delivered.
    public private(set) var missed = 0
    /// When a message was delivered last.
    public private(set) var toldAt: Instant?
    /// How many messages were delivered.
    public private(set) var told = 0
    /// When one was given up last, and why.
    public private(set) var givenUp: GivenUp?

    /// A message that is being sent.
    public struct Open: Hashable, Codable, Sendable {
        /// Its entry in the service journal.
        public var entry: Int64
        /// By what receivers tell it from others: the same however often it is sent.
        public var id: String
        /// What it tells.
        public var message: MessageBegun
        /// Since when.
        public var at: Instant
        /// By which process.
        public var by: String
    }

    /// A message that was given up.
    public struct GivenUp: Hashable, Codable, Sendable {
        /// When.
        public var at: Instant
        /// Why.
        public var because: String
    }

    init(openedAt: Instant, by entry: Int64, newest: RolloutID) {
        self.openedAt = openedAt
        openedBy = entry
        self.newest = newest
    }

    mutating func begin(_ message: MessageBegun, _ entry: ServiceEntry) {
        open = Open(
            entry: entry.sequence, id: entry.chain.short, message: message, at: entry.at, by: entry.by)
        for part in message.parts {
            let journal = part.rollout?.number ?? 0
            through[journal] = max(through[journal] ?? 0, part.through)
            spokenAt[journal] = entry.at
        }
        begunAt = begunAt.suffix(60) + [entry.at]
    }

    mutating func settle(_ entry: Int64, notices: Int, failure: String?, at now: Instant) {
        guard open?.entry == entry else { return }
        open = nil
        if let failure {
            missed += notices
            givenUp = GivenUp(at: now, because: failure)
        } else {
            missed = 0
            told += 1
            toldAt = now
        }
    }

    /// Whether a notice is still to be told.
    public func isNew(_ notice: Notice) -> Bool {
        let place = notice.place
        if let told = through[place.rollout?.number ?? 0] { return place.sequence > told }
        guard let rollout = place.rollout else { return place.sequence > openedBy }
        return rollout > newest || notice.at >= openedAt
    }
}

/// Where notices go, and which.
public struct NoticeChannel: Hashable, Sendable {
    /// Its name, by which what was told is remembered.
    public var name: ChannelName
    /// What listens there.
    public var receiver: Receiver
    /// Where its address is kept: whoever knows it may speak there, so it is a secret.
    public var url: SecretReference
    /// What signs messages, for receivers that look at it.
    public var secret: SecretReference?
    /// What matters less is not told.
    public var severity: Notice.Severity = .info
    /// Patterns of the titles of rollouts that are told; empty for all of them.
    public var rollouts: [String] = []
    /// How many messages a minute there are at most.
    public var perMinute = 6
    /// For how long after a message about a rollout what happens in it is gathered.
    public var fold = Timespan.seconds(30)
    /// For how long a message is tried.
    public var giveUp = Timespan.minutes(60)
    /// Networks beside the public ones in which the receiver may be.
    public var allow: [AddressRange] = []

    /// A channel with the usual limits.
    public init(name: ChannelName, receiver: Receiver, url: SecretReference) {
        self.name = name
        self.receiver = receiver
        self.url = url
    }

    /// What can listen.
    public enum Receiver: String, Codable, Sendable, CaseIterable {
        /// An incoming webhook of Slack.
        case slack
        /// An incoming webhook of Mattermost.
        case mattermost
        /// A workflow of Teams that posts adaptive cards.
        case teams
        /// JSON, signed where there is a secret.
        case generic
    }

    /// Whether a notice is told here.
    ///
    /// - Parameter title: The title of the rollout; nil for what is said of no single rollout, which every channel hears.
    public func wants(_ notice: Notice, of title: String?) -> Bool {
        guard notice.severity >= severity else { return false }
        guard let title, !rollouts.isEmpty else { return true }
        return rollouts.contains { NamePattern(word: $0).matches(title) }
    }
}

/// The name of a channel of notices.
public struct ChannelName: Name {
    /// The text as it is written in the file.
    public let rawValue: String
    /// Wraps the text as it is written in the file.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Every channel, as a file says them.
public struct NoticeChannels: Sendable {
    /// How people reach the page; nil when messages lead nowhere.
    public var publicURL: String?
    /// The channels, by name.
    public var channels: [NoticeChannel]

    /// Channels.
    public init(publicURL: String?, channels: [NoticeChannel]) {
        self.publicURL = publicURL
        self.channels = channels
    }

    /// Reads a file.
    ///
    /// - Throws: `InputError` with everything that is wrong with it, by file, line and column.
    public static func load(_ path: String) throws(InputError) -> NoticeChannels {
        try read(try InputFile.read(path), file: path)
    }

    /// Reads the bytes of a file.
    static func read(_ bytes: [UInt8], file: String) throws(InputError) -> NoticeChannels {
        let complaints = ComplaintList()
        var found = NoticeChannels(publicURL: nil, channels: [])
        if let root = YAMLDocument.read(bytes, file: file, complaints: complaints),
            var map = YAMLMap(root, "the file", in: file, complaints, example: "channels: …")
        {
            found.publicURL = map.value("public_url", ProbeReader.url)
            if let entry = map.entry("channels"), let channels = map.submap(entry.value, "channels") {
                for entry in channels.entries {
                    guard TextFormat<String>.name.parse(entry.key) != nil else {
                        complaints.error(
                            at: SourceLocation(file: file, line: entry.line, column: entry.column),
                            "channel \(excerpt(entry.key)) is not \(TextFormat<String>.name.expected)")
                        continue
                    }
                    guard let inner = channels.submap(entry.value, "channel \(entry.key)") else { continue }
                    let place = SourceLocation(file: file, line: entry.line, column: entry.column)
                    if let channel = channel(entry.key, inner.standing(at: place), complaints) {
                        found.channels.append(channel)
                    }
                }
            }
            if found.channels.isEmpty, complaints.isClean {
                complaints.error(at: map.location, "the file has no channel", remedy: "add one under channels:")
            }
            map.refuseUnknownKeys()
        }
        try complaints.throwIfAny()
        found.channels.sort { $0.name < $1.name }
        return found
    }

    private static func channel(_ name: String, _ given: YAMLMap, _ complaints: ComplaintList) -> NoticeChannel? {
        var map = given
        let receiver = map.required("kind", TextFormat<NoticeChannel.Receiver>.word)
        let url = map.required("url", .secret)
        let secret = map.value("secret", .secret)
        let severity = map.value("severity", TextFormat<Notice.Severity>.word)
        let rollouts = map.entry("rollouts").map { map.readList($0.value, as: .line, what: "rollouts") }
        let perMinute = map.value("per_minute", .number(2...60, "a number from 2 to 60", example: 6))
        let fold = map.value("fold", .timespan(example: "30s"))
        let giveUp = map.value("give_up", .timespan(example: "1h"))
        let allow = map.entry("allow").map { map.readList($0.value, as: Self.network, what: "allow") }
        map.refuseUnknownKeys()
        if let fold, fold > .minutes(60) { complaints.error(at: map.place(of: "fold"), "fold \(fold) is over 1h") }
        if let giveUp, giveUp > .minutes(1440) {
            complaints.error(at: map.place(of: "give_up"), "give_up \(giveUp) is over 1d")
        }
        if receiver == .generic, secret == nil {
            complaints.error(
                at: map.location,
                "channel \(name) has no secret: whoever reads its messages could not tell who wrote them",
                remedy: "secret: file:PATH, with a line of random text")
        }
        if let receiver, receiver != .generic, secret != nil {
            complaints.error(
                at: map.place(of: "secret"),
                "channel \(name) has a secret, which \(receiver.rawValue) does not look at",
                remedy: "leave it out")
        }
        guard let receiver, let url else { return nil }
        var channel = NoticeChannel(name: ChannelName(rawValue: name), receiver: receiver, url: url)
        channel.secret = secret
        channel.severity = severity ?? channel.severity
        channel.rollouts = rollouts ?? []
        channel.perMinute = perMinute ?? channel.perMinute
        channel.fold = fold ?? channel.fold
        channel.giveUp = giveUp ?? channel.giveUp
        channel.allow = allow ?? []
        return channel
    }

    private static let network = TextFormat<AddressRange>(expected: "a network such as 10.0.0.0/8 or fd00::/8") {
        AddressRange($0)
    }
}

/// A port of a console device.
public struct ConsoleInterface: Codable, Equatable, Sendable {
    /// Its name in the configuration: `GigabitEthernet0/0/1`.
    public let name: String
    /// The Linux network device that stands for it, if there is one.
    public let netdev: String?

    /// A port.
    public init(_ name: String, netdev: String? = nil) {
        self.name = name
        self.netdev = netdev
    }
}

/// A router or switch as its sessions see it: everything that outlives a session.
///
/// Its transitions are pure: they take the time, and ask nothing. Who holds it, and how, is `ConsoleStorage`.
public struct ConsoleDevice: Codable, Equatable, Sendable {
    /// What it is.
    public let platform: ConsolePlatform
    /// Its ports.
    public let interfaces: [ConsoleInterface]
    /// Its name out of the factory, where the configuration says none.
    let factoryName: String
    /// What `enable` asks for.
    let enablePassword: String
    /// Its serial number: another device has another one, whatever it calls itself.
    public let serial: String

    /// What is in force.
    public internal(set) var running = ConfigTree()
    /// What it would start with.
    public internal(set) var startup = ConfigTree()
    /// What would undo changes that nobody confirmed.
    public internal(set) var pending: PendingRevert?
    /// When it restarts, if that was ordered.
    public internal(set) var reloadAt: Moment?
    /// By whom, from where, and what for.
    var reloadNotice: String?
    /// Past commits, the newest first. The first holds what is in force, on platforms that commit.
    public internal(set) var commits: [CommitRecord] = []
    /// What it would tell a syslog server, the oldest first.
    public internal(set) var log: [LogEntry] = []
    /// The sessions that are open.
    public internal(set) var sessions: [SessionRecord] = []

    /// Configurations by file, checkpoint or archive name.
    var files: [NamedConfiguration] = []
    /// The candidate that sessions share, where they do.
    var candidate: ConfigTree?
    /// Configuration sessions by name (EOS).
    var drafts: [Draft] = []
    /// What its scheduler is to do.
    var jobs: [ScheduledJob] = []
    /// How many seconds its own clock is ahead; behind when negative.
    var clockOffset = 0
    /// The session that locked the configuration.
    var lockedBy: Int?
    var nextSession = 1
    var nextCommit = 1
    /// How often it has restarted.
    public internal(set) var restarts = 0
    var startedAt: Moment
    /// When the running configuration last changed, and by whom.
    var lastChange: CommitStamp?
    /// How often each fault that is counted has struck.
    var struck: [String: Int] = [:]

    init(
        platform: ConsolePlatform, interfaces: [ConsoleInterface], factoryName: String, enablePassword: String,
        serial: String, at now: Moment
    ) {
        self.platform = platform
        self.interfaces = interfaces
        self.factoryName = factoryName
        self.enablePassword = enablePassword
        self.serial = serial
        startedAt = now
    }

    /// Its name.
    public var hostname: String { platform.dialect.hostname(of: running) ?? factoryName }

    /// The running configuration as the device shows it.
    public var runningText: String { platform.dialect.layout.lines(running.nodes).joined(separator: "\n") }

    /// The rate each port is shaped to, in bits a second, as the running configuration has it.
    public var shapedRates: [String: Int] { platform.dialect.shapedRates(of: running) }

    mutating func note(_ text: String, by user: String, at now: Moment) {
        log.append(LogEntry(at: now, user: user, text: text))
        // A device keeps so many lines.
        if log.count > 1000 { log.removeFirst(log.count - 1000) }
    }

    /// Puts a configuration in force for good, and remembers it.
    mutating func commit(
        _ tree: ConfigTree, by user: String, session: Int, at now: Moment, label: String = "", comment: String = "",
        via client: String = "cli"
    ) {
        running = tree
        lastChange = CommitStamp(at: now, user: user)
        commits.insert(
            CommitRecord(
                number: nextCommit, at: now, user: user, session: session, label: label, comment: comment,
                client: client, tree: tree),
            at: 0)
        nextCommit += 1
        if commits.count > 50 { commits.removeLast() }
    }
}

/// A configuration under a name.
struct NamedConfiguration: Codable, Equatable, Sendable {
    let name: String
    var tree: ConfigTree
    let at: Moment
}

/// A configuration session of EOS, or a candidate with a name of SR Linux.
struct Draft: Codable, Equatable, Sendable {
    enum State: String, Codable, Sendable { case pending, pendingCommitTimer, completed, aborted }
    let name: String
    let user: String
    var tree: ConfigTree
    /// What was in force when it was made, where that is kept (SR Linux).
    var base: ConfigTree?
    var state = State.pending
}

/// What would undo changes that nobody confirmed.
public struct PendingRevert: Codable, Equatable, Sendable {
    /// When it comes.
    public internal(set) var deadline: Moment
    /// The span it was asked for, in seconds.
    public internal(set) var seconds: Int
    /// What it brings back.
    public let tree: ConfigTree
    /// Who asked for it.
    public let user: String
    /// The session that asked for it.
    let session: Int
    /// Its name: of the configuration session (EOS), the persistence ID (VRP), or its comment (VyOS).
    var name: String
    /// Whether it comes at once when the session that asked for it ends.
    let isBoundToSession: Bool
    /// Whether it restarts the device into the startup configuration instead.
    let restarts: Bool
}

/// A commit.
public struct CommitRecord: Codable, Equatable, Sendable {
    /// 1 for the device's first, and so on.
    public let number: Int
    /// When it was.
    public let at: Moment
    /// Who it was.
    public let user: String
    let session: Int
    /// Its label, if it has one.
    public let label: String
    /// What was said of it.
    public let comment: String
    /// How it came about: `cli`, or what the device calls its own doing.
    public let client: String
    /// What it put in force.
    public let tree: ConfigTree
}

/// When something was, and who did it.
struct CommitStamp: Codable, Equatable, Sendable {
    let at: Moment
    let user: String
}

/// A line of the device's log.
public struct LogEntry: Codable, Equatable, Sendable {
    /// When it was.
    public let at: Moment
    /// Who caused it.
    public let user: String
    /// What happened.
    public let text: String
}

/// A session that is open.
public struct SessionRecord: Codable, Equatable, Sendable {
    /// Its number.
    public let id: Int
    /// Whose it is.
    public let user: String
    /// When it began.
    public let since: Moment
    /// The process that serves it; nil in a test.
    let process: Int?
    /// When the device notices that it was cut off.
    var endsAt: Moment?
}

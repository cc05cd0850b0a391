/// What goes wrong with a device: one JSON object, `faults.json` in its folder. What is not said does not go wrong.
public struct ConsoleFaults: Codable, Equatable, Sendable {
    /// A side of the moment at which a commit takes effect.
    public enum Side: String, Codable, Sendable {
        /// Nothing was changed yet.
        case before
        /// It is changed, and nobody hears of it.
        case after
    }

    /// Where a syslog line appears.
    public enum Interruption: String, Codable, Sendable {
        /// Amid the output of a command.
        case output
        /// After the prompt, which is not shown again.
        case prompt
    }

    /// An edit by somebody else.
    public struct ForeignEdit: Codable, Equatable, Sendable {
        /// It comes right before that command of each session, the first being 1.
        public var atCommand: Int?
        /// It comes right after a revert timer was armed.
        public var inWindow: Bool?
        /// Lines as typed in configuration mode. Committed, where the platform commits.
        public var lines: [String]
        /// It is left in the shared candidate, uncommitted, where there is one.
        public var uncommitted: Bool?

        /// An edit that comes before the n-th command.
        public init(atCommand: Int, lines: [String], uncommitted: Bool? = nil) {
            self.atCommand = atCommand
            self.lines = lines
            self.uncommitted = uncommitted
        }

        /// An edit that comes once a revert timer is armed.
        public init(inWindow lines: [String]) {
            inWindow = true
            self.lines = lines
        }
    }

    /// Bytes a second that it says.
    public var bytesPerSecond: Int?
    /// Milliseconds before it answers a command.
    public var delayPerCommand: Int?
    /// After so many bytes of a session nothing comes any more, and the connection stays open.
    public var stallAfterBytes: Int?
    /// The session ends instead of obeying that command of it, the first being 1.
    public var dropAtCommand: Int?
    /// The session ends within a commit, or within a line that changes the running configuration where nothing commits.
    public var dropInCommit: Side?
    /// For so many seconds the device does not notice that one of these cut a session off, which keeps what it holds until then.
    public var lingers: Int?
    /// How often `dropAtCommand` and `dropInCommit` strike, together; nil for always.
    public var dropTimes: Int?
    /// Bytes that are no text come with each answer.
    public var garbage: Bool?
    /// The name the prompt says.
    public var hostname: String?
    /// Lines of configuration that have one of these in them are refused.
    public var refuse: [String]?
    /// Lines of configuration that have one of these in them are accepted and lost.
    public var swallow: [String]?
    /// Commits fail, with nothing changed.
    public var commitFails: Bool?
    /// What turns paging off is accepted, and does nothing.
    public var pagingStays: Bool?
    /// Before that command of a session it asks whether to go on.
    public var unexpectedQuestion: Int?
    /// A syslog line appears with each command.
    public var syslog: Interruption?
    /// The prompt is also a line of the output, where there are three lines or more.
    public var promptInOutput: Bool?
    /// The echo of what is typed wraps at that width, whatever the terminal's.
    public var wrapEcho: Int?
    /// What others do meanwhile.
    public var foreignEdits: [ForeignEdit]?
    /// A revert timer that is asked for is refused.
    public var timerRefuses: Bool?
    /// A revert timer that is asked for is acknowledged, and none runs.
    public var timerIsLost: Bool?
    /// For so many seconds after it restarted it lets nobody in.
    public var bootSeconds: Int?
    /// How many seconds the device's own clock is ahead; behind when negative. It is set right before the next command.
    public var clockOffset: Int?
    /// So many times the right password is called wrong.
    public var wrongPasswords: Int?

    /// Nothing goes wrong.
    public init() {}
}

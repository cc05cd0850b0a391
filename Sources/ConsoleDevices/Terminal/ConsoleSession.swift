/// What a session knows beside the device.
struct ConsoleSession: Sendable {
    enum Mode: Sendable { case exec, privileged, configuration }

    /// Where configuration lines go.
    enum Target: Equatable, Sendable {
        /// In force at once.
        case running
        /// The session's own candidate.
        case own
        /// The candidate that all share.
        case shared
        /// A configuration session with a name.
        case draft(String)
    }

    /// A place in the configuration that was entered.
    struct Level: Sendable {
        let path: [ConfigNode]
        let rule: Rule
    }

    let id: Int
    let user: String
    /// How often the device had restarted when it began.
    let restarts: Int
    var mode = Mode.exec
    var target = Target.running
    /// Entered places, the innermost last.
    var levels: [Level] = []
    /// The session's own candidate, and what was in force when it was made.
    var candidate: ConfigTree?
    var base: ConfigTree?
    /// Only what was typed: what replaces everything where a commit is to replace.
    var typed = ConfigTree()
    /// The number the next commit had when the session last knew of all.
    var knownCommit = 0
    var isExclusive = false
    /// Columns and rows of the terminal; 0 rows: no pages.
    var width: Int
    var height: Int
    var question: Question?
    /// Commands given so far.
    var commands = 0
    /// Lines of the commit that failed last, with why.
    var failed: [String] = []
    /// Lines that were typed for the question that takes many.
    var gathered: [String] = []
    /// What a dialect has to know of its own.
    var note = ""

    /// The lines that were entered, from the first level down.
    var path: [ConfigNode] { levels.last?.path ?? [] }
}

/// Something the device asks, and what is done with the answer.
struct Question: Sendable {
    enum Kind: Sendable {
        /// A line.
        case line
        /// A line that is not shown.
        case secret
        /// One key.
        case key
        /// Lines, up to an end-of-file (^D).
        case lines
    }

    let text: String
    let kind: Kind
    let answer: @Sendable (inout Turn, String) -> Void
}

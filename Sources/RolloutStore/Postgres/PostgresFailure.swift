/// What went wrong in a session with a server, as libpq or the server said it.
struct PostgresFailure: Error {
    /// The server's code (SQLSTATE); nil when it is not the server who says it.
    let state: String?
    /// In its words, on one line.
    let message: String
    /// Whether the session is over: what was asked last may have been done or not.
    let isLost: Bool
    /// What was expected and what to do, where that is known.
    var advice: String?

    /// The session is over.
    static func lost(_ message: String, state: String? = nil, advice: String? = nil) -> PostgresFailure {
        PostgresFailure(state: state, message: message, isLost: true, advice: advice)
    }

    /// The server refused, and nothing of what was asked was done.
    static func refused(_ state: String, _ message: String) -> PostgresFailure {
        // Shut down by an administrator, crashed, starting: the session ends with it, and a commit may have come through.
        PostgresFailure(state: state, message: message, isLost: state.hasPrefix("57P"))
    }
}

/// Why the web server cannot do what it was asked to.
public struct WebError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is.
    public var code: Code
    /// In words, with what to do.
    public var description: String

    /// The kinds of trouble that callers tell apart.
    public enum Code: Sendable {
        /// The settings are wrong.
        case badInput
        /// What was asked would not be safe.
        case refused
        /// Something that is needed is not there.
        case unavailable
    }

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

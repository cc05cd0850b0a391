/// Why a lab could not do what it was asked.
public struct LabError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble.
    public let code: Code
    /// In words, with what to do about it.
    public let message: String

    /// Kinds of trouble.
    public enum Code: Sendable {
        /// The machine does not permit namespaces, or a program is missing.
        case unavailable
        /// Something else is there already, or is at work.
        case refused
        /// There is no such lab, device or fault.
        case badInput
        /// It went wrong on the way.
        case failed
    }

    /// Trouble with a lab.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

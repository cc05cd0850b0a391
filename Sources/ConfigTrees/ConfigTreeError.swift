/// Why a text is no configuration of a syntax.
public struct ConfigTreeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line of the text, from 1.
    public let line: Int
    /// What was expected there.
    public let expected: String

    /// For a person, without the file's or the device's name.
    public var description: String { "line \(line): expected \(expected)" }
}

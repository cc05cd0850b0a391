public import RolloutEngine

/// A promise that was broken.
public struct Violation: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Which one: P1 to P17 of docs/architecture.md, or `liveness`.
    public var promise: String
    /// In words.
    public var detail: String
    /// When, from the beginning of the night.
    public var at: Timespan
    /// The last entry of the journal then.
    public var entry: Int64

    /// As it is printed.
    public var description: String { "\(promise) broken \(at) into the night, after entry \(entry): \(detail)" }
}

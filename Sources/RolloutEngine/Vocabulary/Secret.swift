/// Where a secret is kept: `env:NAME` or `file:PATH`. Inventories hold references, never values.
public enum SecretReference: Hashable, Codable, Sendable, CustomStringConvertible {
    /// The value of an environment variable.
    case environment(String)
    /// The first line of a file.
    case file(String)

    /// Reads `env:NAME` or `file:PATH`; nil for anything else.
    public init?(_ text: String) {
        if text.hasPrefix("env:"), text.count > 4 {
            self = .environment(String(text.dropFirst(4)))
        } else if text.hasPrefix("file:"), text.count > 5 {
            self = .file(String(text.dropFirst(5)))
        } else {
            return nil
        }
    }

    /// `env:NAME` or `file:PATH`.
    public var description: String {
        switch self {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        }
    }

    /// Reads `env:NAME` or `file:PATH`.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let reference = SecretReference(text) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath, debugDescription: "a secret is referred to as env:NAME or file:PATH"
                )
            )
        }
        self = reference
    }

    /// Writes the reference; there is no value to write.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A secret's value. It prints as `***`, and it is not Codable, so it cannot reach a journal or a plan.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    /// Wraps the value.
    public init(_ value: String) { self.value = value }

    /// Hands the value to the one call that needs it.
    public func reveal<Result>(_ body: (String) throws -> Result) rethrows -> Result { try body(value) }

    /// Always `***`.
    public var description: String { "***" }
    /// Always `***`.
    public var debugDescription: String { "***" }
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

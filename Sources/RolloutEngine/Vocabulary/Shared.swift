/// A value that many others have in common: how a fleet is reached, what every tenth device is configured to.
///
/// It is written where it stands, unless the coder was given `SharedValues`: then only its place among them is. So a plan for 100,000
/// devices says such things once, and is read in a fraction of the time.
@propertyWrapper
public struct Shared<Value: Hashable & Codable & Sendable>: Hashable, Codable, Sendable {
    /// The value.
    public var wrappedValue: Value

    /// Wraps a value.
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

    /// Reads the value, or finds it among those that are shared.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let values = SharedValues.find([Value].self, in: decoder.userInfo) else {
            wrappedValue = try container.decode(Value.self)
            return
        }
        let place = try container.decode(Int.self)
        guard values.indices.contains(place) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "there is no shared value \(place), only \(values.count)")
        }
        wrappedValue = values[place]
    }

    /// Writes the value, or its place among those that are shared.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let place = SharedValues.find([Value: Int].self, in: encoder.userInfo)?[wrappedValue] {
            try container.encode(place)
        } else {
            try container.encode(wrappedValue)
        }
    }
}

/// Values that are shared: a list a type for decoders, their places a type for encoders.
struct SharedValues: Sendable {
    /// What is searched by them.
    enum Use { case reading, writing }

    private let use: Use
    private var kept: [ObjectIdentifier: any Sendable] = [:]

    init(for use: Use) { self.use = use }

    /// Adds the values of a type, each once.
    mutating func share<Value: Hashable & Sendable>(_ values: [Value]) {
        switch use {
        case .reading: keep(values)
        case .writing: keep(Dictionary(zip(values, values.indices), uniquingKeysWith: { first, _ in first }))
        }
    }

    private mutating func keep<Kept: Sendable>(_ value: Kept) { kept[ObjectIdentifier(Kept.self)] = value }

    /// What coders are given to know them.
    var userInfo: [CodingUserInfoKey: any Sendable] { Self.key.map { [$0: self] } ?? [:] }

    static func find<Kept>(_ type: Kept.Type, in userInfo: [CodingUserInfoKey: Any]) -> Kept? {
        guard let shared = key.flatMap({ userInfo[$0] }) as? SharedValues else { return nil }
        return shared.kept[ObjectIdentifier(type)] as? Kept
    }

    private static let key = CodingUserInfoKey(rawValue: "rollout.sharedValues")
}

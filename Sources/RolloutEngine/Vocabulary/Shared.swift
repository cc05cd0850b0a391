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
        guard let list = SharedValues.list(of: Value.self, in: decoder.userInfo) else {
            wrappedValue = try container.decode(Value.self)
            return
        }
        let place = try container.decode(Int.self)
        guard list.values.indices.contains(place) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "there is no shared value \(place), only \(list.values.count)")
        }
        wrappedValue = list.values[place]
    }

    /// Writes the value, or its place among those that are shared.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let place = SharedValues.list(of: Value.self, in: encoder.userInfo)?.places[wrappedValue] {
            try container.encode(place)
        } else {
            try container.encode(wrappedValue)
        }
    }
}

/// Lists of values that are shared, one a type.
struct SharedValues: Sendable {
    private var lists: [ObjectIdentifier: any Sendable] = [:]

    /// Values and their places.
    struct List<Value: Hashable & Sendable>: Sendable {
        let values: [Value]
        let places: [Value: Int]
    }

    /// Adds the list of a type.
    mutating func share<Value: Hashable & Sendable>(_ values: [Value]) {
        let places = Dictionary(
            zip(values, values.indices).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
        lists[ObjectIdentifier(Value.self)] = List(values: values, places: places)
    }

    /// What coders are given to know them.
    var userInfo: [CodingUserInfoKey: any Sendable] { Self.key.map { [$0: self] } ?? [:] }

    static func list<Value>(of type: Value.Type, in userInfo: [CodingUserInfoKey: Any]) -> List<Value>? {
        guard let shared = key.flatMap({ userInfo[$0] }) as? SharedValues else { return nil }
        return shared.lists[ObjectIdentifier(type)] as? List<Value>
    }

    private static let key = CodingUserInfoKey(rawValue: "rollout.sharedValues")
}

/// A name that means one kind of thing, so that a device's name never stands where a link's is wanted.
public protocol Name: RawRepresentable<String>, Hashable, Comparable, Codable, Sendable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    /// Wraps the text as it is written in the inventory.
    init(rawValue: String)
}

extension Name {
    /// The text as it is written in the inventory.
    public var description: String { rawValue }

    /// Orders names as people read them: `gra-eco-2` before `gra-eco-10`.
    public static func < (left: Self, right: Self) -> Bool { naturallyPrecedes(left.rawValue, right.rawValue) }

    /// Makes a name from a literal, for tests and fixed names.
    public init(stringLiteral value: String) { self.init(rawValue: value) }

    /// Reads the bare text.
    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the bare text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// The name of one router, switch or server.
public struct DeviceName: Name {
    /// The text as it is written in the inventory.
    public let rawValue: String
    /// Wraps the text as it is written in the inventory.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a shared, constrained link: an uplink.
public struct LinkName: Name {
    /// The text as it is written in the inventory.
    public let rawValue: String
    /// Wraps the text as it is written in the inventory.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a datacentre.
public struct DatacentreName: Name {
    /// The text as it is written in the inventory.
    public let rawValue: String
    /// Wraps the text as it is written in the inventory.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a product range.
public struct RangeName: Name {
    /// The text as it is written in the inventory.
    public let rawValue: String
    /// Wraps the text as it is written in the inventory.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a free group of devices.
public struct GroupName: Name {
    /// The text as it is written in the inventory.
    public let rawValue: String
    /// Wraps the text as it is written in the inventory.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a platform, that is of an operating system family that one driver speaks to: `linux`, `simulated`.
public struct PlatformName: Name {
    /// The text as it is written in the inventory.
    public let rawValue: String
    /// Wraps the text as it is written in the inventory.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a gate, unique in its policy.
public struct GateName: Name {
    /// The text as it is written in the policy.
    public let rawValue: String
    /// Wraps the text as it is written in the policy.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a schedule, unique in its store.
public struct ScheduleName: Name {
    /// The text as it was given.
    public let rawValue: String
    /// Wraps the text as it was given.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The number of a rollout in its store, as people say it: "rollout 217".
public struct RolloutID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// The number, from 1.
    public let number: Int64
    /// Wraps a number that a store gave out.
    public init(_ number: Int64) { self.number = number }
    /// `#217`.
    public var description: String { "#\(number)" }
    /// By age: the older rollout first.
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
    /// Reads the bare number.
    public init(from decoder: any Decoder) throws {
        number = try decoder.singleValueContainer().decode(Int64.self)
    }
    /// Writes the bare number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }
}

/// Whether `left` comes before `right` when runs of digits count as numbers.
///
/// A total order: texts that are equal as people read them (`a1`, `a01`) fall back to their bytes.
func naturallyPrecedes(_ left: String, _ right: String) -> Bool {
    var first = Array(left.utf8)[...]
    var second = Array(right.utf8)[...]
    func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
    while let a = first.first, let b = second.first {
        if isDigit(a) && isDigit(b) {
            let runA = first.prefix(while: isDigit).drop { $0 == 48 }
            let runB = second.prefix(while: isDigit).drop { $0 == 48 }
            if runA.count != runB.count { return runA.count < runB.count }
            if !runA.elementsEqual(runB) { return runA.lexicographicallyPrecedes(runB) }
            first = first.drop(while: isDigit)
            second = second.drop(while: isDigit)
        } else if a != b {
            return a < b
        } else {
            first = first.dropFirst()
            second = second.dropFirst()
        }
    }
    if first.isEmpty != second.isEmpty { return first.isEmpty }
    return left.utf8.lexicographicallyPrecedes(right.utf8)
}

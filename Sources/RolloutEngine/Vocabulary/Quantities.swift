/// A data rate in bits per second. Prefixes are decimal, as in networking and in `tc`: 1 Mbit is 1,000,000 bit.
public struct BitsPerSecond: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// Bits per second.
    public let value: UInt64

    /// Wraps bits per second.
    public init(_ value: UInt64) { self.value = value }
    /// No traffic.
    public static let zero = BitsPerSecond(0)

    /// The slower one first.
    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
    /// Both together, at most the largest number there is.
    public static func + (left: Self, right: Self) -> Self {
        let (sum, overflow) = left.value.addingReportingOverflow(right.value)
        return Self(overflow ? .max : sum)
    }

    /// How much faster `self` is than `other`, never less than zero.
    public func excess(over other: BitsPerSecond) -> BitsPerSecond {
        BitsPerSecond(value > other.value ? value - other.value : 0)
    }

    /// The given share of this rate.
    public func scaled(by share: Share) -> BitsPerSecond {
        BitsPerSecond(UInt64((Double(value) * share.fraction).rounded(.down)))
    }

    /// `250Mbit`, `2.5Gbit`, `64kbit`: exact up to three decimals.
    public var description: String {
        for (unit, size) in [("Tbit", 1_000_000_000_000), ("Gbit", 1_000_000_000), ("Mbit", 1_000_000), ("kbit", 1000)]
            as [(String, UInt64)]
        where value >= size && value % (size / 1000) == 0 {
            return decimal(value, size) + unit
        }
        return "\(value)bit"
    }

    /// Rounded for people: three significant digits at most.
    public var approximate: String {
        for (unit, size) in [("Tbit/s", 1e12), ("Gbit/s", 1e9), ("Mbit/s", 1e6), ("kbit/s", 1e3)]
        where Double(value) >= size {
            let tenths = (Double(value) / size * 10).rounded() / 10
            return (tenths >= 100 || tenths == tenths.rounded() ? "\(Int(tenths.rounded()))" : "\(tenths)") + " " + unit
        }
        return "\(value) bit/s"
    }

    /// Reads `250Mbit`, `2.5gbit`, `64kbit/s`, `1000bit`, case as it comes; nil for anything else, also for a bare number.
    public init?(_ text: String) {
        var word = text.trimmingSpaces().lowercased()
        for suffix in ["bit/s", "bps", "bit"] where word.hasSuffix(suffix) {
            word.removeLast(suffix.count)
            word = word.trimmingSpaces()
            let sizes: [Character: Double] = ["k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12]
            var size = 1.0
            if let last = word.last, let prefix = sizes[last] {
                size = prefix
                word.removeLast()
            }
            guard let number = Double(word.trimmingSpaces()), number.isFinite, number >= 0, number * size < 1e18 else {
                return nil
            }
            value = UInt64((number * size).rounded())
            return
        }
        return nil
    }

    /// Reads a number of bits per second.
    public init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(UInt64.self) }
    /// Writes a number of bits per second.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// A number of bytes. Prefixes are binary, as in `tc`: 1 Kb is 1,024 bytes.
public struct ByteCount: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// Bytes.
    public let value: UInt64

    /// Wraps bytes.
    public init(_ value: UInt64) { self.value = value }

    /// The smaller one first.
    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }

    /// `128KiB`, `2MiB`, `1500B`: exact.
    public var description: String {
        for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] as [(String, UInt64)]
        where value >= size && value % size == 0 {
            return "\(value / size)\(unit)"
        }
        return "\(value)B"
    }

    /// Reads `128KiB`, `128K`, `128kb` (bytes, as `tc` means it), `2MiB`, `1500B`, `1500`; nil for anything else.
    public init?(_ text: String) {
        var word = text.trimmingSpaces().lowercased()
        if word.hasSuffix("b") { word.removeLast() }
        if word.hasSuffix("i") { word.removeLast() }
        let sizes: [Character: Double] = ["k": 1024, "m": 1_048_576, "g": 1_073_741_824]
        var size = 1.0
        if let last = word.last, let prefix = sizes[last] {
            size = prefix
            word.removeLast()
        }
        guard let number = Double(word.trimmingSpaces()), number.isFinite, number >= 0, number * size < 1e15 else {
            return nil
        }
        value = UInt64((number * size).rounded())
    }

    /// Reads a number of bytes.
    public init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(UInt64.self) }
    /// Writes a number of bytes.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// A part of a whole, written `80%`.
public struct Share: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// The part as a fraction: 0.8 for 80 %.
    public let fraction: Double

    /// Wraps a fraction: 0.8 for 80 %.
    public init(fraction: Double) { self.fraction = fraction }
    /// That many percent.
    public static func percent(_ value: Double) -> Self { Self(fraction: value / 100) }

    /// The smaller one first.
    public static func < (left: Self, right: Self) -> Bool { left.fraction < right.fraction }

    /// `80%`, `12.5%`.
    public var description: String {
        let percent = (fraction * 1000).rounded() / 10
        return (percent == percent.rounded() ? "\(Int(percent))" : "\(percent)") + "%"
    }

    /// Reads `80%` or `12.5 %`; nil for anything else: a bare number could mean either.
    public init?(_ text: String) {
        let word = text.trimmingSpaces()
        guard word.hasSuffix("%"), let number = Double(String(word.dropLast()).trimmingSpaces()), number.isFinite,
            abs(number) <= 100_000
        else { return nil }
        fraction = number / 100
    }

    /// Reads the fraction.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        fraction = try container.decode(Double.self)
        guard abs(fraction) <= 1000 else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(fraction) is no share")
        }
    }
    /// Writes the fraction.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(fraction)
    }
}

extension String {
    func trimmingSpaces() -> String {
        var rest = Substring(self)
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }
}

private func decimal(_ value: UInt64, _ size: UInt64) -> String {
    let thousandths = value / (size / 1000)
    var text = "\(thousandths / 1000)"
    var rest = thousandths % 1000
    if rest > 0 {
        var digits = String(repeating: "0", count: 3 - String(rest).count) + String(rest)
        while digits.hasSuffix("0") { digits.removeLast() }
        rest = 0
        text += "." + digits
    }
    return text
}

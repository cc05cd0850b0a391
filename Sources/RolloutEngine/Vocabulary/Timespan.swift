/// A length of time in whole milliseconds, written as people write it: `250ms`, `30s`, `10m`, `1h30m`.
public struct Timespan: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// Milliseconds; negative only for differences of instants.
    public let milliseconds: Int64

    /// Wraps milliseconds.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// No time at all.
    public static let zero = Timespan(milliseconds: 0)
    /// That many milliseconds.
    public static func milliseconds(_ value: Int64) -> Self { Self(milliseconds: value) }
    /// That many seconds.
    public static func seconds(_ value: Int64) -> Self { Self(milliseconds: value * 1000) }
    /// That many minutes.
    public static func minutes(_ value: Int64) -> Self { Self(milliseconds: value * 60_000) }

    /// Seconds with their fraction, for arithmetic with rates.
    public var seconds: Double { Double(milliseconds) / 1000 }
    /// As the standard library's duration, for clocks.
    public var duration: Duration { .milliseconds(milliseconds) }

    /// The shorter one first.
    public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
    /// Both together.
    public static func + (left: Self, right: Self) -> Self {
        Self(milliseconds: left.milliseconds + right.milliseconds)
    }
    /// The difference.
    public static func - (left: Self, right: Self) -> Self {
        Self(milliseconds: left.milliseconds - right.milliseconds)
    }
    /// That many times as long.
    public static func * (span: Self, factor: Int64) -> Self { Self(milliseconds: span.milliseconds * factor) }

    /// The shortest exact writing: `1h30m`, `90s` is `1m30s`.
    public var description: String {
        if milliseconds == 0 { return "0s" }
        if milliseconds < 0 { return "-" + Timespan(milliseconds: -milliseconds).description }
        var rest = milliseconds
        var text = ""
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
            as [(String, Int64)]
        where rest >= size {
            text += "\(rest / size)\(unit)"
            rest %= size
        }
        return text
    }

    /// Reads `250ms`, `30s`, `10m`, `1h30m`, `2d`, also with spaces between the parts; nil for anything else.
    ///
    /// A bare number is refused: nobody should have to guess its unit.
    public init?(_ text: String) {
        let sizes: [String: Int64] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        var rest = Substring(text)
        var total: Int64 = 0
        var parts = 0
        while !rest.isEmpty {
            if rest.first == " " {
                rest = rest.dropFirst()
                continue
            }
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let size = sizes[String(unit)] else { return nil }
            let amount = number * Double(size)
            guard amount.isFinite, amount < 1e15, total < 1_000_000_000_000_000 else { return nil }
            total += Int64(amount.rounded())
            parts += 1
        }
        guard parts > 0 else { return nil }
        milliseconds = total
    }

    /// Reads the writing of `description`.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        if text.hasPrefix("-"), let parsed = Timespan(String(text.dropFirst())) {
            self = Timespan(milliseconds: -parsed.milliseconds)
            return
        }
        guard let parsed = Timespan(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not a length of time such as 30s")
            )
        }
        self = parsed
    }

    /// Writes `description`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

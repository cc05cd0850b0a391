package import RolloutEngine

/// What a shaping intent means in the configuration of one NETCONF platform: data, read from `Models/*.yaml`.
package struct NETCONFModel: Hashable, Sendable {
    /// The platforms that it holds for.
    package var names: [PlatformName] = []
    /// What it is, in a line.
    package var summary = ""
    /// Where it was read.
    package var place = SourceLocation(file: "")
    /// Where the hostname stands.
    package var hostname: Subtree
    /// How a device says what it is, if it can be asked.
    package var facts: NETCONFFacts?
    /// The keys of lists, which come before everything else.
    package var keys: [String] = []
    /// Whether the candidate is validated before it is committed. Commits validate anyhow; one server is known on which a
    /// validated candidate is then committed without effect.
    package var validates = true
    /// How interfaces are shaped; the first whose form fits an interface's name holds.
    package var shaping: [Shaping] = []

    /// How interfaces of one form of name are shaped.
    package struct Shaping: Hashable, Sendable {
        /// The form of the name: `{interface}`, or `{interface}.{unit}`.
        package var hasUnit: Bool
        /// Where the shaping stands.
        package var subtree: Subtree
        /// The leaf that holds the rate, by the names of elements below the subtree's end.
        package var rate: [String]
        /// How the rate is written.
        package var unit: RateUnit
        /// The leaf that holds the burst in bytes; empty when the platform has none.
        package var burst: [String]
        /// What is there before rate and burst are set, where an interface was not shaped; nil when shaping cannot begin
        /// with this driver, because something else would be needed too.
        package var fresh: Markup?
    }

    /// How a rate is written.
    package enum RateUnit: String, CaseIterable, Sendable {
        /// A number of bit/s.
        case bits = "bit/s"
        /// A number of kbit/s.
        case kilobits = "kbit/s"
        /// A number of Mbit/s.
        case megabits = "Mbit/s"
        /// A number of bit/s with `k`, `m` or `g` behind it when it is a multiple: `10m`.
        case suffixed = "10m"

        private static let suffixes: [(String, UInt64)] = [("g", 1_000_000_000), ("m", 1_000_000), ("k", 1000)]

        private var size: UInt64 {
            switch self {
            case .bits, .suffixed: 1
            case .kilobits: 1000
            case .megabits: 1_000_000
            }
        }

        /// The rate as the device writes it; nil when it cannot be written exactly.
        package func text(_ rate: BitsPerSecond) -> String? {
            if self == .suffixed,
                let (suffix, size) = Self.suffixes.first(where: { rate.value >= $0.1 && rate.value % $0.1 == 0 })
            {
                return "\(rate.value / size)\(suffix)"
            }
            return rate.value % size == 0 ? "\(rate.value / size)" : nil
        }

        /// The rate that a text means; nil when it means none.
        package func rate(_ text: String) -> BitsPerSecond? {
            var digits = text[...]
            var size = size
            if self == .suffixed,
                let (suffix, scale) = Self.suffixes.first(where: { text.lowercased().hasSuffix($0.0) })
            {
                digits = digits.dropLast(suffix.count)
                size = scale
            }
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(digits) else {
                return nil
            }
            let (rate, overflow) = number.multipliedReportingOverflow(by: size)
            return overflow ? nil : BitsPerSecond(rate)
        }
    }
}

/// How gates write numbers for people. Never traps, whatever a device's counters say.
public enum GateText {
    /// Three significant digits: `0.13`, `4.2`, `118`.
    public static func number(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        let magnitude = abs(value)
        if magnitude >= 1e15 { return "\(value)" }
        let digits = magnitude >= 100 ? 1.0 : magnitude >= 1 ? 10.0 : 100.0
        let rounded = (value * digits).rounded() / digits
        return rounded == rounded.rounded() ? "\(Int64(rounded))" : "\(rounded)"
    }

    /// A factor as a share: `43%`; whatever is above a hundredfold is `> 9999%`.
    static func percent(_ factor: Double) -> String {
        guard factor.isFinite, factor < 100 else { return "> 9999%" }
        return "\(Int((factor * 100).rounded()))%"
    }

    /// A rate of bits: `12.5 Mbit/s`.
    public static func rate(_ bits: Double) -> String { BitsPerSecond(whole(bits)).approximate }

    /// A rate as a whole number, at most the largest there is.
    static func whole(_ value: Double) -> UInt64 {
        guard value > 0 else { return 0 }
        return value < 1.8e19 ? UInt64(value.rounded()) : .max
    }

    /// At most five names.
    static func list(_ names: [String]) -> String {
        names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }
}

import RolloutEngine

/// Metrics in the text format of Prometheus (0.0.4). Pure.
struct MetricsText {
    private(set) var text = ""

    /// Begins a metric.
    ///
    /// - Parameter type: `gauge`, `counter` or `histogram`.
    mutating func begin(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    /// A value.
    mutating func add(_ name: String, _ labels: [(String, String)], _ value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",") + "}"
        }
        text += " \(Self.number(value))\n"
    }

    /// A histogram's values.
    mutating func add(_ name: String, _ labels: [(String, String)], _ histogram: JournalCounts.Histogram) {
        for (bound, count) in zip(JournalCounts.Histogram.bounds, histogram.counts) {
            add(name + "_bucket", labels + [("le", Self.number(bound))], Double(count))
        }
        add(name + "_bucket", labels + [("le", "+Inf")], Double(histogram.count))
        add(name + "_sum", labels, histogram.sum)
        add(name + "_count", labels, Double(histogram.count))
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    /// A label's value: text from elsewhere cannot end it.
    private static func escaped(_ text: String) -> String {
        SafeText.line(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}

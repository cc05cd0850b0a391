/// The value in the middle. Pure.
package enum Median {
    /// The median of some values, the mean of the two in the middle where their number is even; nil of none.
    package static func of(_ values: some Sequence<Double>) -> Double? {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return nil }
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}

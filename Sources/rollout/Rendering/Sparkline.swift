/// Values over time as one line of blocks.
enum Sparkline {
    /// The line; values that are no numbers are gaps. Empty for no values.
    static func text(_ values: [Double], ascii: Bool = false) -> String {
        let blocks = Array(ascii ? "_.-=+*#@" : "▁▂▃▄▅▆▇█")
        let known = values.filter(\.isFinite)
        guard let highest = known.max(), let lowest = known.min() else {
            return String(repeating: " ", count: values.count)
        }
        // Counted from zero, so that a steady line looks steady and not like its noise.
        let floor = min(0, lowest)
        let span = highest - floor
        return String(
            values.map { value in
                guard value.isFinite else { return " " }
                guard span > 0 else { return blocks[0] }
                return blocks[min(blocks.count - 1, max(0, Int((value - floor) / span * Double(blocks.count))))]
            })
    }
}

/// The states of one thing over time. Pure.
struct StateCourse {
    private let instance: String
    private let readings: ObjectReadings
    private let isGood: (Int64) -> Bool

    init(of instance: String, in readings: ObjectReadings, isGood: @escaping (Int64) -> Bool) {
        self.instance = instance
        self.readings = readings
        self.isGood = isGood
    }

    /// The state at a moment; nil where there was none.
    func state(at moment: ObjectReadings.Moment) -> Int64? {
        guard case .state(let state) = moment.values[instance]?.value else { return nil }
        return state
    }

    /// How often it changed between good and bad within a window, from how it was when the window began. Gone is bad.
    func changes(in window: Verdict.Window) -> Int {
        let answered = readings.moments.filter { $0.isAnswered && $0.at <= window.to }
        let flags = answered.compactMap { moment -> (Instant, Bool)? in
            // A value that could not be read is neither.
            let reading = moment.values[instance]
            if let reading, reading.value == nil, reading.unknown?.code != .absent { return nil }
            return (moment.at, state(at: moment).map(isGood) ?? false)
        }
        return FlapCount.changes(flags, in: window)
    }
}

/// Counts how often something went from good to bad or back. Pure.
enum FlapCount {
    /// The changes within a window, from what was known last before it began.
    static func changes(_ flags: [(at: Instant, isGood: Bool)], in window: Verdict.Window) -> Int {
        let start = flags.lastIndex { $0.at < window.from } ?? flags.startIndex
        let counted = flags[start...].filter { $0.at <= window.to }
        return zip(counted, counted.dropFirst()).count { $0.isGood != $1.isGood }
    }
}

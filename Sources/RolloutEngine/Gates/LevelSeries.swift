/// A level over time: of a processor, of a number of routes, of whatever a probe asks for. Pure.
struct LevelSeries {
    /// What was read, oldest first.
    let readings: [(at: Instant, value: Result<Double, UnknownReason>)]

    init(_ readings: [(at: Instant, value: Result<Double, UnknownReason>)]) { self.readings = readings }

    /// The mean of a window, if enough of it is known: three readings, and a third of those that were tried.
    ///
    /// - Parameter rhythm: How often it is read, when it has to be known up to the end of the window.
    func mean(in window: Verdict.Window, upToEnd rhythm: Timespan?) -> Result<Double, UnknownReason> {
        let tried = readings.filter { window.contains($0.at) }
        let known = tried.compactMap { reading in (try? reading.value.get()).map { (at: reading.at, value: $0) } }
        let lastTrouble = tried.last { if case .failure = $0.value { true } else { false } }
        func unknown(_ detail: String) -> Result<Double, UnknownReason> {
            if case .failure(let reason) = lastTrouble?.value { return .failure(reason) }
            return .failure(UnknownReason(.tooFewSamples, detail))
        }
        guard !tried.isEmpty else { return unknown("it was not read") }
        guard known.count >= Self.enough, known.count * 3 >= tried.count else {
            return unknown("\(known.count) of \(tried.count) readings have a value, \(Self.enough) are needed")
        }
        if let rhythm, let last = known.last, last.at < window.to - WatchedRates.patience(rhythm) {
            return unknown("it was last read \(GateText.number((window.to - last.at).seconds)) s before the end")
        }
        if let first = known.first, let last = known.last, (last.at - first.at).seconds * 3 < window.length.seconds {
            let span = GateText.number((last.at - first.at).seconds)
            return unknown("only \(span) of \(GateText.number(window.length.seconds)) s are known")
        }
        return .success(known.reduce(0) { $0 + $1.value } / Double(known.count))
    }

    /// The newest values up to the end of a window, for a picture.
    func picture(in window: Verdict.Window) -> [Double] {
        readings.filter { window.contains($0.at) }.compactMap { try? $0.value.get() }.suffix(24)
    }

    private static let enough = 3
}

extension ValueLimits {
    /// Whether a value is within the limits, against what it was before.
    ///
    /// - Returns: Whether it failed, the limit that it is nearest to or beyond, and why it cannot be judged.
    func judge(
        before: Result<Double, UnknownReason>, after: Result<Double, UnknownReason>
    ) -> (failed: Bool, limit: Double?, unknown: UnknownReason?) {
        let value: Double
        switch after {
        case .success(let known): value = known
        case .failure(let reason): return (false, maximum ?? minimum, reason)
        }
        var limits: [(bound: Double, isUpper: Bool)] = []
        if let maximum { limits.append((maximum, true)) }
        if let minimum { limits.append((minimum, false)) }
        var unknown: UnknownReason?
        switch before {
        case .success(let old):
            if let maximumRise { limits.append((old + maximumRise.amount(of: old), true)) }
            if let maximumFall { limits.append((old - maximumFall.amount(of: old), false)) }
            if old == 0, value > 0, maximumRise?.isShare ?? false {
                // Any rise is more than a share of nothing: that says nothing.
                limits.removeAll { $0.isUpper && $0.bound == 0 && maximum != 0 }
                unknown = UnknownReason(.tooFewSamples, "it was 0 before, of which there is no share")
            }
        case .failure(let reason):
            if maximumRise != nil || maximumFall != nil { unknown = reason }
        }
        let broken = limits.first { $0.isUpper ? value > $0.bound : value < $0.bound }
        if let broken { return (true, broken.bound, nil) }
        let nearest = limits.min { abs($0.bound - value) < abs($1.bound - value) }
        return (false, nearest?.bound, unknown)
    }
}

extension ValueLimits.Step {
    fileprivate func amount(of before: Double) -> Double {
        switch self {
        case .amount(let amount): amount
        case .share(let share): abs(before) * share.fraction
        }
    }

    fileprivate var isShare: Bool { if case .share = self { true } else { false } }
}

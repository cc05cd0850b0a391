import RolloutEngine

/// What is counted of a rollout's journal: a fold of it, so that it says the same after every restart. Pure.
struct JournalCounts: Sendable {
    /// The last entry that was taken in.
    private(set) var sequence: Int64 = 0
    /// How often a push of a device came out how.
    private(set) var pushes: [Push: Int] = [:]
    /// How often a gate came out how.
    private(set) var verdicts: [Judgement: Int] = [:]
    /// How long pushes took, from the intent to the outcome.
    private(set) var durations = Histogram()
    /// The fence of the last entry that was written under a lease.
    private(set) var fence: Int64 = 0
    private var begun: [DeviceName: Instant] = [:]

    /// What pushes are counted by: never by device, of which there are too many.
    struct Push: Hashable, Sendable {
        var datacentre: String
        var range: String
        var outcome: String
    }

    /// What verdicts are counted by.
    struct Judgement: Hashable, Sendable {
        var gate: String
        var outcome: String
    }

    /// How many were at most so long.
    struct Histogram: Sendable {
        /// In seconds.
        static let bounds: [Double] = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300]
        private(set) var counts = [Int](repeating: 0, count: bounds.count)
        private(set) var count = 0
        private(set) var sum = 0.0

        mutating func add(_ seconds: Double) {
            count += 1
            sum += seconds
            for (place, bound) in Self.bounds.enumerated() where seconds <= bound { counts[place] += 1 }
        }
    }

    /// Takes in an entry.
    mutating func apply(_ entry: JournalEntry, of rollout: PlannedRollout) {
        guard entry.sequence > sequence else { return }
        sequence = entry.sequence
        fence = max(fence, entry.fence)
        switch entry.fact {
        case .intent(let step) where step.kind == .push: begun[step.device] = entry.at
        case .outcome(let step, let result) where step.kind == .push:
            let device = rollout.planned[step.device]?.device
            let outcome =
                switch result {
                case .done: "applied"
                case .found: "found"
                case .failed: "failed"
                }
            pushes[
                Push(
                    datacentre: device?.datacentre.rawValue ?? "", range: device?.range.rawValue ?? "",
                    outcome: outcome), default: 0] += 1
            if let start = begun.removeValue(forKey: step.device) { durations.add(max(0, (entry.at - start).seconds)) }
        case .judged(_, let verdict):
            verdicts[Judgement(gate: verdict.gate.rawValue, outcome: verdict.outcome.rawValue), default: 0] += 1
        default: break
        }
    }
}

internal import RolloutEngine

// What the referee asks of approvals when a wave starts.
extension RefereeNotes {
    /// Who creates the rollout of a night, and so cannot approve it.
    static let author = "somebody"

    mutating func checkApprovals(of index: Int, _ decidedAt: Instant, _ now: Instant) {
        guard let wave = wave(index) else { return }
        for rule in plan.policy.approvals ?? [] {
            let occasion = rule.before == .wave ? wave.index : nil
            if occasion == nil && journal.hasStarted { continue }
            let people = Set(
                journal.approvals.filter { approval in
                    guard approval.wave == occasion, approval.by != Self.author else { return false }
                    guard let expires = rule.expires, !clockWasSet else { return true }
                    // A fact is dated before it is written.
                    return decidedAt < approval.at + expires + .seconds(1)
                }.map(\.by))
            if people.count < rule.people {
                broken(
                    "approval",
                    "wave \(index) starts with the approval of \(people.sorted().joined(separator: ", ")), and \(rule.people) have to give it",
                    at: now)
            }
        }
    }
}

/// Why somebody may not approve something, or take an approval back. Pure.
///
/// The reconciler counts no approval that is not due to be counted, whatever was recorded; this says so before it is.
package struct ApprovalRefusal: Hashable, Sendable {
    /// In words, with what there is.
    package var words: String
    /// Whether it names something that the rollout does not have, and is not forbidden.
    package var isBadInput = false

    /// Nil when it may be recorded.
    ///
    /// - Parameters:
    ///   - wave: The wave that is approved; nil for the rollout.
    ///   - scheduler: Who set the schedule that created the rollout: its author, as much as who creates one by hand.
    package init?(
        of wave: Int?, by person: String, withdrawing: Bool, _ plan: Plan, _ state: RolloutState, scheduler: String?,
        at now: Instant
    ) {
        let what = Approval.subject(wave)
        let reconciler = Reconciler(plan: plan)
        let planned = plan.waves.first { $0.index == wave }
        if let wave, planned == nil {
            self.init(words: "there is no wave \(wave); there are 0 to \(plan.waves.count - 1)", isBadInput: true)
            return
        }
        let given = state.approvals.first { $0.wave == wave && $0.by == person }
        let hasBegun = (wave.map { state[wave: $0].startedAt } ?? state.startedAt) != nil
        let isAwaited = reconciler.awaitedApprovals(state, at: now).contains { $0.wave == wave }
        if withdrawing {
            guard let given else {
                self.init(words: "\(person) has not approved \(what)")
                return
            }
            // A wave that was started and has not touched a device yet is asked once more; one that was put back begins anew.
            let isUsed =
                planned.map { $0.devices.contains { state[$0].pushBeganAt.map { $0 >= given.at } ?? false } }
                ?? hasBegun
            guard isUsed else { return nil }
            self.init(words: "\(what) has begun: pause it, or put it back")
            return
        }
        let rules = reconciler.approvalRules(before: planned)
        if rules.isEmpty {
            self.init(words: "the policy asks for no approval of \(what)\(Self.others(reconciler))")
        } else if hasBegun && !isAwaited {
            self.init(words: "\(what) has begun already")
        } else if person == state.createdBy || person == scheduler {
            self.init(
                words:
                    "\(person) \(person == scheduler ? "scheduled" : "created") this rollout; somebody else has to approve it"
            )
        } else if !rules.contains(where: { $0.by?.contains(person) ?? true }) {
            let names = Set(rules.flatMap { $0.by ?? [] }).sorted().joined(separator: ", ")
            self.init(words: "\(person) is not asked to approve \(what); asked are: \(names)")
        } else {
            return nil
        }
    }

    private init(words: String, isBadInput: Bool = false) {
        self.words = words
        self.isBadInput = isBadInput
    }

    /// What it does ask for.
    private static func others(_ reconciler: Reconciler) -> String {
        let waves = reconciler.plan.waves.filter { !reconciler.approvalRules(before: $0).isEmpty }.map(\.index)
        var asked = reconciler.approvalRules(before: nil).isEmpty ? [] : ["the rollout (without --wave)"]
        if !waves.isEmpty { asked.append("waves \(waves.map(String.init).joined(separator: ", "))") }
        return asked.isEmpty ? "" : "; it asks for that of \(asked.joined(separator: " and "))"
    }
}

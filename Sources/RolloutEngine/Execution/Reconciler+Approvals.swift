// Whose word is awaited before something begins.
extension Reconciler {
    /// The approvals that a wave still waits for at a time. Those of the rollout are asked for before its first wave.
    ///
    /// - Parameter now: What the clock on the wall shows, by which approvals are dated.
    func awaited(by wave: Wave, _ state: RolloutState, at now: Instant) -> [AwaitedApproval] {
        if plan.policy.approvals == nil { return [] }
        let occasions = (state.startedAt == nil ? [nil] : []) + [wave]
        return occasions.flatMap { occasion in
            approvalRules(before: occasion).compactMap { awaited(by: $0, before: occasion?.index, state, at: now) }
        }
    }

    private func awaited(by rule: ApprovalRule, before wave: Int?, _ state: RolloutState, at now: Instant)
        -> AwaitedApproval?
    {
        var (given, inVain): ([String], [String]) = ([], [])
        for approval in state.approvals where approval.wave == wave {
            if let fault = Self.fault(of: approval, by: rule, author: state.createdBy, at: now) {
                inVain.append("\(approval.by), \(fault)")
            } else {
                given.append(approval.by)
            }
        }
        guard given.count < rule.people else { return nil }
        return AwaitedApproval(wave: wave, people: rule.people, by: rule.by, given: given, inVain: inVain)
    }

    /// The rules that ask for somebody's word before a wave; before the rollout where none is given.
    func approvalRules(before wave: Wave?) -> [ApprovalRule] {
        (plan.policy.approvals ?? []).filter { rule in
            guard let wave else { return rule.before == .rollout && rule.isAbout(plan.devices.lazy.map(\.device)) }
            return rule.before == .wave && rule.isAbout(wave.devices.lazy.compactMap { self.planned[$0]?.device })
        }
    }

    /// Why an approval does not count; nil when it does.
    private static func fault(of approval: Approval, by rule: ApprovalRule, author: String?, at now: Instant)
        -> String?
    {
        if approval.by == author && !PlantedBug.isPlanted(.authorApproves) { return "who created the rollout" }
        if let names = rule.by, !names.contains(approval.by) { return "who is not asked" }
        if let expires = rule.expires, now >= approval.at + expires { return "whose approval expired after \(expires)" }
        return nil
    }

    /// What the rollout waits for now, wave by wave: of those that could begin otherwise, or go on with their first push.
    public func awaitedApprovals(_ state: RolloutState, at now: Instant) -> [AwaitedApproval] {
        guard plan.policy.approvals?.isEmpty == false, state.ending == nil, state.abortedAt == nil else { return [] }
        var cleared: Set<Int> = []
        var found: [AwaitedApproval] = []
        for wave in plan.waves where wave.after.allSatisfy(cleared.contains) {
            if hasPassed(wave, state) || isLeftOut(wave, state) {
                cleared.insert(wave.index)
            } else if !hasBegun(wave, state) || state[wave: wave.index].passedAt != nil {
                for one in awaited(by: wave, state, at: now) where !found.contains(one) { found.append(one) }
            }
        }
        return found
    }
}

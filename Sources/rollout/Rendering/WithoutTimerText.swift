import RolloutEngine

/// Says, in red, which devices nothing would put back.
enum WithoutTimerText {
    /// No line where every device has a revert timer.
    static func lines(of plan: Plan, _ style: Style) -> [String] {
        let bare = plan.withoutRevertTimer
        guard !bare.isEmpty else { return [] }
        let names = bare.prefix(4).map { SafeText.line($0.rawValue) }.joined(separator: ", ")
        let others = bare.count > 4 ? " and \(bare.count - 4) more" : ""
        let end =
            plan.policy.withoutRevertTimer == .allow
            ? "the policy allows it" : "not applied unless the policy says without_revert_timer: allow"
        return [
            style.paint(
                "No revert timer on \(names)\(others): if the change cuts it off, nothing on it goes back; \(end)",
                .bad)
        ]
    }
}

import RolloutEngine

/// Says, in red, which devices nothing would put back, and which would restart to go back.
enum RevertTimerText {
    /// No line where every device has a revert timer that only puts the base back.
    static func lines(of plan: Plan, _ style: Style) -> [String] {
        var lines: [String] = []
        if let bare = names(plan.withoutRevertTimer) {
            let end =
                plan.policy.withoutRevertTimer == .allow
                ? "the policy allows it" : "not applied unless the policy says without_revert_timer: allow"
            lines.append(
                "No revert timer on \(bare): if the change cuts it off, nothing on it goes back; \(end)")
        }
        let restarts = plan.devices.compactMap { $0.target?.restartTakes }
        if let restarting = names(plan.restartingToRevert), let longest = restarts.max() {
            lines.append(
                "Going back by itself is a restart on \(restarting): what it forwards stops while it starts, up to \(longest)"
            )
        }
        return lines.map { style.paint($0, .bad) }
    }

    private static func names(_ devices: [DeviceName]) -> String? {
        guard !devices.isEmpty else { return nil }
        let others = devices.count > 4 ? " and \(devices.count - 4) more" : ""
        return devices.prefix(4).map { SafeText.line($0.rawValue) }.joined(separator: ", ") + others
    }
}

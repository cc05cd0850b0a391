import RolloutEngine

/// The last words of a command that drove a rollout: how it stands, in one sentence, and the exact next command.
struct Closing {
    let status: RolloutStatus
    let code: ExitStatus

    /// The sentence.
    func text(_ style: Style) -> String {
        let id = status.id.number
        let counts = status.counts
        let confirmed = counts[.confirmed] ?? 0
        switch code {
        case .done:
            return style.paint("Done: \(confirmed) of \(status.total) devices confirmed, every gate passed.", .good)
        case .rolledBack:
            return style.paint(
                "Stopped and put back: every device that was touched is verified on its old configuration.", .warning)
                + " Why: rollout explain \(id)"
        case .stale:
            let left = counts[.failed] ?? 0
            let what = left == 1 ? "since it was planned and was" : "since they were planned and were"
            return style.paint("Done, but \(left.counted("device")) had changed \(what) left alone.", .warning)
                + " Plan again for \(left == 1 ? "it" : "them")."
        case .unknownDevice:
            return style.paint("Some devices are unknown or unconfirmed.", .bad)
                + " What is known: rollout explain \(id)    ask them: rollout resume \(id)"
        default:
            if status.phase == .done {
                let failed = counts[.failed] ?? 0
                return style.paint(
                    "Done, except for \(failed.counted("failed device")), which \(failed == 1 ? "is as it was" : "are as they were").",
                    .warning)
                    + " Try \(failed == 1 ? "it" : "them") again: rollout retry \(id) --failed"
            }
            if status.phase == .aborted {
                return style.paint(
                    "Aborted: \(confirmed.counted("device")) \(confirmed == 1 ? "keeps" : "keep") the new configuration.",
                    .warning)
                    + " Put them back: rollout rollback \(id)"
            }
            return style.paint(
                "Paused: \(confirmed) of \(status.total) devices confirmed; nothing is in flight.", .warning)
                + " Why, and what to do: rollout explain \(id)"
        }
    }
}

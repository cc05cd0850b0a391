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
            return style.paint(
                "Done, but \(counts[.failed] ?? 0) devices had changed since they were planned and were left alone.",
                .warning)
                + " Plan again for them."
        case .unknownDevice:
            return style.paint("Some devices are unknown or unconfirmed.", .bad)
                + " What is known: rollout explain \(id)    ask them: rollout resume \(id)"
        default:
            if status.phase == .done {
                return style.paint(
                    "Done, except for \(counts[.failed] ?? 0) failed devices, which are as they were.", .warning)
                    + " Try them again: rollout retry \(id) --failed"
            }
            if status.phase == .aborted {
                return style.paint("Aborted: \(confirmed) devices keep the new configuration.", .warning)
                    + " Put them back: rollout rollback \(id)"
            }
            return style.paint(
                "Paused: \(confirmed) of \(status.total) devices confirmed; nothing is in flight.", .warning)
                + " Why, and what to do: rollout explain \(id)"
        }
    }
}

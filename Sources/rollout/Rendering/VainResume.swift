import RolloutEngine

/// A rollout of which only failed devices are left: to go on would drive nothing. Says so, with the exact next commands.
struct VainResume {
    private let status: RolloutStatus
    private let reasons: [PauseReason]

    /// Nil when there is something to do or to wait for.
    init?(
        _ status: RolloutStatus, _ plan: Plan, _ state: RolloutState, resuming kind: PauseReason.Kind? = nil
    ) {
        reasons = Reconciler(plan: plan).standsStillAgain(state, resuming: kind, at: status.at)
        self.status = status
        if reasons.isEmpty { return nil }
    }

    /// The sentence.
    var text: String {
        let id = status.id.number
        let failed = status.waves.flatMap(\.devices).filter { $0.state == .failed }.map {
            SafeText.line($0.name.rawValue)
        }
        let shown =
            failed.prefix(10).joined(separator: ", ") + (failed.count > 10 ? " and \(failed.count - 10) more" : "")
        let why = reasons.map { SafeText.line($0.detail) }.joined(separator: "; ")
        return
            "Paused: nothing is left to go on with but failed devices (\(shown)), which are as they were; to go on would only"
            + " stand still again: \(why)\nTry them again: rollout retry \(id) --failed    give them up: rollout abort \(id)"
            + "    what happened: rollout explain \(id)"
    }

    /// Says it instead of driving.
    func say(_ output: OutputOptions) throws -> ExitStatus {
        if output.json {
            show(try JSONOutput.pretty(status))
        } else {
            show(output.style.paint(text, .warning))
        }
        return ExitStatus(restingAt: status)
    }
}

import RolloutEngine

/// How states are shown: always a shape and a word beside the colour, so that nothing is lost without it.
struct StateWords: Sendable {
    /// Stands for it in class names and in updates: one letter.
    let letter: String
    /// Its shape.
    let shape: String
    /// Its word.
    let word: String

    /// Of a device.
    init(_ state: RolloutStatus.DevicePhase) {
        (letter, shape, word) =
            switch state {
            case .waiting: ("w", "·", "waiting")
            case .pushing: ("p", "»", "pushing")
            case .verifying: ("v", "≈", "verifying over a fresh session")
            case .confirmed: ("c", "✓", "confirmed")
            case .rollingBack: ("b", "«", "being put back")
            case .rolledBack: ("r", "↩", "put back, verified")
            case .failed: ("f", "✕", "failed, as it was")
            case .unknown: ("u", "?", "unknown")
            }
    }

    /// Of a wave.
    init(_ phase: RolloutStatus.WavePhase) {
        (letter, shape, word) =
            switch phase {
            case .waiting: ("w", "·", "waiting")
            case .pushing: ("p", "»", "devices are being changed")
            case .soaking: ("v", "≈", "soaking")
            case .held: ("u", "‖", "held by its gates")
            case .passed: ("c", "✓", "passed")
            case .rolledBack: ("r", "↩", "put back")
            }
    }

    /// Of a rollout.
    init(_ phase: RolloutStatus.Phase) {
        (letter, shape, word) =
            switch phase {
            case .waiting: ("w", "·", "waiting")
            case .running: ("p", "»", "running")
            case .watching: ("v", "≈", "done, in its first peak")
            case .paused: ("u", "‖", "paused")
            case .rollingBack: ("b", "«", "putting back")
            case .unattended: ("f", "?", "unattended: nobody drives it")
            case .done: ("c", "✓", "done")
            case .rolledBack: ("r", "↩", "put back")
            case .aborted: ("f", "✕", "aborted")
            }
    }

    /// Of a verdict.
    init(_ outcome: Verdict.Outcome) {
        (letter, shape, word) =
            switch outcome {
            case .pass: ("c", "✓", "passed")
            case .fail: ("f", "✕", "FAILED")
            case .inconclusive: ("u", "?", "cannot tell")
            case .error: ("f", "?", "error")
            }
    }

    /// As a mark with its word.
    var badge: HTML { "<span class=\"badge \(letter)\"><i aria-hidden=\"true\">\(shape)</i> \(word)</span>" }
}

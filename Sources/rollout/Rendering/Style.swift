import RolloutEngine

/// How screens look on this terminal: with or without colour, with or without symbols beyond ASCII.
///
/// A state is always an icon and a word, so that nothing is lost without colour.
struct Style: Sendable {
    /// Whether colour is used.
    var color: Bool
    /// Whether only ASCII is used.
    var ascii: Bool

    /// Colours by meaning.
    enum Paint: String {
        case good = "32"
        case bad = "31"
        case warning = "33"
        case active = "36"
        case quiet = "2"
        case strong = "1"
    }

    /// Paints text, if colour is used.
    func paint(_ text: String, _ paint: Paint) -> String { color ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text }

    /// The icon of a device's phase, painted.
    func icon(_ phase: RolloutStatus.DevicePhase) -> String {
        switch phase {
        case .waiting: paint(ascii ? "." : "◷", .quiet)
        case .pushing, .verifying: paint(ascii ? "~" : "◌", .active)
        case .confirmed: paint(ascii ? "+" : "✔", .good)
        case .rollingBack: paint(ascii ? "<" : "↶", .warning)
        case .rolledBack: paint(ascii ? "=" : "↩", .warning)
        case .failed: paint(ascii ? "x" : "✖", .bad)
        case .unknown: paint("?", .bad)
        }
    }

    /// The icon of a wave's phase, painted.
    func icon(_ phase: RolloutStatus.WavePhase) -> String {
        switch phase {
        case .waiting: paint(ascii ? "." : "◷", .quiet)
        case .pushing, .soaking: paint(ascii ? "~" : "◌", .active)
        case .held: paint("||", .warning)
        case .passed: paint(ascii ? "+" : "✔", .good)
        case .rolledBack: paint(ascii ? "=" : "↩", .warning)
        }
    }

    /// The icon and word of a whole rollout, painted.
    func headline(_ phase: RolloutStatus.Phase) -> String {
        switch phase {
        case .waiting: paint("\(ascii ? "." : "◷") waiting", .quiet)
        case .running: paint("\(ascii ? "~" : "◌") running", .active)
        case .watching: paint("\(ascii ? "~" : "◌") done, in its first peak", .active)
        case .paused: paint("|| paused", .warning)
        case .rollingBack: paint("\(ascii ? "<" : "↶") putting back", .warning)
        case .unattended: paint("? unattended", .bad)
        case .done: paint("\(ascii ? "+" : "✔") done", .good)
        case .rolledBack: paint("\(ascii ? "=" : "↩") put back", .warning)
        case .aborted: paint("\(ascii ? "x" : "✖") aborted", .warning)
        }
    }

    /// The icon and word of a verdict, painted.
    func word(_ outcome: Verdict.Outcome) -> String {
        switch outcome {
        case .pass: paint(ascii ? "passed" : "✔ passed", .good)
        case .fail: paint(ascii ? "FAILED" : "✖ FAILED", .bad)
        case .inconclusive: paint(ascii ? "cannot tell" : "? cannot tell", .warning)
        case .error: paint(ascii ? "error" : "? error", .bad)
        }
    }

    /// Stands between parts of a line.
    var dot: String { ascii ? "-" : "·" }
    /// Stands for what was left out.
    var ellipsis: String { ascii ? "..." : "…" }
    /// The branches of a tree.
    var branch: String { ascii ? "|-" : "├─" }
    /// A branch of a tree's second level.
    var twig: String { ascii ? "|  |-" : "│  ├─" }
}

/// A length of time for people: `8m41s`, `1h 58m`, at most two parts and no milliseconds.
func brief(_ span: Timespan) -> String {
    let seconds = max(0, (span.milliseconds + 500) / 1000)
    if seconds < 60 { return "\(seconds)s" }
    if seconds < 3600 { return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds / 60)m\(seconds % 60)s" }
    return "\(seconds / 3600)h \(seconds / 60 % 60)m"
}

/// Text padded with spaces to a width in characters; longer text is left as it is.
func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
    let fill = String(repeating: " ", count: max(0, width - text.count))
    return left ? fill + text : text + fill
}

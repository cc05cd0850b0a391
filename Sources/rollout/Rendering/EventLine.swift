import RolloutEngine

/// One entry of a journal as one line: for logs, pipes and `rollout events`.
struct EventLine {
    let style: Style

    /// The line, or nil for entries that only matter to the engine.
    func text(_ entry: JournalEntry) -> String? {
        let words = EventWords(entry) { outcome in
            EventWords.Part(text: style.word(outcome), tone: .plain)
        }
        guard let words else { return nil }
        let clock = entry.at.description.dropFirst(11).prefix(8)
        return "\(style.paint(String(clock), .quiet))  \(words.parts.map(painted).joined())"
    }

    private func painted(_ part: EventWords.Part) -> String {
        switch part.tone {
        case .plain: part.text
        case .strong: style.paint(part.text, .strong)
        case .good: style.paint(part.text, .good)
        case .bad: style.paint(part.text, .bad)
        case .warning: style.paint(part.text, .warning)
        }
    }
}

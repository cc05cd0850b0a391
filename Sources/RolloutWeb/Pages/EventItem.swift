import RolloutEngine

/// One entry of a journal as an item of a list.
enum EventItem {
    /// The item; nil for entries that only matter to the engine.
    static func item(_ entry: JournalEntry) -> HTML? {
        let words = EventWords(entry) { outcome in
            let word = StateWords(outcome)
            let tone: EventWords.Tone =
                switch outcome {
                case .pass: .good
                case .fail: .bad
                case .inconclusive, .error: .warning
                }
            return EventWords.Part(text: "\(word.shape) \(word.word)", tone: tone)
        }
        guard let words else { return nil }
        let parts = words.parts.map { part -> HTML in
            part.tone == .plain ? "\(part.text)" : "<span class=\"\(part.tone.rawValue)\">\(part.text)</span>"
        }
        return
            "<li id=\"e\(entry.sequence)\"><time datetime=\"\(entry.at.description)\">\(TimeText.clock(entry.at))</time> <span>\(parts)</span></li>"
    }
}

import RolloutEngine

/// How many devices stand where, as a bar and as numbers.
enum StateBar {
    /// The states from done to untouched, as they follow each other in a bar.
    static let order: [RolloutStatus.DevicePhase] = [
        .confirmed, .verifying, .pushing, .rollingBack, .rolledBack, .failed, .unknown, .waiting,
    ]

    /// The bar.
    static func bar(_ counts: (RolloutStatus.DevicePhase) -> Int, total: Int) -> HTML {
        var x = 0.0
        var parts: [HTML] = []
        for state in order {
            let count = counts(state)
            guard count > 0, total > 0 else { continue }
            let width = Double(count) * 100 / Double(total)
            parts.append(
                "<rect class=\"\(StateWords(state).letter)\" x=\"\(coordinate: x)\" width=\"\(coordinate: width)\" height=\"8\"/>"
            )
            x += width
        }
        let confirmed = counts(.confirmed)
        return """
            <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" \
            aria-label="\(confirmed) of \(total) devices confirmed">\(parts)</svg>
            """
    }

    /// The numbers, which are the legend of all shapes too.
    static func legend(_ counts: (RolloutStatus.DevicePhase) -> Int) -> HTML {
        let parts = order.filter { counts($0) > 0 }.map { state -> HTML in
            let words = StateWords(state)
            return
                "<li><i class=\"d \(words.letter)\" aria-hidden=\"true\">\(words.shape)</i> <b>\(counts(state))</b> \(words.word)</li>"
        }
        return "<ul class=\"legend\">\(parts)</ul>"
    }
}

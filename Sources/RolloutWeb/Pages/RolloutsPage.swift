import RolloutEngine

/// All rollouts that the reader may see, newest first.
struct RolloutsPage {
    var rows: [RolloutSummary]
    /// Those that cannot be read, each in a sentence.
    var unreadable: [String]
    /// How many more there are.
    var older: Int
    /// The first of them.
    var next: RolloutID?
    var now: Instant

    /// The content.
    var content: HTML {
        """
        <h1>Rollouts</h1>
        <div id="rollouts">\(list)</div>
        <p><a class="quiet" href="/line">Stop the line</a></p>
        """
    }

    /// The part that changes.
    var list: HTML {
        var parts: [HTML] = unreadable.map { "<p class=\"note bad\">cannot be read: \($0)</p>" }
        if rows.isEmpty && unreadable.isEmpty {
            parts.append(
                "<p class=\"note\">No rollout yet that you may see. Start one with <code>rollout apply PLAN</code>.</p>"
            )
        }
        if !rows.isEmpty { parts.append("<ol class=\"rollouts\">\(rows.map(row))</ol>") }
        if let next { parts.append("<p><a href=\"/?before=\(next.number)\">\(older) older ones</a></p>") }
        return HTML(parts)
    }

    private func row(_ row: RolloutSummary) -> HTML {
        let since: HTML =
            if let end = row.endedAt {
                "ended \(TimeText.moment(end))"
            } else if let start = row.startedAt {
                "for \(TimeText.counting(to: start, at: now))"
            } else {
                "created \(TimeText.moment(row.createdAt))"
            }
        let pause = row.pauses.first.map { "<p class=\"why\">\($0)</p>" as HTML }
        return """
            <li><a class="rollout" href="/rollouts/\(row.id.number)">
            <span class="title">\(row.title) <span class="quiet">\(row.id)</span></span>\
            \(StateWords(row.phase).badge)\
            \(StateBar.bar(row.count, total: row.total))\
            <span class="facts">\(row.count(.confirmed)) of \(row.total) confirmed · \(row.wavesPassed) of \(row.waves) waves passed \
            · \(row.datacentres.map(\.rawValue).joined(separator: ", ")) · \(since) · \(row.createdBy)</span>
            </a>\(pause)</li>

            """
    }
}

import RolloutEngine

/// The line: who stopped it and why, and the form that stops or releases it.
struct LinePage {
    let stop: LineCall?
    /// What the form has to bring along; nil for somebody who cannot send any.
    let csrf: String?

    /// A line for other pages; nothing while the line is not stopped.
    static func banner(_ stop: LineCall?) -> HTML {
        guard let stop else { return "" }
        return
            "<p class=\"because\"><b>The line is stopped</b> by \(stop.by) since \(TimeText.moment(stop.at))\(stop.reason.map { ": \($0)" } ?? ""). No rollout starts anything new. <a href=\"/line\">Release it</a></p>"
    }

    /// The content.
    var content: HTML {
        let isStopped = stop != nil
        let form = csrf.map { csrf -> HTML in
            """
            <form class="ask" method="post" action="/line">
            <input type="hidden" name="csrf" value="\(csrf)">
            <input type="hidden" name="stop" value="\(isStopped ? "false" : "true")">
            <label>Why: <input name="reason" maxlength="500" autocomplete="off" required></label>
            <button class="button">\(isStopped ? "Release the line" : "Stop the line")</button>
            </form>
            """
        }
        return """
            <h1>The line</h1>
            \(Self.banner(stop))
            <p>\(isStopped ? "Released, rollouts go on; whatever else they stand still for stays." : "Stopped, no rollout of this store starts anything new until the line is released; what is in flight is finished.")</p>
            \(form)<p class="quiet">It is recorded with your name and the reason.</p>
            """
    }
}

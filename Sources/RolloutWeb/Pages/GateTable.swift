import RolloutEngine

/// What a gate found, as a table: before, now, limit, and the course between.
struct GateTable {
    let findings: [Verdict.Finding]
    let before: Verdict.Window
    let wave: RolloutStatus.WaveStatus
    let plan: Plan

    /// The table; nothing where nothing was found.
    var table: HTML {
        let shown = FindingTable(findings, of: wave, in: plan)
        guard !shown.rows.isEmpty else { return "" }
        let more: HTML? = shown.left > 0 ? "<p class=\"quiet\">and \(shown.left) more failing</p>" : nil
        let traits: HTML? =
            shown.traits.isEmpty
            ? nil
            : "<p>What the failing ones share and the others do not: <b>\(shown.traits.joined(separator: ", "))</b></p>"
        return """
            <div class="scroll"><table><thead><tr><th>device</th><th>before (\(TimeText.brief(before.to - before.from)))</th>\
            <th>now</th><th>limit</th><th>over time</th></tr></thead><tbody>\(shown.rows.map(row))</tbody></table></div>\
            \(more)\(traits)
            """
    }

    private func row(_ finding: Verdict.Finding) -> HTML {
        let beside = finding.isBeside == true ? " (beside)" : ""
        let course: HTML =
            if let unknown = finding.unknown { "<span class=\"warning\">unknown: \(unknown.description)</span>" } else {
                Self.course(finding.series)
            }
        return """
            <tr\(finding.failed ? " class=\"failed\"" as HTML : nil)><td>\(finding.failed ? "✕ " : "")\(finding.subject)\(beside)</td>\
            <td>\(value(finding.before, finding.unit))</td><td>\(value(finding.after, finding.unit))</td>\
            <td>\(value(finding.limit, finding.unit))</td><td>\(course)</td></tr>
            """
    }

    private func value(_ value: Double?, _ unit: String) -> String {
        guard let value else { return "–" }
        return unit == "bit/s" ? GateText.rate(value) : GateText.number(value) + unit
    }

    /// Values as a small line, counted from zero, so that a steady one looks steady and not like its noise.
    private static func course(_ values: [Double]) -> HTML {
        let known = values.filter(\.isFinite)
        guard known.count > 1, let highest = known.max(), let lowest = known.min() else { return "" }
        let floor = min(0, lowest)
        let span = max(highest - floor, 1e-12)
        let step = 100 / Double(max(1, values.count - 1))
        var points: HTML = ""
        for (place, value) in values.enumerated() where value.isFinite {
            points += "\(coordinate: Double(place) * step),\(coordinate: 19 - 18 * (value - floor) / span) "
        }
        return
            "<svg class=\"course\" viewBox=\"0 0 100 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><polyline points=\"\(points)\"/></svg>"
    }
}

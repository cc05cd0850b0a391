import RolloutEngine

/// What a rehearsal found, for people.
struct RehearsalScreen {
    let report: RehearsalReport
    let perDevice: Timespan
    let style: Style

    var lines: [String] {
        var lines = [
            "Rehearsal of \(SafeText.line(report.change)) (plan \(report.plan)): \(report.devices) devices in "
                + "\(report.waves) waves, from \(report.start)",
            "simulated devices as they were read for the plan, about \(brief(perDevice)) for each; seed \(report.seed)",
            "",
        ]
        for row in report.troubles where row.trouble == nil { lines += quiet(row) }
        let rows = report.troubles.filter { $0.trouble != nil }
        guard !rows.isEmpty else { return lines }
        lines += ["", "When one thing goes wrong, at a random moment and on a random device:"]
        var table = TextTable(["TROUBLE", "NIGHTS", "DONE", "PAUSED", "ROLLED BACK", "CHANGED THEN", "WHY, MOST OFTEN"])
        for row in rows {
            let changed =
                row.confirmed[0] == row.confirmed[1]
                ? "\(row.confirmed[0])" : "\(row.confirmed[0]) to \(row.confirmed[1])"
            table.add([
                row.trouble ?? "", "\(row.nights)", "\(row.done)", "\(row.paused)", "\(row.rolledBack)", changed,
                row.reasons.first?.kind ?? "-",
            ])
        }
        lines += table.lines
        let told = rows.compactMap { row in row.reasons.first.map { (row.trouble ?? "", $0) } }
        if !told.isEmpty {
            lines += ["", "In the engine's words:"]
            lines += told.map { "  \(SafeText.line($0)): \(SafeText.line(shortened($1.detail)))" }
        }
        let unknown = rows.filter { $0.unknown > 0 }
        if !unknown.isEmpty {
            let names = unknown.map { "\($0.trouble ?? "") (\($0.unknown) of \($0.nights))" }.joined(separator: ", ")
            lines += [
                "",
                style.paint("in doubt at the end: \(SafeText.line(names)): a person has to look at a device", .warning),
            ]
        }
        return lines
    }

    private func quiet(_ row: RehearsalReport.Row) -> [String] {
        let times = row.seconds.map { brief(.milliseconds(Int64($0 * 1000))) }
        var lines = [
            "Without trouble, \(row.nights) nights: \(row.done) done, \(row.paused) paused, \(row.rolledBack) rolled back",
            "  from the first wave to the end: \(times[1]); in 9 of 10 nights at most \(times[2]), in 1 of 10 at most \(times[0])",
        ]
        if let inWindow = row.inWindow {
            let text = "  \(inWindow) of \(row.nights) nights end in the maintenance window in which they begin"
            lines.append(inWindow == row.nights ? text : style.paint(text, .warning))
        } else {
            lines.append("  no datacentre of the plan has a maintenance window")
        }
        if let reason = row.reasons.first {
            lines.append(
                style.paint("  \(reason.nights) nights stop: \(reason.kind): \(SafeText.line(reason.detail))", .bad))
        }
        return lines
    }

    private func shortened(_ text: String) -> String { text.count > 160 ? text.prefix(159) + "…" : text }
}

import RolloutEngine

/// Why a rollout is where it is, in words, with every choice and its exact command.
struct ExplainScreen {
    let status: RolloutStatus
    let state: RolloutState
    let plan: Plan
    let evidence: [(DeviceName, Evidence)]
    let style: Style

    /// The lines of the screen.
    func lines() -> [String] {
        var lines = [headline()]
        for pause in status.pauses {
            lines.append("")
            lines.append(style.paint("Because  \(safe(pause.detail))", .warning))
            lines.append("         since \(clock(pause.since))")
            if pause.kind == .deviceUnknown, status.counts[.unknown] == nil {
                lines.append("         Every device has answered since; nothing is in doubt any more.")
            }
        }
        for awaited in status.awaiting { lines += ["", style.paint("Because  \(safe(awaited.words))", .warning)] }
        for because in status.rollbacks where !status.pauses.contains(where: { $0.detail == because }) {
            lines.append("Put back because  \(safe(because))")
        }
        lines += gateLines() + alarmLines() + deviceLines() + evidenceLines() + choiceLines()
        return lines
    }

    private func headline() -> String {
        let counts = status.counts
        let flying = (counts[.pushing] ?? 0) + (counts[.verifying] ?? 0) + (counts[.rollingBack] ?? 0)
        let unknown = counts[.unknown] ?? 0
        return style.headline(status.phase) + "  \(safe(status.title)) \(status.id). "
            + (flying == 0 ? "Nothing is in flight. " : "\(flying) in flight. ")
            + (unknown == 0 ? "Nothing is unknown." : style.paint("\(unknown) unknown.", .bad))
    }

    // MARK: Gates

    private func gateLines() -> [String] {
        guard let wave = status.waves.last(where: { !$0.verdicts.isEmpty }) else { return [] }
        let open = wave.verdicts.filter { $0.outcome != .pass }
        guard !open.isEmpty else {
            return ["", "Gates after wave \(wave.index): \(wave.verdicts.count) of \(wave.verdicts.count) passed."]
        }
        return open.flatMap { verdict($0, wave) }
    }

    private func verdict(_ verdict: Verdict, _ wave: RolloutStatus.WaveStatus) -> [String] {
        [
            "",
            "Gate \(style.paint(safe(verdict.gate.rawValue), .strong)) after wave \(wave.index)  \(style.word(verdict.outcome))",
            "  \(safe(verdict.reason))",
        ] + table(verdict.findings, before: verdict.before, wave)
    }

    /// What was found device by device, and what the failing ones have in common.
    private func table(
        _ findings: [Verdict.Finding], before: Verdict.Window, _ wave: RolloutStatus.WaveStatus
    ) -> [String] {
        let shown = FindingTable(findings, of: wave, in: plan)
        guard !shown.rows.isEmpty else { return [] }
        var lines = [
            "    " + padded("device", 22) + padded("before (\(brief(before.to - before.from)))", 16) + padded("now", 14)
                + padded("limit", 14) + "over time"
        ]
        for finding in shown.rows {
            let subject = safe(finding.subject) + (finding.isBeside == true ? " (beside)" : "")
            let row =
                "  \(finding.failed ? style.paint(style.ascii ? "x" : "✖", .bad) : " ") " + padded(subject, 22)
                + padded(value(finding.before, finding.unit), 16) + padded(value(finding.after, finding.unit), 14)
                + padded(value(finding.limit, finding.unit), 14)
            if let unknown = finding.unknown {
                lines.append(row + style.paint("unknown: \(safe(unknown.description))", .warning))
            } else {
                lines.append(row + Sparkline.text(finding.series, ascii: style.ascii))
            }
        }
        if shown.left > 0 {
            lines.append("    \(style.ellipsis) and \(shown.left) more: rollout explain \(status.id.number) --json")
        }
        if !shown.traits.isEmpty {
            lines.append(
                "  What the failing ones share and the others do not: \(safe(shown.traits.joined(separator: ", ")))")
        }
        return lines
    }

    private func value(_ value: Double?, _ unit: String) -> String {
        guard let value else { return "-" }
        return unit == "bit/s" ? GateText.rate(value) : GateText.number(value) + safe(unit)
    }

    private func alarmLines() -> [String] {
        let alarms = status.waves.flatMap { wave in wave.alarms.map { (wave, $0) } }
        return alarms.suffix(5).flatMap { wave, alarm in
            [
                "",
                "Gate \(style.paint(safe(alarm.gate.rawValue), .strong)) on wave \(wave.index), seen between judgements\(alarm.action == .observe ? " (only reported)" : "")",
                "  \(safe(alarm.reason))",
            ] + table(alarm.findings, before: alarm.before, wave)
        }
    }

    // MARK: Devices

    private func deviceLines() -> [String] {
        let troubled = status.waves.flatMap(\.devices).filter {
            $0.state == .failed || $0.state == .unknown || ($0.detail != nil && $0.state == .rolledBack)
        }
        guard !troubled.isEmpty else { return [] }
        var lines = ["", "Devices in trouble:"]
        for device in troubled.prefix(12) {
            lines.append(
                "  \(style.icon(device.state)) \(padded(safe(device.name.rawValue), 16)) \(safe(device.detail ?? ""))")
            if let revertsAt = device.revertsAt, device.state == .unknown {
                let left = revertsAt - status.at
                lines.append(
                    left > .zero
                        ? "      it reverts by itself in \(brief(left))"
                        : "      its revert timer ran out at \(clock(revertsAt))")
            } else if let revertsBy = device.revertsBy, device.state == .unknown {
                lines.append(
                    revertsBy > status.at
                        ? "      if the change got through, it reverts by itself by \(clock(revertsBy)) at the latest"
                        : "      if the change got through, its revert timer ran out by \(clock(revertsBy))")
            }
        }
        if troubled.count > 12 {
            lines.append("  \(style.ellipsis) and \(troubled.count - 12) more: rollout status \(status.id.number)")
        }
        return lines
    }

    private func evidenceLines() -> [String] {
        evidence.suffix(2).flatMap { name, evidence -> [String] in
            ["", "Evidence from \(safe(name.rawValue)), collected before it was put back or given up:"]
                + evidence.items.prefix(4).flatMap { item -> [String] in
                    let output = item.output.split(separator: "\n").prefix(6).map { "      \(safe(String($0)))" }
                    return ["    $ \(safe(item.title))"] + output
                }
        }
    }

    // MARK: Choices

    private func choiceLines() -> [String] {
        let choices = Choice.all(for: status)
        guard !choices.isEmpty else { return ["", "Nothing is left to decide."] }
        let width = choices.map(\.command.count).max() ?? 0
        return ["", "Your choices, each with the exact command:"]
            + choices.map { "  \(padded(safe($0.command), width))   \($0.words)" }
            + (status.phase == .paused ? [Choice.withoutAny(for: status)] : [])
    }

    private func clock(_ instant: Instant) -> String { String(instant.description.dropFirst(11).prefix(8)) + " UTC" }
    private func safe(_ text: String) -> String { SafeText.line(text) }
}

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
        let failing = findings.filter { $0.failed || $0.unknown != nil }
        let well = findings.filter { !$0.failed && $0.unknown == nil }
        let shown =
            Array(failing.prefix(8))
            + Self.together(well.filter { !$0.isControl }, as: failing.isEmpty ? "all" : "other")
            + Self.together(well.filter(\.isControl), as: "untouched")
        guard !shown.isEmpty else { return [] }
        var lines = [
            "    " + padded("device", 22) + padded("before (\(brief(before.to - before.from)))", 16) + padded("now", 14)
                + padded("limit", 14) + "over time"
        ]
        for finding in shown {
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
        if failing.count > 8 {
            lines.append(
                "    \(style.ellipsis) and \(failing.count - 8) more: rollout explain \(status.id.number) --json")
        }
        let names = Set(
            failing.filter { !$0.isControl }.map { DeviceName(rawValue: String($0.subject.prefix { $0 != " " })) })
        let traits = CommonTraits.shared(by: wave.devices.map(\.name).filter(names.contains), in: plan)
        if !traits.isEmpty {
            lines.append("  What the failing ones share and the others do not: \(safe(traits.joined(separator: ", ")))")
        }
        return lines
    }

    /// Findings on which nothing is wrong as one line of medians, as they differ in nothing that matters: `other 9`.
    private static func together(_ findings: [Verdict.Finding], as name: String) -> [Verdict.Finding] {
        guard var line = findings.first else { return [] }
        if findings.count == 1 {
            if line.isControl { line.subject += " (\(name))" }
            return [line]
        }
        line.subject = "\(name) \(findings.count)"
        line.before = Median.of(findings.compactMap(\.before))
        line.after = Median.of(findings.compactMap(\.after))
        line.limit = Median.of(findings.compactMap(\.limit))
        // They end at the same moment, whatever their lengths.
        let length = findings.map(\.series.count).min() ?? 0
        let tails = findings.map { Array($0.series.suffix(length)) }
        line.series = (0..<length).map { place in Median.of(tails.map { $0[place] }.filter(\.isFinite)) ?? .nan }
        return [line]
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
        let id = status.id.number
        var choices: [(String, String)] = []
        let holdsChange = status.waves.flatMap(\.devices).contains { $0.state == .confirmed }
        switch status.phase {
        case .done, .rolledBack, .aborted:
            if status.waves.flatMap(\.devices).contains(where: { $0.state == .failed }) {
                choices.append(("rollout retry \(id) --failed", "try the failed devices again"))
            }
            if holdsChange { choices.append(("rollout rollback \(id)", "put everything back")) }
            if choices.isEmpty { return ["", "Nothing is left to decide."] }
        case .unattended, .waiting, .running, .watching, .rollingBack:
            if status.driver == nil {
                choices.append(("rollout apply --resume \(id)", "ask every device in doubt, then go on"))
            }
            choices.append(("rollout rollback \(id)", "put everything back"))
        case .paused:
            let kinds = Set(status.pauses.map(\.kind))
            let open = status.waves.last { $0.phase == .held || $0.alarms.contains { $0.action != .observe } }
            if kinds.contains(.deviceUnknown) {
                let doubt = status.counts[.unknown] != nil
                choices.append(("rollout resume \(id)", doubt ? "ask the unknown devices again, then go on" : "go on"))
            }
            if let open, !kinds.isDisjoint(with: [.gateFailed, .gateUnclear]) {
                let alarms = open.alarms.filter { $0.action != .observe }
                let gates = Set(open.verdicts.filter { $0.outcome != .pass }.map(\.gate) + alarms.map(\.gate)).sorted()
                if !open.devices.contains(where: { $0.state == .rolledBack }) {
                    let isUntouched = open.devices.allSatisfy { $0.state == .waiting }
                    let again =
                        open.phase == .passed
                        ? "go on although wave \(open.index) looks unwell"
                        : isUntouched
                            ? "once they answer again, go on with wave \(open.index)"
                            : "soak and judge wave \(open.index) again"
                    choices.append(("rollout resume \(id)", again))
                    if !gates.isEmpty && open.phase != .passed {
                        let names = safe(gates.map(\.rawValue).joined(separator: ","))
                        choices.append(
                            (
                                "rollout promote \(id) --override \(names) --reason \"WHY\"",
                                "go on anyway; who and why is recorded"
                            ))
                    }
                    if !isUntouched {
                        choices.append(
                            ("rollout rollback \(id) --wave \(open.index)", "put this wave back, then stay paused"))
                    }
                }
            }
            for hold in status.cohorts {
                choices.append(
                    (
                        "rollout resume \(id) --cohort \"\(safe(hold.name))\"",
                        "push to its other devices too, which were held"
                    ))
            }
            if kinds.contains(.beside) {
                choices.append(("rollout resume \(id)", "go on; what fails beside the waves was seen"))
                choices.append(
                    (
                        "rollout promote \(id) --override beside --reason \"WHY\"",
                        "go on and do not look beside this wave any more"
                    ))
            }
            if kinds.contains(.storeFull) {
                choices.append(("rollout resume \(id)", "once there is room again, go on"))
            }
            if kinds.contains(.domainHeld) {
                choices.append(("rollout resume \(id)", "once that device is proven, put back or mended, go on"))
            }
            if kinds.contains(.clockSet) {
                choices.append(("rollout resume \(id)", "once the machine's clock is right, go on"))
            }
            if kinds.contains(.lineStopped) {
                choices.append(("rollout release-the-line --reason \"WHY\"", "let every rollout go on"))
            }
            if kinds.contains(.operator) || kinds.contains(.window) || kinds.contains(.deadline) {
                choices.append(("rollout resume \(id)", "go on"))
            }
            let mayBeRetried = status.waves.flatMap(\.devices).contains {
                $0.state == .failed || $0.state == .rolledBack
            }
            if mayBeRetried, !kinds.isDisjoint(with: [.cohort, .budget, .domainHeld, .gateFailed, .gateUnclear]) {
                choices.append(("rollout retry \(id) --failed", "try failed and put-back devices again"))
            }
            if holdsChange { choices.append(("rollout rollback \(id)", "put everything back")) }
            choices.append(("rollout abort \(id)", "stop for good; what is done stays"))
        }
        var seen: Set<String> = []
        let unique = choices.filter { seen.insert($0.0).inserted }
        let width = unique.map(\.0.count).max() ?? 0
        return ["", "Your choices, each with the exact command:"] + unique.map { "  \(padded($0.0, width))   \($0.1)" }
            + (status.phase == .paused
                ? [ifNothingIsDone()] : [])
    }

    private func ifNothingIsDone() -> String {
        let timed = status.waves.flatMap(\.devices).filter { device in
            device.state != .confirmed && (device.revertsAt ?? device.revertsBy).map { $0 > status.at } == true
        }
        guard !timed.isEmpty else {
            return "If you do nothing: it stays as it is. No device reverts or changes by itself."
        }
        let names = timed.prefix(5).map { safe($0.name.rawValue) }.joined(separator: ", ")
        let more = timed.count > 5 ? " and \(timed.count - 5) more" : ""
        return "If you do nothing: \(names)\(more) reverts by itself when its timer runs out; nothing else changes."
    }

    private func clock(_ instant: Instant) -> String { String(instant.description.dropFirst(11).prefix(8)) + " UTC" }
    private func safe(_ text: String) -> String { SafeText.line(text) }
}

import RolloutEngine

/// A rollout as a tree: the waves that matter now with their devices, the others in a line each.
struct StatusScreen {
    let status: RolloutStatus
    let style: Style

    /// The lines of the screen.
    ///
    /// - Parameter estimate: The time that is probably left, if anybody can say.
    func lines(estimate: Timespan? = nil) -> [String] {
        [headline(estimate)] + waveLines() + gateLines() + noticedLines() + pauseLines() + approvalLines()
            + cohortLines() + debtLines()
            + skippedLines() + closing()
    }

    private var name: String { SafeText.line(status.title) }

    private func headline(_ estimate: Timespan?) -> String {
        let counts = status.counts
        var parts = [style.paint("\(name) \(status.id)", .strong), style.headline(status.phase)]
        let passed = status.waves.count { $0.phase == .passed }
        parts.append("\(passed)/\(status.waves.count) waves passed")
        parts.append("\(counts[.confirmed] ?? 0)/\(status.total) confirmed")
        if let rolledBack = counts[.rolledBack] { parts.append("\(rolledBack) put back") }
        if let started = status.startedAt { parts.append("elapsed \(brief((status.endedAt ?? status.at) - started))") }
        if let estimate, status.endedAt == nil { parts.append("about \(brief(estimate)) left") }
        return parts.joined(separator: "   ")
    }

    private func waveLines() -> [String] {
        var lines: [String] = []
        var waiting = 0
        for wave in status.waves {
            if wave.phase == .waiting && wave.devices.allSatisfy({ $0.state == .waiting }) {
                waiting += 1
                continue
            }
            lines.append(line(for: wave))
            let detailed = wave.phase != .passed || wave.devices.contains { $0.state != .confirmed }
            if detailed { lines += deviceLines(wave) }
        }
        if waiting > 0 {
            lines.append(
                "\(style.branch) \(style.icon(RolloutStatus.WavePhase.waiting)) \(waiting.counted("wave")) waiting"
            )
        }
        return lines
    }

    private func line(for wave: RolloutStatus.WaveStatus) -> String {
        let place = [wave.canary ? "canary" : nil, wave.range?.rawValue, wave.datacentre?.rawValue].compactMap { $0 }
        let label = "wave \(padded("\(wave.index)", 2)) \(padded(SafeText.line(place.joined(separator: " ")), 16))"
        let settled = wave.devices.count { $0.state == .confirmed }
        var text = "\(style.branch) \(style.icon(wave.phase)) \(label) \(settled)/\(wave.devices.count)   "
        switch wave.phase {
        case .waiting: text += "waiting"
        case .pushing:
            let counts = [
                ("in flight", wave.devices.count { $0.state == .pushing || $0.state == .verifying }),
                ("unknown", wave.devices.count { $0.state == .unknown }),
                ("failed", wave.devices.count { $0.state == .failed }),
            ]
            text += counts.filter { $0.1 > 0 || $0.0 == "in flight" }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
        case .soaking:
            let left = wave.soakEndsAt.map { brief($0 - status.at) } ?? ""
            text += "soaking, \(left) left"
        case .held: text += "held by its gates"
        case .passed:
            let passed = wave.verdicts.count { $0.outcome == .pass }
            text += "gates passed (\(passed) of \(wave.verdicts.count))"
            if !wave.overridden.isEmpty {
                text += ", overridden: \(SafeText.line(wave.overridden.map(\.rawValue).joined(separator: ", ")))"
            }
        case .rolledBack:
            let back = wave.devices.count { $0.state == .rolledBack }
            text += "put back \(back)/\(wave.devices.count)"
        }
        return text
    }

    private func deviceLines(_ wave: RolloutStatus.WaveStatus) -> [String] {
        var lines: [String] = []
        var waiting = 0
        for device in wave.devices {
            if device.state == .waiting && device.detail == nil {
                waiting += 1
                continue
            }
            var text =
                "\(style.twig) \(style.icon(device.state)) \(padded(SafeText.line(device.name.rawValue), 14)) \(word(device.state))"
            if let revertsAt = device.revertsAt, device.state != .confirmed, device.state != .rolledBack {
                let left = revertsAt - status.at
                text +=
                    left > .zero ? "   reverts in \(brief(left)) unless confirmed" : "   its revert timer has run out"
            }
            if let detail = device.detail, device.state != .confirmed {
                text += "   \(SafeText.line(cut(detail)))"
            }
            lines.append(text)
        }
        if waiting > 0 {
            lines.append("\(style.twig) \(style.icon(RolloutStatus.DevicePhase.waiting)) \(waiting) waiting")
        }
        return lines
    }

    /// One line has to fit a terminal; `explain` has the whole text.
    private func cut(_ text: String) -> String { text.count > 90 ? text.prefix(87) + style.ellipsis : text }

    private func word(_ state: RolloutStatus.DevicePhase) -> String {
        switch state {
        case .waiting: "waiting"
        case .pushing: "pushing"
        case .verifying: "verifying (fresh ssh)"
        case .confirmed: "confirmed"
        case .rollingBack: "being put back"
        case .rolledBack: "put back, verified"
        case .failed: "failed, as it was"
        case .unknown: "UNKNOWN"
        }
    }

    private func gateLines() -> [String] {
        guard let wave = status.waves.last(where: { !$0.verdicts.isEmpty }) else { return [] }
        let verdicts = wave.verdicts.map { verdict in
            let mark: String
            switch verdict.outcome {
            case .pass: mark = style.paint(style.ascii ? "ok" : "✔", .good)
            case .fail: mark = style.paint(style.ascii ? "FAILED" : "✖", .bad)
            case .inconclusive, .error: mark = style.paint("?", .warning)
            }
            return "\(SafeText.line(verdict.gate.rawValue)) \(mark)"
        }
        return ["gates  (wave \(wave.index)) \(verdicts.joined(separator: "  "))"]
    }

    /// What was seen of waves under way that pauses nothing.
    private func noticedLines() -> [String] {
        let open = status.waves.filter { $0.phase != .passed && $0.phase != .rolledBack }
        let noticed = open.flatMap { wave in wave.alarms.filter { $0.action == .observe }.map { (wave.index, $0) } }
        return noticed.suffix(3).map { wave, alarm in
            style.paint(
                "noticed (wave \(wave), gate \(SafeText.line(alarm.gate.rawValue))): \(SafeText.line(cut(alarm.reason)))",
                .quiet)
        }
    }

    private func pauseLines() -> [String] {
        status.pauses.map { pause in
            style.paint("|| \(pause.kind.rawValue.replacing("_", with: " ")): \(SafeText.line(pause.detail))", .warning)
        }
    }

    private func approvalLines() -> [String] {
        status.awaiting.flatMap { awaited in
            [
                style.paint(SafeText.line(awaited.words), .warning),
                "  \(awaited.command(status.id))",
            ]
        }
    }

    private func cohortLines() -> [String] {
        status.cohorts.map { hold in
            style.paint(
                "held: \(hold.waiting.count.counted("device")) with \(SafeText.line(hold.name)): "
                    + "\(hold.failed.count) of them failed", .warning)
        }
    }

    private func debtLines() -> [String] {
        guard let debt = status.debt else { return [] }
        let cap = debt.cap.map { " (at most \($0) over all rollouts)" } ?? ""
        let until = debt.until.map { "; the next peak is over at \($0.description.dropFirst(11).prefix(5)) UTC" } ?? ""
        return ["\(debt.devices.counted("device")) in debt of a peak\(cap)\(until)"]
    }

    private func skippedLines() -> [String] {
        let left = status.skipped.filter { $0.reason != .noChange }
        guard !left.isEmpty else { return [] }
        return ["left out when planned: \(left.map { SafeText.line($0.name.rawValue) }.joined(separator: ", "))"]
    }

    private func closing() -> [String] {
        var lines: [String] = []
        if let until = status.watchingUntil, until > status.at {
            lines.append(
                "Watching the fleet for \(brief(until - status.at)) more before the first wave: its gates need a before to "
                    + "compare with")
        }
        let isOpen = status.counts.contains { [.unknown, .verifying, .rollingBack, .pushing].contains($0.key) }
        if status.phase == .unattended || (status.driver == nil && isOpen) {
            lines.append(
                style.paint("Nobody drives this rollout.", .bad)
                    + " Go on with: rollout apply --resume \(status.id.number)")
        }
        if status.phase == .paused { lines.append("Why, and what to do: rollout explain \(status.id.number)") }
        return lines
    }
}

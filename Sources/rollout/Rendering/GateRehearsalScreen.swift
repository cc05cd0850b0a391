import RolloutEngine

/// What `gate rehearse` and `gate test` print.
struct GateRehearsalScreen {
    let report: GateRehearsalReport
    let rules: [GateRule]
    let waveSize: Int
    let soak: Timespan
    let devices: Int

    var lines: [String] {
        var lines = [
            "waves of \(waveSize) of \(devices) devices, soak \(soak); shares with the bounds in which they lie 19 times of 20",
            "",
        ]
        var table = TextTable([
            "made up", "fails", "cannot tell", "let through", "alarms before", "after (half, most)", "for silence",
            "only reported",
        ])
        for row in report.rows {
            let times = [row.alarmHalf, row.alarmMost].compactMap(\.self).map { "\(GateText.number($0)) s" }
            table.add([
                Self.text(row.injection), Self.text(row.failed), Self.text(row.unclear), Self.text(row.passed),
                row.alarmsOf > 0 ? "\(row.alarmed) of \(row.alarmsOf)" : "-",
                times.isEmpty ? "-" : times.joined(separator: ", "),
                row.alarmsOf > 0 ? "\(row.silent)" : "-", row.alarmsOf > 0 ? "\(row.noticed)" : "-",
            ])
        }
        lines += table.lines
        for row in report.rows where row.injection == .none {
            for gate in row.gates where gate.failed + gate.unclear > 0 {
                lines.append(
                    "  of nothing, gate \(SafeText.line(gate.name.rawValue)) failed in \(Self.percent(gate.failed)) and could not tell in \(Self.percent(gate.unclear))"
                )
            }
        }
        return lines + [""] + meaning
    }

    private var meaning: [String] {
        guard let nothing = report.rows.first(where: { $0.injection == .none }) else { return [] }
        var lines: [String] = []
        let paused = nothing.failed.share + nothing.unclear.share
        lines.append(
            paused > 0.01
                ? "These gates pause \(Self.percent(paused)) of waves for nothing: make waves larger, soak longer, or allow a larger drop."
                : "These gates paused \(Self.percent(paused)) of \(nothing.waves) waves for nothing; in truth it may be up to \(Self.percent(max(nothing.failed.high, nothing.unclear.high))): play more waves, or longer nights, to know better."
        )
        if nothing.alarmed > 0 {
            lines.append(
                "Alarms before the end of the soak were raised for nothing in \(nothing.alarmed) of \(nothing.alarmsOf) waves: plan with --history, or raise minimum_rate."
            )
        }
        for row in report.rows {
            guard case .drop(let share) = row.injection, share.fraction >= 0.5, share.fraction < 0.6 else { continue }
            lines.append(
                row.passed.share > 0.05
                    ? "They let \(Self.percent(row.passed.share)) of waves through that lost half: make waves larger, soak longer, or allow a smaller drop."
                    : "Of waves that lost half of their traffic they let \(Self.percent(row.passed.share)) through; in truth it may be up to \(Self.percent(row.passed.high))."
            )
        }
        return lines
    }

    private static func text(_ injection: GateRehearsal.Injection) -> String {
        switch injection {
        case .none: "nothing"
        case .drop(let share): "traffic -\(share)"
        case .lone(let share): "of one device -\(share)"
        case .discards(let rate): "\(GateText.number(rate)) discards/s"
        }
    }

    private static func text(_ rate: GateRehearsalReport.Rate) -> String {
        "\(percent(rate.share)) (\(percent(rate.low)) to \(percent(rate.high)))"
    }

    private static func percent(_ share: Double) -> String { "\(GateText.number((share * 1000).rounded() / 10))%" }

    /// The gates of a policy in words.
    static func words(of policy: Policy) -> [String] {
        var lines = ["before: \(policy.watch.baseline), soak \(policy.soak), read every \(policy.watch.poll)"]
        for rule in policy.gates {
            lines.append(
                "\(SafeText.line(rule.name.rawValue)): \(words(of: rule.condition)); when it fails: \(action(rule.onFail))"
            )
            guard case .traffic(let drop, _) = rule.condition else { continue }
            let usual = Detectability(
                of: [], in: nil, before: policy.watch.baseline, soak: policy.soak, poll: policy.watch.poll)
            for size in [1, 8, policy.waveSize.devices ?? 20] {
                let smallest = usual.smallestDrop(wave: size, control: max(8, size))
                lines.append(
                    "  on usual links a wave of \(size) interfaces beside \(max(8, size)) others sees \(rounded(smallest)) or more\(smallest > drop ? ": smaller ones can look like chance, it then pauses or passes by luck" : "")"
                )
            }
        }
        return lines
    }

    private static func rounded(_ share: Share) -> String { "\(Int((share.fraction * 100).rounded()))%" }

    private static func words(of condition: GateCondition) -> String {
        switch condition {
        case .traffic(let drop, let rate):
            "traffic of the wave falls by at most \(drop) against untouched devices; interfaces below \(rate.approximate) before are left out"
        case .errors(let limit): "no interface has over \(GateText.number(limit)) errors/s more than before"
        case .discards(let limit): "no interface drops over \(GateText.number(limit)) packets/s more than before"
        case .interfaces: "no interface that was up is down"
        case .reboot: "no device restarts"
        case .links: "no shared link that the wave loads is over its headroom"
        case .object(let condition): words(of: condition)
        case .tcDrops(let limit, let every):
            "no queue drops over \(GateText.number(limit)) packets/s more than before, as tc counts them, read every \(every)"
        case .utilisation(let share): "no shaped interface sends \(share) of its rate all through the soak"
        case .reachability: "every agent that answered before answers"
        case .probe(let probe, let limits): "\(words(of: probe.question)) gives a number \(words(of: limits))"
        }
    }

    private static func words(of condition: ObjectCondition) -> String {
        let numbers = condition.sources.map { $0.number.map(String.init).joined(separator: ".") }
        var parts: [String] = []
        if let limit = condition.maximumPerSecond {
            parts.append("grow by at most \(GateText.number(limit))/s more than before")
        }
        if !condition.stays.isEmpty {
            parts.append("stay in state \(condition.stays.map(String.init).joined(separator: " or "))")
        }
        if !condition.mayBe.isEmpty {
            parts.append("are in state \(condition.mayBe.map(String.init).joined(separator: " or "))")
        }
        if !condition.limits.isEmpty { parts.append("are \(words(of: condition.limits))") }
        return "objects \(numbers.joined(separator: ", or ")) \(parts.joined(separator: " and "))"
    }

    private static func words(of question: Probe.Question) -> String {
        switch question {
        case .prometheus(let url, _): "a query to \(SafeText.line(url))"
        case .http(let url, _, _): "\(SafeText.line(url))"
        case .sql: "a query to a database"
        case .command(let words): "the program \(SafeText.line(words.first ?? ""))"
        }
    }

    private static func words(of limits: ValueLimits) -> String {
        func text(_ step: ValueLimits.Step) -> String {
            switch step {
            case .amount(let amount): GateText.number(amount)
            case .share(let share): "\(share)"
            }
        }
        let parts = [
            limits.maximum.map { "at most \(GateText.number($0))" },
            limits.minimum.map { "at least \(GateText.number($0))" },
            limits.maximumRise.map { "at most \(text($0)) above before" },
            limits.maximumFall.map { "at most \(text($0)) below before" },
        ].compactMap(\.self)
        return parts.joined(separator: ", ")
    }

    private static func action(_ action: GateAction) -> String {
        switch action {
        case .observe: "it is written down"
        case .pause: "the rollout pauses"
        case .rollBack: "the wave is put back"
        }
    }
}

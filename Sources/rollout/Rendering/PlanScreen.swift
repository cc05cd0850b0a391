import RolloutEngine

/// A plan as people read it: identical differences grouped, then the waves, then what keeps it safe.
struct PlanScreen {
    let plan: Plan
    let style: Style

    /// The lines of the screen.
    func lines(diffs shown: Int = 3) -> [String] {
        summary() + [""] + diffSection(limit: shown) + [""] + waveSection() + [""] + safetySection() + closing()
    }

    private var targets: [PlannedDevice] { plan.devices.filter { $0.target != nil } }

    private func summary() -> [String] {
        var perDatacentre: [DatacentreName: Int] = [:]
        for planned in targets { perDatacentre[planned.device.datacentre, default: 0] += 1 }
        let places = plan.datacentres.map { "\(SafeText.line($0.name.rawValue)) \(perDatacentre[$0.name] ?? 0)" }
        return [
            style.paint("change \(SafeText.line(plan.change.name))", .strong)
                + " \(style.dot) inventory \(SafeText.line(plan.inventory)) \(style.dot) \(targets.count) to change"
                + (places.isEmpty ? "" : " (\(places.joined(separator: ", ")))")
        ]
    }

    // MARK: Differences

    private func groups() -> DiffGroups {
        var groups = DiffGroups()
        for planned in targets {
            guard let target = planned.target else { continue }
            groups.add(
                ConfigDiff(from: target.base, to: target.desired), of: planned.device.name,
                on: planned.device.platform)
        }
        return groups
    }

    private func diffSection(limit: Int) -> [String] {
        var lines = groups().lines(limit: limit, style: style, theRest: "rollout show PLAN --diff all")
        for reason in [SkippedDevice.Reason.noChange, .unreachable, .refused] {
            let skipped = plan.skipped.filter { $0.reason == reason }
            guard !skipped.isEmpty else { continue }
            let title: String
            switch reason {
            case .noChange: title = "No change"
            case .unreachable: title = style.paint("Unreachable", .warning)
            case .refused: title = style.paint("Left out", .warning)
            }
            lines.append("\(title)  \(skipped.count)   \(names(skipped.map(\.name)))")
            guard reason != .noChange else { continue }
            for device in skipped.prefix(10) {
                lines.append("  \(SafeText.line(device.name.rawValue)): \(SafeText.line(device.detail))")
            }
        }
        return lines
    }

    private func names(_ devices: [DeviceName]) -> String { DiffGroups.names(devices, style) }

    // MARK: Waves

    private func waveSection() -> [String] {
        guard !plan.waves.isEmpty else { return ["Waves  none: there is nothing to change"] }
        var lines = [style.paint("Waves                       devices  parallel  soak   bound by", .strong)]
        for wave in plan.waves {
            let place = [wave.range?.rawValue, wave.datacentre?.rawValue].compactMap { $0 }.map { SafeText.line($0) }
            let label =
                "\(padded("\(wave.index)", 3, left: true)) \(padded(wave.canary ? "canary" : "", 7))"
                + padded(place.joined(separator: " "), 14)
            let parallel = min(
                wave.devices.count, plan.policy.inFlight.overall, plan.policy.inFlight.perDatacentre ?? .max)
            lines.append(
                "\(label)  \(padded("\(wave.devices.count)", 8, left: true))  \(padded("\(parallel)", 8, left: true))  "
                    + "\(padded(brief(wave.soak), 5, left: true))  \(binding(wave))")
        }
        return lines
    }

    private func binding(_ wave: Wave) -> String {
        var text: String
        switch wave.binding {
        case .none: text = "-"
        case .canary: text = "canary"
        case .waveSize(let devices): text = "wave size \(devices)"
        case .waveShare(let share, let devices):
            text = "wave share \(share) (\(devices.counted("device")))"
        case .peakDebt(let cap): text = "at most \(cap) in debt of their peak"
        case .isolation(let domain): text = "\(SafeText.line(domain.kind)) isolation"
        }
        if let tightest = wave.predicted.max(by: { percent($0) < percent($1) }) {
            let cap = plan.policy.headroom.cap(of: tightest.link)
            text +=
                " \(style.dot) link \(SafeText.line(tightest.link.rawValue)) \(Int(percent(tightest).rounded()))% of \(cap)"
        }
        return text
    }

    /// The predicted load as a share of the link's capacity, in percent.
    private func percent(_ prediction: LinkPrediction) -> Double {
        guard let link = plan.links.first(where: { $0.link.name == prediction.link }), link.link.capacity > .zero else {
            return 0
        }
        return Double(prediction.load.value) / Double(link.link.capacity.value) * 100
    }

    // MARK: Safety

    /// The smallest drop of traffic that each soak can tell from chance, and what would help where that is not enough.
    private var detectability: [String] {
        let drops = plan.policy.gates.compactMap { rule -> Share? in
            if case .traffic(let drop, _) = rule.condition { drop } else { nil }
        }
        let interfaces = Dictionary(
            plan.devices.map { ($0.device.name, $0.device.interfaces.count) }, uniquingKeysWith: { first, _ in first })
        let seen = plan.waves.filter { !$0.canary }.map { sight($0, interfaces) }.sorted { $0.smallest > $1.smallest }
        guard let allowed = drops.min(), let worst = seen.first, let best = seen.last else { return [] }
        func percent(_ share: Share) -> String { "\(Int((share.fraction * 100).rounded()))%" }
        func text(_ sight: Sight) -> String {
            "\(percent(sight.smallest)) in \(sight.wave.soak) on \(sight.interfaces.counted("interface"))"
        }
        let basis =
            worst.known.isMeasured
            ? "by the history of these devices"
            : "by what is usual: give --history, and see rollout gate rehearse"
        var lines = [
            "         smallest drop the soaks can see, read every \(plan.policy.watch.poll): \(text(worst))"
                + (text(best) == text(worst)
                    ? "" : " (wave \(worst.wave.index)) to \(text(best)) (wave \(best.wave.index))")
                + ", \(basis)"
        ]
        if worst.smallest > allowed {
            let others = plan.devices.count
            let each = max(1, worst.interfaces / max(1, worst.wave.devices.count))
            let size = worst.known.waveSize(toSee: allowed, control: max(1, worst.others)).map {
                ($0 + each - 1) / each
            }
            let remedy =
                size.map { $0 < others ? "make waves of \($0)" : "watch more devices beside" }
                ?? "watch more devices beside"
            lines.append(
                style.paint(
                    "Warning  wave \(worst.wave.index) is too small to see a drop of \(percent(allowed)): \(remedy), or soak longer and rehearse it",
                    .warning))
        }
        return lines
    }

    /// What the soak of a wave can see.
    private struct Sight {
        var wave: Wave
        var interfaces: Int
        var others: Int
        var known: Detectability
        var smallest: Share { known.smallestDrop(wave: interfaces, control: others) }
    }

    private func sight(_ wave: Wave, _ interfaces: [DeviceName: Int]) -> Sight {
        let own = wave.devices.reduce(0) { $0 + (interfaces[$1] ?? 0) }
        let known = Detectability(
            of: wave.devices, in: plan.history, before: plan.policy.watch.baseline, soak: wave.soak,
            poll: plan.policy.watch.poll)
        return Sight(wave: wave, interfaces: own, others: interfaces.values.reduce(0, +) - own, known: known)
    }

    private func safetySection() -> [String] {
        let policy = plan.policy
        var lines = [
            style.paint("Safety", .strong)
                + "   revert timer on \(targets.count - plan.withoutRevertTimer.count) of \(targets.count) devices, \(policy.revertTimer)",
            "         gates after each wave: "
                + policy.gates.map { "\(SafeText.line($0.name.rawValue)) (\(action($0.onFail)))" }.joined(
                    separator: ", "),
        ]
        lines += RevertTimerText.lines(of: plan, style).map { "         " + $0 }
        lines += (policy.approvals ?? []).map { "         approval \(SafeText.line($0.words))" }
        for link in plan.links {
            guard let measured = link.measured, let predicted = link.predicted else { continue }
            lines.append(
                "         link \(SafeText.line(link.link.name.rawValue)): \(measured.approximate) now, "
                    + "\(predicted.approximate) predicted, \(link.cap.approximate) allowed")
        }
        lines += detectability
        for warning in plan.warnings { lines.append(style.paint("Warning  \(SafeText.line(warning))", .warning)) }
        return lines
    }

    private func action(_ action: GateAction) -> String {
        switch action {
        case .observe: "only observed"
        case .pause: "pauses"
        case .rollBack: "rolls back"
        }
    }

    private func closing() -> [String] {
        let count = { (reason: SkippedDevice.Reason) in plan.skipped.count { $0.reason == reason } }
        return [
            style.paint(
                "Plan: \(targets.count) change, \(count(.noChange)) no change, \(count(.unreachable)) unreachable, "
                    + "\(count(.refused)) left out. \(plan.waves.count) waves, about \(brief(PlanDuration.estimate(plan))).",
                .strong)
        ]
    }
}
